import Glibc

/// Programs and system calls of tests, each on a thread of its own: they may wait for the mount, and the threads of tasks
/// are needed to answer it.
enum Shell {
    struct Outcome: Sendable, Equatable {
        var exitCode: Int32
        var output: String
    }

    /// Runs a line of `sh`; output and errors together.
    static func run(_ line: String) async -> Outcome {
        await onThread {
            guard let stream = popen("exec 2>&1; \(line)", "r") else { return Outcome(exitCode: -1, output: "popen") }
            var bytes: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: 1 << 16)
            while case let count = fread(&piece, 1, piece.count, stream), count > 0 { bytes += piece.prefix(count) }
            let status = pclose(stream)
            let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
            return Outcome(exitCode: code, output: String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Runs a closure on a new thread.
    static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            let context = Unmanaged.passRetained(Box { continuation.resume(returning: body()) })
            var thread = pthread_t()
            let result = pthread_create(
                &thread,
                nil,
                { context in
                    guard let context else { return nil }
                    // Threads of tasks block signals, and programs would inherit that.
                    var none = sigset_t()
                    sigemptyset(&none)
                    pthread_sigmask(SIG_SETMASK, &none, nil)
                    Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
                    return nil
                },
                context.toOpaque()
            )
            precondition(result == 0, "pthread_create")
            pthread_detach(thread)
        }
    }

    private final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
