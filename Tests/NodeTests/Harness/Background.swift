import Glibc

/// Threads for what blocks: the threads of tasks are few, and needed.
enum Background {
    /// Runs a closure on a new thread.
    static func start(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let result = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
                return nil
            },
            Unmanaged.passRetained(Box(body)).toOpaque()
        )
        precondition(result == 0, "pthread_create")
        pthread_detach(thread)
    }

    /// Runs a closure on a new thread, and waits for it, whether the task is cancelled or not.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            start { continuation.resume(returning: body()) }
        }
    }

    private final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
