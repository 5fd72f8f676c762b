package import Fuse
import Glibc
import Logging
import Objects
import Peers
import ServiceLifecycle
import Storage
import Synchronization
import SystemPackage
import Views

/// How a tree is to be mounted.
package struct MountOptions: Codable, Sendable, Hashable {
    package var allowOther = false
    package var isReadOnly = false
    /// Machine directories to list at the top: objects, types, status.
    package var show: [String] = []
    /// nil: as configured.
    package var passthrough: Passthrough?
    package var noOpen: Bool?
    /// Requests are not counted: only to measure what counting costs.
    package var isUncounted = false

    package init() {}

    /// As after `-o`: `allow_other,ro,show=objects:types`.
    ///
    /// What mount(8) adds for itself is passed over.
    package init(words: [String]) throws {
        let ignored: Set = [
            "rw", "dev", "nodev", "suid", "nosuid", "exec", "noexec", "auto", "noauto", "user", "nofail", "_netdev",
        ]
        for word in words.flatMap({ $0.split(separator: ",") }).map(String.init) where !ignored.contains(word) {
            if word == "allow_other" {
                allowOther = true
            } else if word == "ro" {
                isReadOnly = true
            } else if word == "no_open" {
                noOpen = true
            } else if word == "no_count" {
                isUncounted = true
            } else if let names = word.dropPrefix("show=") {
                show += names.split(separator: ":").map(String.init)
            } else if let choice = word.dropPrefix("passthrough=") {
                passthrough = try Self.passthrough(choice)
            } else {
                throw CommandError(
                    "there is no mount option `\(word)`: allow_other, ro, no_open, show=objects:types:status and "
                        + "passthrough=auto|on|off"
                )
            }
        }
        try Self.check(show)
    }

    static func passthrough(_ word: String) throws -> Passthrough {
        guard let choice = Passthrough(rawValue: word) else {
            throw CommandError("`passthrough` is auto, on or off, not `\(word)`")
        }
        return choice
    }

    static func check(_ show: [String]) throws {
        for word in show where ViewOptions.Shown(rawValue: word) == nil {
            throw CommandError("`show` can list objects, types and status, not `\(word)`")
        }
    }
}

/// What is mounted where, and how its local files are read.
package struct MountReport: Codable, Sendable, Hashable {
    package var directory: String
    /// `passthrough`, or `splice` and why.
    package var data: String
}

/// The mounts of a running node: they come and go while it runs.
package final class Mounts: Service {
    private struct Request: Sendable {
        var mount: FuseMount
        var directory: FilePath
        /// Called once: nil when `ls` works, or why it does not.
        var answer: Answer
    }

    /// An answer that is given once.
    private final class Answer: Sendable {
        private let continuation: Mutex<CheckedContinuation<Void, any Error>?>

        init(_ continuation: CheckedContinuation<Void, any Error>) { self.continuation = Mutex(continuation) }

        func give(_ result: Result<Void, any Error>) {
            let waiter = continuation.withLock { continuation in
                defer { continuation = nil }
                return continuation
            }
            waiter?.resume(with: result)
        }
    }

    private let requests: AsyncStream<Request>
    private let submit: AsyncStream<Request>.Continuation
    private let current = Mutex<[MountReport]>([])

    package init() { (requests, submit) = AsyncStream.makeStream() }

    /// Where something is mounted.
    package var mounted: [MountReport] { current.withLock { $0 } }

    /// Mounts; returns when `ls` works.
    func mount(_ mount: FuseMount, at directory: FilePath) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let answer = Answer(continuation)
            let outcome = submit.yield(Request(mount: mount, directory: directory, answer: answer))
            if case .terminated = outcome { answer.give(.failure(CommandError("the node is ending: try again"))) }
        }
    }

    /// Until shutdown, when everything is unmounted.
    ///
    /// With `untilUnmounted` also when the last mount was ended.
    package func run() async throws { try await run(untilUnmounted: false) }

    package func run(untilUnmounted: Bool) async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await request in requests {
                    group.addTask {
                        await self.serve(request)
                        if untilUnmounted, self.mounted.isEmpty { self.submit.finish() }
                    }
                }
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
            self.submit.finish()
        }
    }

    private func serve(_ request: Request) async {
        do throws(FuseError) {
            try await request.mount.run { dataPath in
                let report = MountReport(directory: request.directory.string, data: "\(dataPath)")
                self.current.withLock { $0.append(report) }
                request.answer.give(.success(()))
            }
            current.withLock { $0.removeAll { $0.directory == request.directory.string } }
            request.answer.give(.failure(CommandError("\(request.directory) was unmounted before it was ready")))
        } catch {
            // It never was among the mounted; another mount may be there.
            request.answer.give(.failure(CommandError("\(error)")))
        }
    }
}

extension Node {
    /// Mounts this instance's tree; returns when `ls` works.
    func mount(at directory: FilePath, _ options: MountOptions) async throws {
        let show = options.show + (configuration.mount.show ?? [])
        try MountOptions.check(show)
        do throws(FuseError) {
            try MountPoint.check(directory, against: root.path)
        } catch {
            throw CommandError("\(error)")
        }
        let (reads, requests) =
            options.isUncounted
            ? (ReadCounters(isCounting: false), FuseCounters(isCounting: false)) : (counters.reads, counters.fuse)
        let view = view(show: show, isOwnerOnly: options.allowOther, notingUses: true, counters: reads)
        let fuse = FuseOptions(
            allowOther: options.allowOther,
            isReadOnly: options.isReadOnly,
            passthrough: options.passthrough ?? configuration.mount.passthrough ?? .auto,
            isOpenUnasked: options.noOpen ?? configuration.mount.noOpen ?? false,
            sample: root.configuration,
            counters: requests
        )
        let fetching = LoopExecutor.dialled
        let mount = FuseMount(of: view, at: directory, options: fuse, fetching: fetching, logger: logger)
        try await mounts.mount(mount, at: directory)
    }
}

extension String {
    /// What follows after this; nil: it starts otherwise.
    fileprivate func dropPrefix(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
