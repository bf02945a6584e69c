internal import Synchronization

/// A value that is sent once to each executor, however many datasets and tasks use it. Spark's broadcast variable.
///
/// What is handed over with `with:` travels once to each executor too. A broadcast is worth its name where one large value is
/// handed over together with others that change:
///
/// ```swift
/// let airlines = context.broadcast(names)
/// flights.map(with: Pair(airlines, month)) { given, flight in given.key.value[flight.carrier] ?? "unknown" }
/// ```
public struct Broadcast<Value: Codable & Sendable & SendableMetatype>: Sendable {
    private let digest: Digest
    /// At the driver.
    private let origin: BroadcastOrigin?
    private let original: Decoded<Value>?

    init(_ value: Value) throws {
        let origin = BroadcastOrigin(Parameter(bytes: try Portable.encode(value)))
        self.digest = origin.digest
        self.origin = origin
        self.original = Decoded(value)
    }

    /// The value; in a task it is decoded once for all tasks of the executor.
    public var value: Value {
        if let original = self.original { return original.value }
        guard let task = TaskScope.current else {
            preconditionFailure("a broadcast that was handed to a task was read on a thread that runs none")
        }
        do {
            let box = try task.value(self.digest).decoded(as: ObjectIdentifier(Value.self)) { bytes in
                Decoded(try Portable.decode(Value.self, from: bytes))
            }
            return unsafe unsafeDowncast(box, to: Decoded<Value>.self).value
        } catch {
            // The handle was decoded by this task, which holds what its plan names.
            preconditionFailure("a broadcast that was handed to a task cannot be read: \(error)")
        }
    }

    func onForget(_ forget: @escaping @Sendable (Digest) -> Void) { self.origin?.onForget(forget) }

    /// Lets executors forget the value. Where it is used again it is sent again.
    public func unpersist() { self.origin?.forget() }

    /// Lets executors forget the value for good. An action that needs it afterwards is refused.
    public func destroy() { self.origin?.destroy() }
}

extension Broadcast: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self.digest = try container.decode(Digest.self)
        self.origin = nil
        self.original = nil
    }

    public func encode(to encoder: any Encoder) throws {
        guard let origin = self.origin, HandedBroadcasts.note(origin) else {
            throw EncodingError.invalidValue(
                self,
                EncodingError.Context(
                    codingPath: encoder.codingPath,
                    debugDescription: "a broadcast is handed over at the driver, with: it; it is no element or result"
                )
            )
        }
        var container = encoder.singleValueContainer()
        try container.encode(self.digest)
    }
}

/// What the driver keeps of a broadcast.
final class BroadcastOrigin: Sendable {
    private struct State {
        var parameter: Parameter?
        var forgetters: [@Sendable (Digest) -> Void] = []
    }

    let digest: Digest
    private let state: Mutex<State>

    init(_ parameter: Parameter) {
        self.digest = parameter.digest
        self.state = Mutex(State(parameter: parameter))
    }

    /// nil when it was destroyed.
    var parameter: Parameter? { self.state.withLock { $0.parameter } }

    /// Notes who is to be told that the value is to be forgotten.
    func onForget(_ forget: @escaping @Sendable (Digest) -> Void) {
        self.state.withLock { $0.forgetters.append(forget) }
    }

    func forget() { for forget in self.state.withLock({ $0.forgetters }) { forget(self.digest) } }

    func destroy() {
        self.state.withLock { $0.parameter = nil }
        self.forget()
    }
}

/// The broadcasts that a value holds, found out while the value is encoded.
@usableFromInline enum HandedBroadcasts {
    private final class Found {
        var origins: [BroadcastOrigin] = []
    }

    private static let current = ThreadValue<Found>()

    /// - Returns: false where nobody asks.
    static func note(_ origin: BroadcastOrigin) -> Bool {
        guard let found = self.current.value else { return false }
        if !found.origins.contains(where: { $0 === origin }) { found.origins.append(origin) }
        return true
    }

    static func collecting(_ encode: () throws -> [UInt8]) rethrows -> (bytes: [UInt8], origins: [BroadcastOrigin]) {
        let found = Found()
        let bytes = try self.current.withValue(found, encode)
        return (bytes, found.origins)
    }
}
