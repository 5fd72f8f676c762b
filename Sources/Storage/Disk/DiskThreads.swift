import Glibc
import Synchronization

/// Threads for tasks that wait for the disk, so that they hold none of those on which everybody else is answered.
///
/// Used by `withTaskExecutorPreference`: child tasks run here too. As many as there are processors, and one that waits for
/// a barrier meanwhile. They live as long as the process.
package final class DiskThreads: TaskExecutor {
    package static let shared = DiskThreads(count: sysconf(Int32(_SC_NPROCESSORS_ONLN)) + 1)

    private let jobs = Mutex<[UnownedJob]>([])
    /// Counts the jobs, sem_overview(7).
    ///
    /// Only ever given to sem_post(3) and sem_wait(3), which any thread may call at any time.
    nonisolated(unsafe) private let waiting = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    private init(count: Int) {
        sem_init(waiting, 0, 0)
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
            // EINTR is the only way to fail.
            while sem_wait(waiting) != 0 {}
            let job = jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            job?.runSynchronously(on: asUnownedTaskExecutor())
        }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        sem_post(waiting)
    }
}
