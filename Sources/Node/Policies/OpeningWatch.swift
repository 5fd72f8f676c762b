import Catalog
import Logging
import Objects
import ServiceLifecycle
import Views

/// Which conversations were opened lately, apart from programs that go through all of them.
///
/// Openings are taken together for a minute: of more conversations in it than a person opens, none counts.
struct Openings: Sendable {
    static let span = Duration.seconds(60)
    static let conversationCountMax = 8

    private var begin: Duration?
    private var pending: [Int64: Timestamp] = [:]
    private var isScan = false

    init() {}

    /// Takes in an opening at a moment of the clock that never goes back; what has counted meanwhile.
    mutating func note(_ thread: Int64, at time: Timestamp, elapsed: Duration) -> [Int64: Timestamp] {
        let settled = settle(elapsed)
        if begin == nil { begin = elapsed }
        pending[thread] = time
        if pending.count > Self.conversationCountMax { isScan = true }
        if isScan { pending = [thread: time] }
        return settled
    }

    /// What counts, once a minute is over.
    mutating func settle(_ elapsed: Duration) -> [Int64: Timestamp] {
        guard let begin, elapsed >= begin + Self.span else { return [:] }
        defer { self = Self() }
        return isScan ? [:] : pending
    }
}

/// Notes which conversations are opened in the mounts: those are active.
struct OpeningWatch: Service {
    /// Folders whose conversation is remembered.
    private static let foldersMax = 1_000

    let node: Node

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var (openings, threads) = (Openings(), [EntryNumber: Int64]())
            for await batch in node.useWatch.uses() {
                for use in batch where use.action == .opened { keep(note(use, &openings, &threads)) }
            }
            keep(openings.settle(.seconds(Int64.max / 2)))
        }
    }

    private func note(
        _ use: Use,
        _ openings: inout Openings,
        _ threads: inout [EntryNumber: Int64]
    ) -> [Int64: Timestamp] {
        if threads.count > Self.foldersMax { threads = [:] }
        let folder = use.entry.parent
        guard let thread = threads[folder] ?? ((try? node.catalog.thread(above: folder)) ?? nil) else { return [:] }
        threads[folder] = thread
        return openings.note(thread, at: use.time, elapsed: node.time.elapsed)
    }

    private func keep(_ openings: [Int64: Timestamp]) {
        for (thread, time) in openings {
            do {
                try node.catalog.opened(thread, at: time)
            } catch {
                node.logger.warning("noting what was opened failed", metadata: LogReason.metadata(error))
            }
        }
    }
}
