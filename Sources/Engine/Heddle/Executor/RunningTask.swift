internal import Glibc

/// The task that runs on the calling thread: how accumulators find where to count.
struct RunningTask {
    private let key: pthread_key_t

    init() {
        var key = pthread_key_t()
        precondition(unsafe pthread_key_create(&key, nil) == 0, "no thread-specific key is left")
        self.key = key
    }

    var value: TaskScope? {
        guard let pointer = unsafe pthread_getspecific(self.key) else { return nil }
        return unsafe Unmanaged<TaskScope>.fromOpaque(pointer).takeUnretainedValue()
    }

    func withValue<Result>(_ scope: TaskScope, _ body: () throws -> Result) rethrows -> Result {
        let previous = unsafe pthread_getspecific(self.key)
        unsafe pthread_setspecific(self.key, Unmanaged.passUnretained(scope).toOpaque())
        defer { unsafe pthread_setspecific(self.key, previous) }
        return try body()
    }
}

extension TaskScope {
    static let running = RunningTask()
}
