internal import Glibc

/// A value of the calling thread's own, for as long as a closure runs.
struct ThreadValue<Value: AnyObject>: Sendable {
    private let key: pthread_key_t

    init() {
        var key = pthread_key_t()
        precondition(unsafe pthread_key_create(&key, nil) == 0, "no thread-specific key is left")
        self.key = key
    }

    var value: Value? {
        guard let pointer = unsafe pthread_getspecific(self.key) else { return nil }
        return unsafe Unmanaged<Value>.fromOpaque(pointer).takeUnretainedValue()
    }

    func withValue<Result>(_ value: Value, _ body: () throws -> Result) rethrows -> Result {
        let previous = unsafe pthread_getspecific(self.key)
        unsafe pthread_setspecific(self.key, Unmanaged.passUnretained(value).toOpaque())
        defer {
            unsafe pthread_setspecific(self.key, previous)
            withExtendedLifetime(value) {}
        }
        return try body()
    }
}

extension TaskScope {
    static let running = ThreadValue<TaskScope>()

    /// The task that runs on the calling thread: how accumulators find where to count.
    @usableFromInline static var current: TaskScope? { self.running.value }
}
