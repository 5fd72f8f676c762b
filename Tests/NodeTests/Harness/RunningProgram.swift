import Glibc
import Synchronization

/// A program that was started; signals reach it only while it is there, so its number is never somebody else's.
final class RunningProgram: Sendable {
    private enum State {
        case running([Int: AsyncStream<Program.Outcome>.Continuation])
        case ended(Program.Outcome)
    }

    let processID: pid_t
    private let (output, errors): (Int32, Int32)
    private let begin = ContinuousClock.now
    private let state = Mutex(State.running([:]))

    init(processID: pid_t, output: Int32, errors: Int32) {
        (self.processID, self.output, self.errors) = (processID, output, errors)
        // A thread of its own: waiting blocks.
        Background.start { self.reap() }
    }

    deinit {
        close(output)
        close(errors)
    }

    var isRunning: Bool {
        state.withLock { state in
            if case .running = state { true } else { false }
        }
    }

    /// What it has said so far.
    var outputSoFar: String { String(decoding: Self.contents(of: output), as: UTF8.self) }
    var errorsSoFar: String { String(decoding: Self.contents(of: errors), as: UTF8.self) }

    /// Sends a signal; nothing happens if the program has ended.
    func signal(_ signal: Int32) {
        state.withLock { state in
            if case .running = state { kill(processID, signal) }
        }
    }

    /// Waits for the end; nil if it does not come in time.
    func outcome(within limit: Duration) async -> Program.Outcome? {
        await withTaskGroup(of: Program.Outcome?.self) { group in
            group.addTask {
                var outcomes = self.outcomes().makeAsyncIterator()
                return await outcomes.next()
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// Ends it with a signal, and with SIGKILL if that does not do; nil if not even that does.
    @discardableResult
    func end(_ signal: Int32 = SIGTERM, within limit: Duration = .seconds(10)) async -> Program.Outcome? {
        self.signal(signal)
        if let outcome = await outcome(within: limit) { return outcome }
        self.signal(SIGKILL)
        return await outcome(within: .seconds(2))
    }

    /// The same from a thread that may block, also when the test was cancelled; true if it is gone.
    func endBlocking(within limit: Duration = .seconds(5)) -> Bool {
        for (sent, limit) in [(SIGCONT, .zero), (SIGTERM, limit), (SIGKILL, .seconds(2))] {
            signal(sent)
            let deadline = ContinuousClock.now + limit
            while isRunning, ContinuousClock.now < deadline { usleep(2_000) }
        }
        return !isRunning
    }

    private func outcomes() -> AsyncStream<Program.Outcome> {
        let (stream, continuation) = AsyncStream<Program.Outcome>.makeStream()
        state.withLock { state in
            switch state {
            case .ended(let outcome):
                continuation.yield(outcome)
                continuation.finish()
            case .running(var waiters):
                waiters[waiters.count] = continuation
                state = .running(waiters)
            }
        }
        return stream
    }

    private func reap() {
        var info = siginfo_t()
        // The process stays a zombie until the lock is held: no signal can go to another with its number.
        while waitid(P_PID, id_t(processID), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        let end = ContinuousClock.now
        state.withLock { state in
            var status: Int32 = 0
            while waitpid(processID, &status, 0) < 0, errno == EINTR {}
            let outcome = Program.Outcome(
                exitCode: status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F),
                outputBytes: Self.contents(of: output),
                errorBytes: Self.contents(of: errors),
                end: end,
                duration: end - begin
            )
            if case .running(let waiters) = state {
                for waiter in waiters.values {
                    waiter.yield(outcome)
                    waiter.finish()
                }
            }
            state = .ended(outcome)
        }
    }

    private static func contents(of file: Int32) -> [UInt8] {
        var status = stat()
        guard fstat(file, &status) == 0, status.st_size > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                pread(file, $0.baseAddress?.advanced(by: done), $0.count - done, off_t(done))
            }
            guard count > 0 else { break }
            done += count
        }
        return Array(bytes.prefix(done))
    }
}
