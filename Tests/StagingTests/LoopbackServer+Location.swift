import TestSupport

@testable import Staging

extension LoopbackServer {
    func location(_ path: String, userInfo: String? = nil) -> ResourceLocation {
        ResourceLocation(scheme: "http", host: "127.0.0.1", port: self.port, path: path, userInfo: userInfo)
    }

    /// The same as a file of WebHDFS.
    func webHDFS(_ path: String) -> ResourceLocation {
        ResourceLocation(scheme: "webhdfs", host: "127.0.0.1", port: self.port, path: path)
    }
}
