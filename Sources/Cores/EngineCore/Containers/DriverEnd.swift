/// What a driver that ends without success leaves as its application's diagnostics.
package enum DriverEnd {
    /// - Parameters:
    ///   - failure: of its last job, if that failed.
    ///   - lastWords: the end of its standard error, where nobody sees that.
    package static func diagnostics(exitCode: Int, failure: String?, lastWords: String = "") -> String {
        var text = "the driver ended with exit code \(exitCode)"
        // Most programs print why a job failed before they end.
        if let failure, !lastWords.contains(failure) { text += ": \(failure)" }
        if !lastWords.isEmpty { text += "\nThe end of its standard error:\n\(lastWords)" }
        return text
    }
}
