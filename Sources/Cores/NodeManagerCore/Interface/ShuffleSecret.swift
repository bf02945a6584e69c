package import ClusterModel

/// What an application's executors sign their requests with: whoever knows it gets the application's shuffle files.
package struct ShuffleSecret: Sendable, Hashable {
    package var application: ApplicationID
    package var password: [UInt8]

    package init(application: ApplicationID, password: [UInt8]) {
        self.application = application
        self.password = password
    }
}

extension ShuffleSecret: CustomStringConvertible {
    /// Without the password: it must not reach a log.
    package var description: String { "secret of \(self.application)" }
}

extension NodeManagerSettings {
    /// The service that serves shuffle files of executors that have left, in yarn.nodemanager.aux-services.
    package static let heddleShuffle = "heddle_shuffle"
}
