/// The protocols of one port by name.
struct ServiceTable: Sendable {
    private let services: [String: any RPCService]

    init(_ services: [any RPCService]) {
        self.services = Dictionary(services.map { ($0.protocolName, $0) }) { first, _ in first }
    }

    /// The service that answers calls of this protocol and version.
    func service(_ protocolName: String, version: UInt64) throws(RPCFailure) -> any RPCService {
        guard let service = self.services[protocolName] else { throw .noSuchProtocol(protocolName) }
        guard service.protocolVersion == version else {
            throw .versionMismatch(protocolName: protocolName, client: version, server: service.protocolVersion)
        }
        return service
    }
}
