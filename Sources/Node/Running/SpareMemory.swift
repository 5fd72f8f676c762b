import CLinux
import Catalog
import Glibc
import Objects
import ServiceLifecycle

/// Gives memory back to the system when work has ended (malloc_trim(3)).
///
/// A device that is idle for days does not keep what one busy minute needed.
struct SpareMemory: Service {
    /// How often it looks whether there was work.
    private static let pause = Duration.seconds(60)
    /// How long it waits for work to end.
    private static let busyPause = Duration.seconds(15)
    /// Processor time in a pause that is no work.
    private static let idleTime = Duration.milliseconds(50)

    let catalog: Catalog
    let time: any Timekeeper

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // The start is work.
            var (last, isDue) = (Self.processorTime, true)
            while true {
                do { try await time.sleep(for: isDue ? Self.busyPause : Self.pause) } catch { return }
                let isBusy = Self.processorTime - last > Self.idleTime
                if isDue, !isBusy {
                    catalog.releaseMemory()
                    _ = malloc_trim(0)
                }
                (last, isDue) = (Self.processorTime, isBusy)
            }
        }
    }

    /// Of this process until now (clock(3)).
    private static var processorTime: Duration { .microseconds(Int64(clock()) * 1_000_000 / Int64(CLOCKS_PER_SEC)) }
}
