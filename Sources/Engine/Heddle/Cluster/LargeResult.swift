internal import EngineLink

/// What a task's result is known by that its executor keeps for the driver: it comes over HTTP, where its bytes are checked by
/// nobody else.
struct LargeResult: Codable, Hashable, Sendable {
    var count: Int
    var checksum: UInt32

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
        let bytes = try client.proved(name, from: server.host, port: server.port) { bytes in
            found = LargeResult(of: bytes)
            return found == self
        }
        if let bytes { return bytes }
        throw Damage(
            description: """
                executor \(server.executor) at \(server.host):\(server.port) made \(self.count) bytes with the checksum \
                \(self.checksum), and \(BlockClient.fetchesMaximum) times others came, at last \(found.count) with \(found.checksum)
                """
        )
    }
}

extension BlockClient {
    /// What is damaged on its way is fetched so often before its task fails; a line that breaks is mended by each fetch itself.
    static let fetchesMaximum = 3

    /// - Returns: nil where each time something else came.
    func proved(
        _ name: String,
        from host: String,
        port: Int,
        _ isRight: ([UInt8]) -> Bool
    ) throws -> [UInt8]? {
        for _ in 0..<Self.fetchesMaximum {
            let bytes = try self.fetch(name, from: host, port: port)
            if isRight(bytes) { return bytes }
        }
        return nil
    }
}
