import Catalog
import Logging
import Objects
import Peers
import ServiceLifecycle
import Storage
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
        let (changes, arrivals) = (node.catalog.changes(), node.links.changes())
        let settings = [node.pins.changes(), node.policies.changes()]
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await changed in changes
                where !self.node.pins.isEmpty && changed.contains(where: self.node.pins.concerns) {
                    wish.yield()
                }
            }
            for setting in settings { group.addTask { for await _ in setting { wish.yield() } } }
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
        /// Whether something found no room although there can be.
        var isFull = false
        var shortage = PinShortage()
    }

    /// Fetches what is pinned and not here, as far as room for it can be made.
    private func bringAll() async -> Outcome {
        var outcome = Outcome()
        do {
            try node.pins.settle()
            let pinned = try PinnedFiles(node: node)
            outcome.shortage = pinned.shortage
            await bring(pinned.missing, &outcome)
        } catch {
            node.logger.warning("looking at the pins failed", metadata: LogReason.metadata(error))
            outcome.failedCount += 1
        }
        return outcome
    }

    private func bring(_ missing: [(hash: ObjectHash, byteCount: Int)], _ outcome: inout Outcome) async {
        await withTaskGroup(of: (isHere: Bool, byteCount: Int).self) { group in
            // Sizes of what is under way.
            var flying: [Int] = []
            for (hash, byteCount) in missing {
                if flying.count >= Self.flightsMax { await land(&group, &flying, &outcome) }
                // Whoever takes a pin away does not want the rest of it.
                guard !Task.isCancelled, let pin = (try? node.pins.pin(holding: hash)) ?? nil else { continue }
                guard await hasRoom(for: byteCount, beside: flying, isAwaited: !outcome.isFull) else {
                    outcome.isFull = true
                    outcome.failedCount += 1
                    outcome.shortage.add(byteCount)
                    continue
                }
                flying.append(byteCount)
                node.origins.note(hash, .pin, by: pin.description)
                group.addTask { (await self.bring(hash), byteCount) }
            }
            while !flying.isEmpty { await land(&group, &flying, &outcome) }
        }
    }

    private func land(
        _ group: inout TaskGroup<(isHere: Bool, byteCount: Int)>,
        _ flying: inout [Int],
        _ outcome: inout Outcome
    ) async {
        guard let landed = await group.next(), let place = flying.firstIndex(of: landed.byteCount) else { return }
        flying.remove(at: place)
        outcome.failedCount += landed.isHere ? 0 : 1
    }

    /// Whether what is fetched will be kept.
    private func hasRoom(for byteCount: Int, beside flying: [Int], isAwaited: Bool) async -> Bool {
        let sizes = flying + [byteCount]
        let isPromised =
            isAwaited ? await node.charge.promise(awaiting: sizes) : node.charge.promise(all: sizes, isWanted: true)
        // Who stores it asks for itself.
        if isPromised { node.charge.settle(sizes) }
        return isPromised
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
