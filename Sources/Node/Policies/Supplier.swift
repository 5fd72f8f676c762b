import Catalog
import Logging
import Objects
import Peers
import Synchronization

/// Brings what must be here and is not, in the background: contacts, then messages and files, each the newest first.
///
/// Looks when more becomes known, when somebody is there who may hold what is missing, when the policy changes, and now
/// and then, because what is recent changes with time. Stops where room ends, so that what it brings is not evicted for it.
struct Supplier: Sendable {
    /// Objects under way at once.
    private static let flightsMax = 256
    /// Days of conversations under way at once, where their messages are not known.
    private static let daysMax = 8
    /// A day of which something is missing everywhere is not asked for again before.
    private static let retryPause = Duration.seconds(60)
    /// What becomes known in a burst is waited for, so that the newest of all of it come first; but not for ever.
    private static let quietPause = Duration.milliseconds(250)
    private static let quietPauseMax = Duration.seconds(60)
    /// Time passes without anybody telling.
    private static let interval = Duration.seconds(3_600)
    /// Looking takes at most this part of the time while more becomes known all the time.
    private static let restFactor = 9
    private static let restMin = Duration.milliseconds(50)

    let node: Node

    /// Until cancelled.
    func run() async {
        let (wishes, wish) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let growth = Growth()
        let (pulses, arrivals) = (node.catalog.feedPulses(), node.links.changes())
        let policies = node.policies.changes()
        await withDiscardingTaskGroup { group in
            for stream in [pulses, arrivals, policies] {
                group.addTask {
                    for await _ in stream {
                        growth.count.add(1, ordering: .relaxed)
                        wish.yield()
                    }
                }
            }
            // Of most of what becomes known the feed says nothing where it comes by an outline.
            let changes = node.catalog.changes()
            group.addTask {
                for await _ in changes where node.catalog.isSparse {
                    growth.count.add(1, ordering: .relaxed)
                    wish.yield()
                }
            }
            group.addTask { while (try? await node.time.sleep(for: Self.interval)) != nil { wish.yield() } }
            wish.yield()
            var told: String?
            var asked: [DayPlace: Duration] = [:]
            for await _ in wishes where isOfUse {
                await settle(growth)
                let start = node.time.elapsed
                do {
                    try await supply(&asked)
                    told = nil
                } catch {
                    let words = CommandError(explaining: error).message
                    if words != told, !Task.isCancelled {
                        let reason = LogReason.metadata(error)
                        node.logger.warning("not all that is to be here can be brought", metadata: reason)
                    }
                    told = words
                }
                // What comes in a burst is looked at once.
                try? await node.time.sleep(for: max(Self.restMin, (node.time.elapsed - start) * Self.restFactor))
            }
            group.cancelAll()
        }
    }

    /// How often something was told of.
    private final class Growth: Sendable {
        let count = Atomic<Int>(0)
    }

    /// Waits until nothing is told of for a moment.
    private func settle(_ growth: Growth) async {
        let end = node.time.elapsed + Self.quietPauseMax
        var before: Int
        repeat {
            before = growth.count.load(ordering: .relaxed)
            guard (try? await node.time.sleep(for: Self.quietPause)) != nil else { return }
        } while growth.count.load(ordering: .relaxed) != before && node.time.elapsed < end
    }

    /// Who keeps everything collects from each peer (`Collector`).
    private var isOfUse: Bool { !node.policy.keepsEverything && !node.links.sessions.isEmpty }

    private func supply(_ asked: inout [DayPlace: Duration]) async throws {
        let demanded = DemandedObjects(of: try node.demand(), in: node.catalog)
        var room = try node.supplyRoom()
        try await bring(demanded.contacts(), &room)
        if node.catalog.isSparse {
            try await hold(demanded.days(), &room, &asked)
        } else {
            try await bring(demanded.messages(), &room)
        }
        try await bring(demanded.files(missingOnly: true), &room)
    }

    /// Brings the messages of days as objects; `asked`: when each was asked for.
    private func hold(
        _ days: [DemandedObjects.Day],
        _ room: inout SupplyRoom,
        _ asked: inout [DayPlace: Duration]
    ) async throws {
        let now = node.time.elapsed
        asked = asked.filter { now - $0.value < Self.retryPause }
        try await withThrowingTaskGroup(of: Void.self) { group in
            var flyingCount = 0
            for day in days where try asked[day.place] == nil && !node.catalog.isHeld(day.place) {
                guard room.take(messageCount: day.place.messageCount, for: day.ground),
                    let key = try node.catalog.key(of: day.place)
                else { continue }
                if flyingCount >= Self.daysMax { try await group.next() } else { flyingCount += 1 }
                try Task.checkCancellation()
                asked[day.place] = now
                group.addTask { try? await node.days.hold(key) }
            }
            try await group.waitForAll()
        }
    }

    /// What fails now is missing still when it is looked for again; the reason is in the event log.
    private func bring(_ items: [DemandedObjects.Item], _ room: inout SupplyRoom) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var flyingCount = 0
            var asked: Set<ObjectHash> = []
            for item in items where !item.object.isHere && asked.insert(item.object.hash).inserted {
                guard room.take(item.object.byteCount, for: item.ground) else { continue }
                if flyingCount >= Self.flightsMax { try await group.next() } else { flyingCount += 1 }
                try Task.checkCancellation()
                let hash = item.object.hash
                // Nobody asks about the objects of one message, and there are many.
                if !item.object.part.isMessage { node.origins.note(hash, .policy, by: item.ground.description) }
                group.addTask { _ = try? await node.fetcher.fetch(hash, priority: .background) }
            }
            try await group.waitForAll()
        }
    }
}
