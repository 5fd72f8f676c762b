package import Objects
import ServiceLifecycle
package import Views

/// Tells the policies what is used in the mounts of a node, apart from those who use it.
///
/// Whoever opens a file only appends to a log; this reads it, at most ten times a second.
package final class UseWatch: Service {
    /// Listeners hear of the first use at once, of what follows together.
    private static let pause = Duration.milliseconds(100)
    /// Batches a slow listener may leave waiting; then it loses the oldest.
    private static let batchCountMax = 64

    /// Where mounts note.
    let log = UseLog()
    private let time: any Timekeeper
    private let batches = Broadcast<[Use]>(bufferCount: batchCountMax)

    package init(time: any Timekeeper) { self.time = time }

    /// What is used from now on, in order, as many together as came.
    ///
    /// For one task: when that is cancelled, the stream has ended for good.
    package func uses() -> AsyncStream<[Use]> { batches.listen() }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in self.log.pulses {
                self.batches.tell(self.log.take().uses)
                try? await self.time.sleep(for: Self.pause)
            }
        }
    }
}
