internal import Dispatch
internal import Synchronization

/// Carries out what a driver's steps decided, one effect at a time and in the order in which they were added, on the threads that
/// add them: the first that finds nobody at work does its own and what others add meanwhile.
///
/// An effect may lead to more of them: they come after it. Nobody waits for an effect of another's, and nobody who came with one is
/// kept for ever: after some of them the work goes on on a thread of its own.
final class EffectLane<Effect: Sendable>: Sendable {
    private struct State {
        var waiting: [Effect] = []
        var isAtWork = false

        mutating func next() -> Effect? {
            self.isAtWork = !self.waiting.isEmpty
            return self.isAtWork ? self.waiting.removeFirst() : nil
        }
    }

    /// How many effects are carried out by whoever came with one of them.
    private static var turnsMaximum: Int { 64 }

    private let state = Mutex(State())

    /// To be called where the order of effects is decided, under the lock of what decides it.
    func add(_ effect: Effect) { self.state.withLock { $0.waiting.append(effect) } }

    /// Carries out what has been added, unless somebody does so already. To be called without a lock.
    func run(_ carryOut: @escaping @Sendable (Effect) -> Void) {
        if let first = self.state.withLock({ $0.isAtWork ? nil : $0.next() }) { self.work(first, carryOut) }
    }

    private func work(_ first: Effect, _ carryOut: @escaping @Sendable (Effect) -> Void) {
        var next: Effect? = first
        for _ in 0..<Self.turnsMaximum {
            guard let effect = next else { return }
            carryOut(effect)
            next = self.state.withLock { $0.next() }
        }
        if let next { EngineWork.queue.async { self.work(next, carryOut) } }
    }
}
