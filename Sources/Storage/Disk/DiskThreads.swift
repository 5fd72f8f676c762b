import Glibc
import Synchronization

/// Threads for work that waits for the disk, so that it holds none of those on which everybody else is answered.
///
/// Tasks come here by `withTaskExecutorPreference`, with their child tasks. As many threads as there are processors, and
/// one that waits for a barrier meanwhile. They live as long as the process.
package final class DiskThreads: TaskExecutor {
    package static let shared = DiskThreads(count: sysconf(Int32(_SC_NPROCESSORS_ONLN)) + 1)

    private enum Job {
        case task(UnownedJob)
        case share(@Sendable () -> Void)
    }

    private let jobs = Mutex<[Job]>([])
    private let waiting = Semaphore()

    private init(count: Int) {
        for _ in 0..<max(2, count) {
            var thread = pthread_t()
            let executor = Unmanaged.passRetained(self).toOpaque()
            let result = pthread_create(&thread, nil, Self.main, executor)
            precondition(result == 0, "pthread_create")
            pthread_detach(thread)
        }
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { executor in
        guard let executor else { return nil }
        Unmanaged<DiskThreads>.fromOpaque(executor).takeUnretainedValue().run()
    }

    private func run() -> Never {
        while true {
            waiting.wait()
            switch jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
            case .task(let job): job.runSynchronously(on: asUnownedTaskExecutor())
            case .share(let work): work()
            case nil: break
            }
        }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        add(.task(job))
    }

    private func add(_ job: Job) {
        jobs.withLock { $0.append(job) }
        waiting.post()
    }

    /// Runs `work` for every number below `count`, here and, if there is one free, on another thread; done on return.
    func share(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
        let progress = SharedProgress(count: count)
        if count > 1 { add(.share { progress.help(work) }) }
        progress.finish(work)
    }
}

/// The numbers of one piece of work that are still to be done; who comes after its end has nothing to do.
private final class SharedProgress: Sendable {
    private struct State {
        var next = 0
        var isHelped = false
    }

    private let count: Int
    private let state = Mutex(State())
    private let helped = Semaphore()

    init(count: Int) { self.count = count }

    func help(_ work: (Int) -> Void) {
        let isNeeded = state.withLock { state in
            state.isHelped = state.next < count
            return state.isHelped
        }
        guard isNeeded else { return }
        run(work)
        helped.post()
    }

    /// Returns when all are done, those of the helper too.
    func finish(_ work: (Int) -> Void) {
        run(work)
        // Nobody begins to help from now on: all numbers are taken.
        if state.withLock({ $0.isHelped }) { helped.wait() }
    }

    private func run(_ work: (Int) -> Void) {
        while let number = take() { work(number) }
    }

    private func take() -> Int? {
        state.withLock { state in
            guard state.next < count else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }
}

/// A count that threads wait for, sem_overview(7).
private final class Semaphore: Sendable {
    /// Only ever given to sem_post(3) and sem_wait(3), which any thread may call at any time.
    nonisolated(unsafe) private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func post() { sem_post(semaphore) }

    func wait() {
        // EINTR is the only way to fail.
        while sem_wait(semaphore) != 0 {}
    }
}
