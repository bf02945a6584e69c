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

        /// - Returns: whether the key is new.
        mutating func update(_ key: MasterKey) -> Bool {
            guard key != self.current else { return false }
            self.previous = self.current
            self.current = key
            return true
        }

        func key(_ id: Int32) -> MasterKey? {
            if let current, current.id == id { return current }
            if let previous, previous.id == id { return previous }
            return nil
        }
    }

    private let keys = Mutex((container: Keys(), node: Keys()))

    private let observer = Mutex<(@Sendable () -> Void)?>(nil)

    private let hasHeard = Atomic(false)

    /// Whether this node is registered with the ResourceManager that it last heard of. Before, a token by an unknown key says
    /// only that keys are on their way: containers may be placed here before the answer to the registration has come.
    var areCurrent: Bool { self.hasHeard.load(ordering: .acquiring) }

    /// Takes the keys of a registration's or heartbeat's answer; absent ones stay as they are.
    func update(container: MasterKeyProto?, node: MasterKeyProto?) {
        self.take(container: container, node: node)
        self.hasHeard.store(true, ordering: .releasing)
    }

    /// This node is to register again, with a ResourceManager that may sign with other keys.
    func expectOthers() { self.hasHeard.store(false, ordering: .releasing) }

    /// Takes keys that were stored before a restart.
    func restore(container: MasterKeyProto?, node: MasterKeyProto?) { self.take(container: container, node: node) }

    private func take(container: MasterKeyProto?, node: MasterKeyProto?) {
        let isChanged = self.keys.withLock { keys in
            let isNewContainerKey = container.map { keys.container.update(MasterKey($0)) } ?? false
            let isNewNodeKey = node.map { keys.node.update(MasterKey($0)) } ?? false
            return isNewContainerKey || isNewNodeKey
        }
        if isChanged { self.observer.withLock { $0 }?() }
    }

    /// Calls `observer` after each change, on the thread that made it.
    func whenChanged(_ observer: @escaping @Sendable () -> Void) {
        self.observer.withLock { $0 = observer }
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
