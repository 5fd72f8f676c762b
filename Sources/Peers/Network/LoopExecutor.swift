import NIOCore
import NIOPosix

/// Runs tasks on the thread that reads and writes a connection.
///
/// What arrives is then handled, and what is to be sent leaves, without waking another thread, which takes longer than
/// all else in a small call. Only for what neither blocks nor computes for long: it stands in the way of every connection
/// of that thread.
package final class LoopExecutor: TaskExecutor {
    /// Of the thread that has all dialled connections: where small fetches run.
    package static let dialled = LoopExecutor(MultiThreadedEventLoopGroup.singleton.next())

    let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
