import Catalog
import Logging
import Objects
import Peers
import ServiceLifecycle
import Storage
import Synchronization

/// Finds out in the background which instance that keeps everything has what was made here.
///
/// Until one has proven it, an object counts as under-replicated.
struct Confirming: Service {
    /// What comes together is asked for together.
    private static let patience = Duration.milliseconds(500)
    /// Asked again after so long, and each time twice as long, if nothing is heard of whom to ask.
    private static let pauseMin = Duration.seconds(5)
    private static let pauseMax = Duration.seconds(600)
    /// Changes of the own feed looked at in one transaction.
    private static let walkCount = 4096
    /// Bytes asked for at once: both sides read them.
    private static let byteCountMax = 256 << 20

    let node: Node

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // One that waits stands for all that come meanwhile; true: something was heard.
            let (signs, signal) = AsyncStream<Bool>.makeStream(bufferingPolicy: .bufferingOldest(1))
            await withDiscardingTaskGroup { tasks in
                for source in [node.catalog.feedPulses(), node.links.changes(), node.holderNews.listen()] {
                    tasks.addTask { for await _ in source { signal.yield(true) } }
                }
                signal.yield(true)
                let clock = PauseClock()
                var pause = Self.pauseMin
                for await isNews in signs {
                    try? await node.time.sleep(for: Self.patience)
                    await confirmNow()
                    pause = isNews ? Self.pauseMin : min(pause * 2, Self.pauseMax)
                    guard isOpen, clock.begin() else { continue }
                    tasks.addTask { [pause] in
                        try? await node.time.sleep(for: pause)
                        clock.end()
                        signal.yield(false)
                    }
                }
                tasks.cancelAll()
            }
        }
    }

    /// Whether there is something to ask and somebody to be asked.
    private var isOpen: Bool { !node.links.sessions.isEmpty && (try? node.underReplicatedCount()) != 0 }

    private func confirmNow() async {
        guard !node.policy.keepsEverything else { return }
        do {
            try await confirmAll()
        } catch {
            node.logger.info("asking who has what was made here failed", metadata: LogReason.metadata(error))
        }
    }

    /// Asks each instance that can be reached for what it says to have.
    private func confirmAll() async throws {
        let keepers = (node.roll?.members ?? []).filter { member in
            member.registration.storageRole == Role.archive.rawValue && !member.registration.isRevoked
        }
        let names = keepers.map(\.name)
        while try !node.catalog.findUnconfirmed(keepers: names, limit: Self.walkCount) {
            try Task.checkCancellation()
            await Task.yield()
        }
        for session in node.links.sessions { try await confirm(with: session) }
    }

    private func confirm(with session: IoMSession) async throws {
        let name = session.member.name
        var last: ObjectHash?
        while true {
            try Task.checkCancellation()
            // Who follows no feed does not hear who says to have what.
            let holder = node.catalog.isSparse ? nil : name
            let page = try node.catalog.unconfirmed(heldBy: holder, after: last, limit: Asking.countMax)
            guard !page.isEmpty else { return }
            let question = try question(of: page)
            last = question.last
            let outcome = await Asking(node: node).ask(session, question)
            guard let answers = outcome.answers, !answers.isEmpty else { return }
        }
    }

    /// As many of these as are to be asked for at once.
    private func question(of page: [ObjectHash]) throws -> [ObjectHash] {
        var byteCount = 0
        let count = try page.firstIndex { hash in
            byteCount += try node.store.localByteCount(of: hash) ?? 0
            return byteCount > Self.byteCountMax
        }
        return Array(page.prefix(max(1, count ?? page.count)))
    }
}

/// Whether a pause is running: there is one at most.
private final class PauseClock: Sendable {
    private let isRunning = Mutex(false)

    /// False: one is running already.
    func begin() -> Bool {
        isRunning.withLock { isRunning in
            defer { isRunning = true }
            return !isRunning
        }
    }

    func end() { isRunning.withLock { $0 = false } }
}

extension Node {
    /// Count of objects that were made here and that no instance which keeps everything was found to have; nil while
    /// that is being found out.
    package func underReplicatedCount() throws -> Int? {
        policy.keepsEverything ? 0 : try catalog.unconfirmedCount()
    }
}
