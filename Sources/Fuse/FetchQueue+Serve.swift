import Objects
import SystemPackage
import Views

extension FetchQueue {
    /// Serves the waits until cancelled, each in a task of its own; then everybody is answered.
    func serve(from view: View) async {
        await withDiscardingTaskGroup { group in
            for await wait in waits {
                group.addTask { await self.serve(wait, from: view) }
            }
            group.cancelAll()
        }
        close()
    }

    private func serve(_ wait: Wait, from view: View) async {
        let reply = await withTaskGroup(of: FuseReply.self) { group in
            group.addTask {
                do throws(ObjectError) {
                    let bytes = try await view.fetch(
                        wait.fetch.range,
                        of: wait.fetch.hash,
                        for: wait.fetch.file
                    )
                    return .bytes(bytes, 0..<bytes.count)
                } catch {
                    return .failed(Errno(error))
                }
            }
            group.addTask {
                for await _ in wait.wanted {}
                return .failed(.socketNotConnected)
            }
            // Whichever is first; the other is cancelled.
            let first = await group.next()
            group.cancelAll()
            return first ?? .failed(.ioError)
        }
        // Cancelled from above is the end of the mount: not a signal, after which a program may ask again.
        if Task.isCancelled, case .failed = reply { return end(wait, .failed(.socketNotConnected)) }
        end(wait, reply)
    }

    private func end(_ wait: Wait, _ reply: FuseReply) {
        answer(wait.key, reply)
        finished()
    }
}
