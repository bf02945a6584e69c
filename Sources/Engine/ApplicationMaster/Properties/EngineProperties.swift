package import Staging

/// What an application was submitted with: `spark.*` properties, where they mean the same here.
package struct EngineProperties: Hashable, Sendable {
    /// All of them, those too that nobody here reads.
    package private(set) var values: [String: String]

    /// The variable that hands properties to the processes of an application, a line each.
    package static let variable = "HEDDLE_PROPERTIES"

    package init(_ values: [String: String] = [:]) { self.values = values }

    /// Reads `NAME=VALUE` lines, as `text` writes them.
    package init(text: String) {
        self.values = [:]
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            self.values[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
    }

    /// Line ends cannot be part of a value.
    package var text: String {
        self.values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.filter { $0 != "\n" })" }
            .joined(separator: "\n")
    }

    /// As it was given.
    package subscript(property: EngineProperty) -> String? {
        get { self.values[property.name] }
        set { self.values[property.name] = newValue }
    }

    package mutating func merge(_ others: [String: String]) { self.values.merge(others) { $1 } }

    /// A property that cannot be used.
    package struct Unusable: Error, CustomStringConvertible, Equatable {
        package var description: String
        /// Those whose values are at fault.
        package var properties: [EngineProperty]

        package init(_ properties: [EngineProperty] = [], _ description: String) {
            self.description = description
            self.properties = properties
        }
    }

    /// - Returns: nil for what is not set.
    private func value(of property: EngineProperty) throws(Unusable) -> PropertyForm.Value? {
        guard let text = self[property] else { return nil }
        guard let value = property.form.value(text) else {
            throw Unusable([property], "\(property.name)=\(text) \(property.form.refusal)")
        }
        return value
    }

    /// Those whose values are not of their forms.
    var malformed: [Unusable] {
        EngineProperty.allCases.compactMap { property -> Unusable? in
            do throws(Unusable) {
                _ = try self.value(of: property)
                return nil
            } catch {
                return error
            }
        }
    }

    // Readers. Whether a property has the form that one is for does not hang on whether it is set: so no test misses it.

    private static func misread(_ property: EngineProperty) -> Unusable {
        Unusable([property], "\(property.name) is read as what it is not")
    }

    package func count(_ property: EngineProperty, default standard: Int) throws(Unusable) -> Int {
        guard case .count = property.form else { throw Self.misread(property) }
        guard case .count(let number)? = try self.value(of: property) else { return standard }
        return number
    }

    package func flag(_ property: EngineProperty, default standard: Bool) throws(Unusable) -> Bool {
        guard case .flag = property.form else { throw Self.misread(property) }
        guard case .flag(let flag)? = try self.value(of: property) else { return standard }
        return flag
    }

    package func word(_ property: EngineProperty) throws(Unusable) -> String? {
        guard case .word = property.form else { throw Self.misread(property) }
        guard case .text(let word)? = try self.value(of: property) else { return nil }
        return word
    }

    package func share(_ property: EngineProperty, default standard: Double) throws(Unusable) -> Double {
        guard case .share = property.form else { throw Self.misread(property) }
        guard case .number(let share)? = try self.value(of: property) else { return standard }
        return share
    }

    /// A factor such as `1.5`, in thousandths.
    package func perMille(_ property: EngineProperty, default standard: Int64) throws(Unusable) -> Int64 {
        guard case .factor = property.form else { throw Self.misread(property) }
        guard case .number(let number)? = try self.value(of: property) else { return standard }
        return Int64((number * 1000).rounded())
    }

    package func time(_ property: EngineProperty, default standard: Duration) throws(Unusable) -> Duration {
        try self.time(property) ?? standard
    }

    package func time(_ property: EngineProperty) throws(Unusable) -> Duration? {
        guard case .time = property.form else { throw Self.misread(property) }
        guard case .time(let time)? = try self.value(of: property) else { return nil }
        return time
    }

    package func bytes(_ property: EngineProperty, default standard: Int64) throws(Unusable) -> Int64 {
        guard case .size = property.form else { throw Self.misread(property) }
        guard case .size(let bytes)? = try self.value(of: property) else { return standard }
        return bytes
    }

    package func mebibytes(_ property: EngineProperty, default standard: Int64) throws(Unusable) -> Int64 {
        try self.bytes(property, default: standard << 20) >> 20
    }

    package func place(_ property: EngineProperty) throws(Unusable) -> ResourceLocation? {
        switch property.form {
        case .url, .place: break
        default: throw Self.misread(property)
        }
        guard case .place(let place)? = try self.value(of: property) else { return nil }
        return place
    }
}

extension EngineProperties {
    /// How many executors may fail before an application is given up (`spark.executor.maxNumFailures`); nil where that follows
    /// from how many are wanted.
    package var executorFailuresMaximum: Int? {
        get throws(Unusable) {
            let count = try self.count(.executorFailures, default: 0)
            return count > 0 ? count : nil
        }
    }

    /// How long another process of the application may be silent before it counts as lost (`spark.network.timeout`).
    package var networkTimeout: Duration {
        get throws(Unusable) { try self.time(.networkTimeout, default: .seconds(120)) }
    }

    /// How often an executor says that it is there (`spark.executor.heartbeatInterval`).
    package var heartbeatInterval: Duration {
        get throws(Unusable) { try self.time(.executorHeartbeat, default: .seconds(10)) }
    }
}
