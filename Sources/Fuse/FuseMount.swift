package import Logging
import Objects
package import SystemPackage
package import Views

/// A view, mounted.
///
/// One call of `run` is one mount: it ends when the task is cancelled or somebody unmounts.
package final class FuseMount: Sendable {
    private let view: View
    private let mountPoint: FilePath
    private let options: FuseOptions
    private let logger: Logger

    package init(of view: View, at mountPoint: FilePath, options: FuseOptions = FuseOptions(), logger: Logger) {
        (self.view, self.mountPoint, self.options, self.logger) = (view, mountPoint, options, logger)
    }

    /// Mounts, answers the kernel, unmounts.
    ///
    /// - Parameter mounted: called once, when `ls` works.
    /// - Throws: why it could not be mounted.
    package func run(mounted: @escaping @Sendable () async -> Void = {}) async throws(FuseError) {
        try MountPoint.prepare(mountPoint)
        // Before the mount, so that no change falls between.
        let changes = view.changes()
        let (greetings, greeted) = AsyncStream<Void>.makeStream()
        let handler = FuseHandler(view, greeted: greeted)
        let session = try FuseSession(handler, at: mountPoint, options: options)
        do throws(FuseError) {
            try session.start(threadCount: options.threadCount)
        } catch {
            session.end()
            throw error
        }
        logger.info("mounted", metadata: ["path": "\(mountPoint)"])
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in session.threadEnds { return } }
            group.addTask { await Self.run(handler, session, changes, greetings, mounted) }
            // Unmounted, or cancelled. The threads go on answering until nobody waits any more: telling the kernel to
            // drop what is just being read would never return otherwise.
            await group.next()
            group.cancelAll()
        }
        session.end()
        logger.info("unmounted", metadata: ["path": "\(mountPoint)"])
    }

    /// What goes on beside answering, until cancelled.
    private static func run(
        _ handler: FuseHandler,
        _ session: FuseSession,
        _ changes: AsyncStream<TreeChange>,
        _ greetings: AsyncStream<Void>,
        _ mounted: @escaping @Sendable () async -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await handler.fetches.serve(from: handler.view) }
            group.addTask {
                for await change in changes {
                    for invalidation in handler.view.invalidations(by: change) { session.drop(invalidation) }
                }
            }
            group.addTask {
                for await _ in greetings { await mounted() }
            }
        }
    }
}
