import Catalog
import Logging
import Objects
import ServiceLifecycle
import Synchronization
import Views

/// Brings what somebody who opens a conversation is about to read, and then what is likely to be opened next.
///
/// Works from what was noted of uses, in the background lane, so no reader waits for it; what is under way is given up
/// when the conversation is left or the quota is near. Learns by the same uses (`Foresight`).
final class ConversationLoader: Service {
    /// After something new became known, what is likely is looked at again, no more often than this.
    private static let lookPause = Duration.seconds(60)
    private static let settlingTime = Duration.milliseconds(250)
    private static let savePause = Duration.seconds(600)
    /// Conversations that are looked at for something new.
    private static let freshCountMax = 64

    private let node: Node
    private let rules: LoadingRules
    private let state = Mutex(State())
    private let wishes: AsyncStream<EntryNumber?>
    private let wish: AsyncStream<EntryNumber?>.Continuation

    private struct State {
        /// Ends what is being brought.
        var leave: AsyncStream<Void>.Continuation?
        var saved: Duration?
    }

    init(node: Node) {
        (self.node, rules) = (node, LoadingRules(node.policy))
        (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func run() async throws {
        // A service that ends takes the others with it.
        guard rules.loadsOpened || rules.bringsFiles else { return try await gracefulShutdown() }
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.followUses() }
                group.addTask { await self.followNews() }
                group.addTask { await self.serve() }
            }
            self.save()
        }
    }

    // MARK: Following

    private func followUses() async {
        let uses = node.useWatch.uses()
        var places = OpenPlaces()
        for await batch in uses {
            var opened: EntryNumber?
            for use in batch {
                guard let found = try? node.catalog.place(of: use.entry) else { continue }
                if let change = places.use(found, at: use.time.seconds) {
                    opened = if case .opened(let place) = change { place } else { nil }
                    leave()
                }
                if !places.isScan { node.foresight.used(use) }
            }
            // Of many that were opened in a moment only the last is open still.
            guard let opened, !places.isScan else { continue }
            node.foresight.open(opened, at: node.time.now.seconds, newest: newest())
            wish.yield(opened)
            saveNowAndThen()
        }
    }

    /// What comes new may be what is opened next.
    private func followNews() async {
        guard rules.guesses else { return }
        for await _ in node.catalog.feedPulses() {
            do { try await node.time.sleep(for: Self.lookPause) } catch { return }
            // Whoever has just opened something is served first.
            if state.withLock({ $0.leave == nil }) { wish.yield(nil) }
        }
    }

    private func newest() -> [(place: EntryNumber, time: Double)] {
        let newest = (try? node.catalog.newestConversations(limit: Self.freshCountMax)) ?? []
        return newest.map { ($0.folder, $0.last.seconds) }
    }

    // MARK: Bringing

    private func serve() async {
        for await place in wishes {
            let (left, leave) = AsyncStream<Void>.makeStream()
            state.withLock { $0.leave = leave }
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    // A scan is told from an opening by what is opened next.
                    do { try await self.node.time.sleep(for: Self.settlingTime) } catch { return }
                    await self.bring(place)
                }
                group.addTask { for await _ in left {} }
                await group.next()
                group.cancelAll()
            }
            state.withLock { $0.leave = nil }
        }
    }

    /// What is being brought is not wanted any more.
    private func leave() { state.withLock { $0.leave }?.finish() }

    /// What belongs to the place that is open, then what is likely to be next; nil: only that.
    private func bring(_ place: EntryNumber?) async {
        do {
            if let place { try await Loading(place, node: node, rules: rules, why: .newest).bringOpened() }
            guard rules.guesses else { return }
            let ready = node.foresight.preparations(at: node.time.now.seconds, newest: newest())
            for preparation in ready where preparation.place != place {
                let why = Ahead.likely(preparation.clue)
                let loading = Loading(preparation.place, node: node, rules: rules, why: why, since: preparation.since)
                try await loading.bringNewest()
            }
        } catch is CancellationError {
            return
        } catch {
            let reason = CommandError(explaining: error).message
            node.logger.debug("nothing more is brought ahead", metadata: ["reason": "\(reason)"])
        }
    }

    // MARK: Remembering

    private func saveNowAndThen() {
        let now = node.time.elapsed
        let isDue = state.withLock { state in
            guard let saved = state.saved, now - saved < Self.savePause else {
                defer { state.saved = now }
                // Not at the first opening, of which nothing can be told yet.
                return state.saved != nil
            }
            return false
        }
        if isDue { save() }
    }

    private func save() {
        do { try node.foresight.save() } catch {
            node.logger.warning("habits are not kept", metadata: LogReason.metadata(error))
        }
    }
}

extension Timestamp {
    /// Since 1970.
    var seconds: Double { milliseconds / 1_000 }
}
