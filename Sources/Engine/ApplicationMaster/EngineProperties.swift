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
        self.executorMemory = try Self.memory("spark.executor", 1024, properties)
        if isCluster {
            self.masterMemory = try Self.memory("spark.driver", 1024, properties)
            self.masterCores = max(1, try properties.count("spark.driver.cores", default: 1))
        } else {
            self.masterMemory = try Self.memory("spark.yarn.am", 512, properties)
            self.masterCores = max(1, try properties.count("spark.yarn.am.cores", default: 1))
        }
    }

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
