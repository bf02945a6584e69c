internal import ApplicationMaster
internal import Logging

/// What an application's processes say of their own work on standard error, from the level on that `spark.log.level` names.
enum EngineLog {
    /// - Parameter label: which process speaks.
    /// - Throws: where the property names no level of Spark's.
    static func logger(_ label: String, _ properties: EngineProperties) throws(EngineProperties.Unusable) -> Logger {
        var logger = Logger(label: label)
        switch try properties.word(.logLevel) {
        case "ALL", "TRACE": logger.logLevel = .trace
        case "DEBUG": logger.logLevel = .debug
        case "INFO": logger.logLevel = .info
        case "WARN": logger.logLevel = .warning
        case "ERROR": logger.logLevel = .error
        case "FATAL": logger.logLevel = .critical
        case "OFF": return Logger(label: label) { _ in SwiftLogNoOpLogHandler() }
        default: break
        }
        return logger
    }
}
