/// What an application was submitted with: `spark.*` properties, where they mean the same here.
package struct EngineProperties: Hashable, Sendable {
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

    package subscript(name: String) -> String? {
        get { self.values[name] }
        set { self.values[name] = newValue }
    }

    /// A property that cannot be used.
    package struct Unusable: Error, CustomStringConvertible, Equatable {
        package var description: String

        package init(description: String) { self.description = description }
    }

    package func count(_ name: String, default standard: Int) throws(Unusable) -> Int {
        guard let text = self.values[name] else { return standard }
        guard let number = Int(text), number >= 0 else {
            throw Unusable(description: "\(name)=\(text) is no number; accepted: 0, 1, 2 and so on")
        }
        return number
    }

    package func flag(_ name: String, default standard: Bool) throws(Unusable) -> Bool {
        guard let text = self.values[name] else { return standard }
        guard let flag = Bool(text.lowercased()) else {
            throw Unusable(description: "\(name)=\(text) is neither true nor false")
        }
        return flag
    }

    /// A part of something, above 0 and up to 1.
    package func share(_ name: String, default standard: Double) throws(Unusable) -> Double {
        guard let text = self.values[name] else { return standard }
        guard let share = Double(text), share > 0, share <= 1 else {
            throw Unusable(
                description: "\(name)=\(text) is no part of a whole; accepted: above 0 and up to 1, as in 0.6"
            )
        }
        return share
    }

    /// How long another process of the application may be silent before it counts as lost (`spark.network.timeout`).
    package var networkTimeout: Duration {
        get throws(Unusable) { try self.time("spark.network.timeout", default: .seconds(120), unit: .seconds(1)) }
    }

    /// A time such as `500ms`, `3s`, `2min`, `1h` or `1d`.
    /// - Parameter unit: what a bare number counts: Spark has milliseconds for some and seconds for others.
    package func time(_ name: String, default standard: Duration, unit: Duration) throws(Unusable) -> Duration {
        guard let text = self.values[name] else { return standard }
        guard let time = Self.time(text, unit: unit) else {
            throw Unusable(
                description: "\(name)=\(text) is no time; accepted: a number and ms, s, min, h or d, as in 500ms or 10s"
            )
        }
        return time
    }

    /// - Returns: nil for what is no time.
    package static func time(_ text: String, unit: Duration) -> Duration? {
        let lower = text.lowercased().filter { $0 != " " }
        let digits = lower.prefix { $0.isASCII && $0.isNumber }
        // Beyond a thousand years sums of times would overflow.
        guard let number = Int64(digits), number <= 1 << 45 else { return nil }
        let one: Duration
        switch lower.dropFirst(digits.count) {
        case "": one = unit
        case "us": one = .microseconds(1)
        case "ms": one = .milliseconds(1)
        case "s": one = .seconds(1)
        case "m", "min": one = .seconds(60)
        case "h": one = .seconds(3600)
        case "d": one = .seconds(86_400)
        default: return nil
        }
        let seconds = Double(number) * (Double(one.components.seconds) + Double(one.components.attoseconds) / 1e18)
        return seconds < 3e10 ? one * Int(number) : nil
    }

    /// MiB of a size such as `512m` or `15g`; a bare number counts MiB, as Spark has it.
    package func mebibytes(_ name: String, default standard: Int64) throws(Unusable) -> Int64 {
        guard let text = self.values[name] else { return standard }
        guard let size = Self.mebibytes(text) else {
            throw Unusable(
                description: "\(name)=\(text) is no size; accepted: a number and k, m, g or t, as in 512m or 15g"
            )
        }
        return size
    }

    /// - Returns: nil for what is no size, or less than one MiB.
    package static func mebibytes(_ text: String) -> Int64? {
        let lower = text.lowercased().filter { $0 != " " }
        let digits = lower.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits) else { return nil }
        let factor: (multiply: Int64, divide: Int64)
        switch lower.dropFirst(digits.count) {
        case "", "m", "mb", "mib": factor = (1, 1)
        case "b": factor = (1, 1 << 20)
        case "k", "kb", "kib": factor = (1, 1 << 10)
        case "g", "gb", "gib": factor = (1 << 10, 1)
        case "t", "tb", "tib": factor = (1 << 20, 1)
        default: return nil
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor.multiply)
        let size = product / factor.divide
        return overflow || size < 1 ? nil : size
    }
}

extension EngineProperties {
    /// How many executors may fail before an application is given up (`spark.executor.maxNumFailures`); nil where that follows
    /// from how many are wanted.
    package var executorFailuresMaximum: Int? {
        get throws(Unusable) {
            let count = try self.count("spark.executor.maxNumFailures", default: 0)
            return count > 0 ? count : nil
        }
    }
}

/// What the processes of an application are sized by.
package struct EngineSizes: Hashable, Sendable {
    /// `spark.executor.instances`
    package var executors: Int
    /// `spark.executor.cores`
    package var executorCores: Int
    /// `spark.executor.memory` and its overhead.
    package var executorMemory: Int64
    /// `spark.driver.memory` and its overhead in cluster mode, `spark.yarn.am.memory` and its own in client mode.
    package var masterMemory: Int64
    package var masterCores: Int

    /// Spark's `spark.executor.memoryOverheadFactor`, and the least of it in MiB.
    private static let overheadShare: Int64 = 10
    private static let overheadMinimum: Int64 = 384

    package init(_ properties: EngineProperties, isCluster: Bool) throws(EngineProperties.Unusable) {
        self.executors = try properties.count("spark.executor.instances", default: 2)
        self.executorCores = max(1, try properties.count("spark.executor.cores", default: 1))
        self.executorMemory = try Self.memory("spark.executor", Self.executorStandard, properties)
        if isCluster {
            self.masterMemory = try Self.memory("spark.driver", 1024, properties)
            self.masterCores = max(1, try properties.count("spark.driver.cores", default: 1))
        } else {
            self.masterMemory = try Self.memory("spark.yarn.am", 512, properties)
            self.masterCores = max(1, try properties.count("spark.yarn.am.cores", default: 1))
        }
    }

    /// `spark.executor.memory`, in MiB: what an executor's tasks and kept blocks are to do with.
    package static func executorHeap(_ properties: EngineProperties) throws(EngineProperties.Unusable) -> Int64 {
        try properties.mebibytes("spark.executor.memory", default: Self.executorStandard)
    }

    private static let executorStandard: Int64 = 1024

    private static func memory(
        _ prefix: String,
        _ standard: Int64,
        _ properties: EngineProperties
    ) throws(EngineProperties.Unusable) -> Int64 {
        let memory = try properties.mebibytes("\(prefix).memory", default: standard)
        let overhead = max(memory / Self.overheadShare, Self.overheadMinimum)
        return memory + (try properties.mebibytes("\(prefix).memoryOverhead", default: overhead))
    }
}
