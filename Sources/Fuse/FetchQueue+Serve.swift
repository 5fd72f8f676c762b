import Objects
import SystemPackage
import Views

extension FetchQueue {
    /// Files whose fetches are short enough for a thread that has other things to do.
    private static let smallByteCountMax = 64 << 10

    /// Serves the waits until cancelled, each in a task of its own; then everybody is answered.
    ///
    /// `executor` runs those of small files.
    func serve(from view: View, on executor: any TaskExecutor) async {
        await withDiscardingTaskGroup { group in
            for await wait in waits {
                // A large one may have to be hashed.
                let isSmall = wait.fetch.file.objectByteCount <= Self.smallByteCountMax
                group.addTask(executorPreference: isSmall ? executor : globalConcurrentExecutor) {
                    await self.serve(wait, from: view)
                }
            }
            group.cancelAll()
        }
        close()
    }

    /// Fetches for one wait.
    ///
    /// A fetch that does not end when it is cancelled keeps only this task, not the caller.
    private func serve(_ wait: Wait, from view: View) async {
        let reply = await withTaskCancellationHandler {
            await Self.fetch(wait, from: view)
        } onCancel: {
            // The end of the mount: not a signal, after which a program may ask again.
            answer(wait.key, .failed(.socketNotConnected))
        }
        answer(wait.key, reply)
        finished()
    }

    /// What came first: bytes, a failure, or that nobody wants them any more.
    private static func fetch(_ wait: Wait, from view: View) async -> FuseReply {
        await withTaskGroup(of: FuseReply.self) { group in
            group.addTask {
                do throws(ObjectError) {
                    let bytes = try await view.fetch(wait.fetch.range, of: wait.fetch.hash, for: wait.fetch.file)
                    return .bytes(bytes, 0..<bytes.count)
                } catch {
                    return .failed(Errno(error))
                }
            }
            group.addTask {
                for await _ in wait.wanted {}
                return .failed(.interrupted)
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? .failed(.ioError)
        }
    }
}
