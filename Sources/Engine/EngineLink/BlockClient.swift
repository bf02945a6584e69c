internal import BlockExchange
package import Staging

/// Fetches blocks from the `BlockServer`s of an application's processes.
package struct BlockClient: Sendable {
    private let transfers: Transfers
    private let impatient: Transfers
    private let secret: ApplicationSecret

    package init(secret: ApplicationSecret) {
        self.secret = secret
        var settings = TransferSettings()
        settings.firstPause = .milliseconds(100)
        settings.pauseMaximum = .seconds(2)
        self.transfers = Transfers(settings: settings)
        settings.attemptsMaximum = 1
        self.impatient = Transfers(settings: settings)
    }

    /// The whole block; blocks until it is here.
    /// - Parameter isPatient: false tries once only, where there is another way.
    package func fetch(
        _ name: String,
        from host: String,
        port: Int,
        isPatient: Bool = true
    ) throws(TransferFailure) -> [UInt8] {
        let path = BlockServer.prefix + name
        let signature = BlockSignature.text(for: path, self.secret.password)
        return try (isPatient ? self.transfers : self.impatient).content(
            of: ResourceLocation(scheme: "http", host: host, port: port, path: path),
            headers: [(BlockSignature.header, signature)]
        )
    }
}
