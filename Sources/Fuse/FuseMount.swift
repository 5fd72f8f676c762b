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
    private let fetching: any TaskExecutor
    private let logger: Logger

    /// `fetching` runs the fetches of small files.
    package init(
        of view: View,
        at mountPoint: FilePath,
        options: FuseOptions = FuseOptions(),
        fetching: any TaskExecutor = globalConcurrentExecutor,
        logger: Logger
    ) {
        (self.view, self.mountPoint, self.options) = (view, mountPoint, options)
        (self.fetching, self.logger) = (fetching, logger)
    }

    /// Mounts, answers the kernel, unmounts.
    ///
    /// - Parameter mounted: called once, when `ls` works, with how local files are read.
    /// - Throws: why it could not be mounted.
    package func run(mounted: @escaping @Sendable (DataPath) async -> Void = { _ in }) async throws(FuseError) {
        try MountPoint.prepare(mountPoint)
        // Before the mount, so that no change falls between.
        let changes = view.changes()
        let (greetings, greeted) = AsyncStream<DataPath>.makeStream()
        let handler = FuseHandler(view, options, greeted: greeted)
        let session = try FuseSession(handler, at: mountPoint, options: options)
        do throws(FuseError) {
            try session.start()
        } catch {
            session.end()
            throw error
        }
        let failure = await withTaskGroup(of: End.self) { group -> FuseError? in
            group.addTask {
                for await _ in session.threadEnds { break }
                return .unmounted
            }
            group.addTask {
                await self.run(handler, session, changes)
                return .none
            }
            group.addTask { await self.greet(greetings, mounted) }
            // Unmounted, cancelled, or not mounted as asked. The threads go on answering until nobody waits any more:
            // telling the kernel to drop what is just being read would never return otherwise.
            for await end in group {
                if case .none = end { continue }
                group.cancelAll()
                if case .refused(let error) = end { return error }
                return nil
            }
            return nil
        }
        session.end()
        if let failure { throw failure }
        logger.info("unmounted", metadata: ["path": "\(mountPoint)"])
    }

    /// What the end of a part of a mount means for the whole.
    private enum End {
        case none, unmounted
        case refused(FuseError)
    }

    /// What goes on beside answering, until cancelled.
    private func run(
        _ handler: FuseHandler,
        _ session: FuseSession,
        _ changes: AsyncStream<[TreeChange]>
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: fetching) {
                await handler.fetches.serve(from: handler.view, on: self.fetching)
            }
            group.addTask {
                for await changed in changes {
                    for invalidation in handler.view.invalidations(by: changed) { session.drop(invalidation) }
                }
            }
        }
    }

    /// Tells that it is mounted, unless it is otherwise than asked for.
    private func greet(
        _ greetings: AsyncStream<DataPath>,
        _ mounted: @Sendable (DataPath) async -> Void
    ) async -> End {
        for await dataPath in greetings {
            if options.passthrough == .on, dataPath != .passthrough {
                return .refused(.noPassthrough(mountPoint, dataPath))
            }
            logger.info("mounted", metadata: ["path": "\(mountPoint)", "data": "\(dataPath)"])
            await mounted(dataPath)
        }
        return .none
    }
}
