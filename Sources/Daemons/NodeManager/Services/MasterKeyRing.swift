import HadoopProtos
import HadoopRPC
import HadoopWire
import Synchronization

import struct Foundation.Data

/// The keys that the ResourceManager signs container and NM tokens with: the newest it sent and the one before, whose
/// tokens are still about.
final class MasterKeyRing: Sendable {
    private struct Keys {
        var current: MasterKey?
        var previous: MasterKey?

        mutating func update(_ key: MasterKey) {
            guard key != self.current else { return }
            self.previous = self.current
            self.current = key
        }

        func key(_ id: Int32) -> MasterKey? {
            if let current, current.id == id { return current }
            if let previous, previous.id == id { return previous }
            return nil
        }
    }

    private let keys = Mutex((container: Keys(), node: Keys()))

    /// Takes the keys of a registration's or heartbeat's answer; absent ones stay as they are.
    func update(container: MasterKeyProto?, node: MasterKeyProto?) {
        self.keys.withLock { keys in
            if let container { keys.container.update(MasterKey(container)) }
            if let node { keys.node.update(MasterKey(node)) }
        }
    }

    func containerKey(_ id: Int32) -> MasterKey? { self.keys.withLock { $0.container.key(id) } }
    func nodeKey(_ id: Int32) -> MasterKey? { self.keys.withLock { $0.node.key(id) } }

    /// What heartbeats say that this node knows.
    var lastKnown: (container: MasterKeyProto?, node: MasterKeyProto?) {
        self.keys.withLock { ($0.container.current?.proto, $0.node.current?.proto) }
    }

    /// Everything, oldest first, to be stored for the next start.
    var stored: (container: [MasterKey], node: [MasterKey]) {
        self.keys.withLock { keys in
            (
                [keys.container.previous, keys.container.current].compactMap { $0 },
                [keys.node.previous, keys.node.current].compactMap { $0 }
            )
        }
    }
}

extension MasterKey {
    init(_ proto: MasterKeyProto) {
        self.init(id: proto.keyID, bytes: Array(proto.bytes))
    }

    var proto: MasterKeyProto {
        var proto = MasterKeyProto()
        proto.keyID = self.id
        proto.bytes = Data(self.bytes)
        return proto
    }
}
