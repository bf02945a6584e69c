internal import EngineLink

/// What a task's result is known by that its executor keeps for the driver: it comes over HTTP, where its bytes are checked by
/// nobody else.
struct LargeResult: Codable, Hashable, Sendable {
    var count: Int
    var checksum: UInt32

    /// A result that was damaged on its way is fetched so often before its task runs again; a line that broke is the client's.
    private static let fetchesMaximum = 3

    init(count: Int, checksum: UInt32) {
        self.count = count
        self.checksum = checksum
    }

    init(of bytes: [UInt8]) {
        var checksum = Checksum()
        checksum.add(bytes)
        self.init(count: bytes.count, checksum: checksum.value)
    }

    /// Why a result that came is not the one that was made.
    struct Damage: Error, CustomStringConvertible {
        var description: String
    }

    /// Blocks until it is here and is what the executor made.
    func fetch(_ name: String, from server: OutputPlaces.Server, _ client: BlockClient) throws -> [UInt8] {
        var found = self
        for _ in 0..<Self.fetchesMaximum {
            let bytes = try client.fetch(name, from: server.host, port: server.port)
            found = LargeResult(of: bytes)
            if found == self { return bytes }
        }
        throw Damage(
            description: """
                executor \(server.executor) at \(server.host):\(server.port) made \(self.count) bytes with the checksum \
                \(self.checksum), and \(Self.fetchesMaximum) times others came, at last \(found.count) with \(found.checksum)
                """
        )
    }
}
