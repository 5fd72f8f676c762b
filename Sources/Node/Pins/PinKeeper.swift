import Catalog
import Logging
import Objects
import Peers
import ServiceLifecycle
import Synchronization

/// Brings here what is pinned, and what comes to be below a pinned folder later.
///
/// Looks at the pins when one is set, when the tree changes below one, and when somebody who may hold what is missing is
/// there again.
final class PinKeeper: Service {
    /// Objects under way at once.
    private static let flightsMax = 64
    /// What could not be fetched is tried again after this, also if nobody came or went.
    private static let retryPause = Duration.seconds(60)
    /// A walk over the pins takes at most this part of the time while the tree keeps changing.
    private static let restFactor = 4
    private static let restMin = Duration.milliseconds(100)

    private let node: Node
    /// Something that is pinned could not be fetched.
    private let isMissing = Atomic<Bool>(false)

    init(node: Node) { self.node = node }

    func run() async throws { await cancelWhenGracefulShutdown { await self.keep() } }

    private func keep() async {
        let (wishes, wish) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let (changes, settings, arrivals) = (node.catalog.changes(), node.pins.changes(), node.links.changes())
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await changed in changes
                where !self.node.pins.isEmpty && changed.contains(where: self.node.pins.concerns) {
                    wish.yield()
                }
            }
            group.addTask { for await _ in settings { wish.yield() } }
            group.addTask {
                for await _ in arrivals where self.isMissing.load(ordering: .relaxed) { wish.yield() }
            }
            group.addTask {
                while (try? await self.node.time.sleep(for: Self.retryPause)) != nil {
                    if self.isMissing.load(ordering: .relaxed) { wish.yield() }
                }
            }
            wish.yield()
            var told = PinShortage()
            for await _ in wishes where !node.pins.isEmpty {
                let start = node.time.elapsed
                let outcome = await bringAll()
                isMissing.store(outcome.failedCount > 0, ordering: .relaxed)
                tell(outcome.shortage, after: &told)
                // What changes in a burst is looked at once.
                try? await node.time.sleep(for: max(Self.restMin, (node.time.elapsed - start) * Self.restFactor))
            }
            group.cancelAll()
        }
    }

    private struct Outcome {
        var failedCount = 0
        var shortage = PinShortage()
    }

    /// Fetches what is pinned and not here, as far as the quota goes.
    private func bringAll() async -> Outcome {
        var outcome = Outcome()
        do {
            try node.pins.settle()
            let pinned = try PinnedFiles(node: node)
            outcome.shortage = pinned.shortage
            outcome.failedCount = await withTaskGroup(of: Bool.self) { group in
                var (flying, failed) = (0, 0)
                for hash in pinned.missing {
                    if flying >= Self.flightsMax, let isHere = await group.next() {
                        flying -= 1
                        failed += isHere ? 0 : 1
                    }
                    // Whoever takes a pin away does not want the rest of it.
                    guard !Task.isCancelled, (try? node.pins.pin(holding: hash)) ?? nil != nil else { continue }
                    flying += 1
                    node.origins.note(hash, .pin)
                    group.addTask { await self.bring(hash) }
                }
                for await isHere in group where !isHere { failed += 1 }
                return failed
            }
        } catch {
            node.logger.warning("looking at the pins: \(CommandError(explaining: error).message)")
            outcome.failedCount += 1
        }
        return outcome
    }

    private func bring(_ hash: ObjectHash) async -> Bool {
        do throws(ObjectError) {
            return try await node.fetcher.fetch(hash, priority: .background) == nil
        } catch {
            return false
        }
    }

    /// Tells once of what does not fit, and again when it is other than before.
    private func tell(_ shortage: PinShortage, after told: inout PinShortage) {
        defer { told = shortage }
        guard shortage != told, let words = shortage.words else { return }
        node.events.record(.pressure, source: node.configuration.instance.name, details: words, failed: true)
    }
}
