package import Catalog
package import Objects
package import Peers
import Storage
import Synchronization
import SystemPackage

/// Brings the messages of days that are known by their outline only, from an instance that has them; each day once,
/// however many wait for it.
///
/// Those of recent days are kept as objects; of others the catalog has what they say, until it has too much of that.
package final class DayFetcher: Sendable {
    /// Messages of days that are not kept: more are forgotten, the days first that came first.
    private static let passingMessageCountMax = 5_000
    private static let millisecondsPerDay = 86_400_000.0

    private let catalog: Catalog
    private let store: ObjectStore
    private let links: Links
    private let time: any Timekeeper
    /// What this instance calls itself when it asks.
    private let requester: String
    /// Longest time without progress before an instance counts as stuck.
    private let deadline: Duration
    private let policies: PolicyBoard
    private let charge: Charge
    /// Days under way, with those who wait for them.
    private let underway = Mutex<[ConversationDay: [AsyncStream<Void>.Continuation]]>([:])

    init(
        catalog: Catalog,
        store: ObjectStore,
        links: Links,
        time: any Timekeeper,
        requester: String,
        deadline: Duration,
        policies: PolicyBoard,
        charge: Charge
    ) {
        (self.catalog, self.store, self.links, self.time) = (catalog, store, links, time)
        (self.requester, self.deadline, self.policies, self.charge) = (requester, deadline, policies, charge)
    }

    private var policy: Policy { policies.current }

    /// The first of the recent days, from 1970-01-01.
    package var firstRecentDay: Int {
        let today = Int((time.now.milliseconds / Self.millisecondsPerDay).rounded(.down))
        return policy.keptDayCount.map { max(CivilTime.days.lowerBound, today - $0) } ?? CivilTime.days.lowerBound
    }

    /// Brings the messages of the day that is this entry.
    func bring(_ number: EntryNumber) async throws(ObjectError) {
        guard let day = try catalog.day(of: number) else { throw .unknown }
        try await bring(day, isKept: day.day >= firstRecentDay)
    }

    /// Brings the messages of a day, unless they are here.
    ///
    /// `isKept`: as objects, too.
    package func bring(
        _ day: ConversationDay,
        isKept: Bool,
        priority: CallPriority = .reader
    ) async throws(ObjectError) {
        while try !catalog.isWhole(day) {
            guard let other = turn(at: day) else {
                defer { done(day) }
                try await fetch(day, isKept: isKept, priority)
                if !isKept { try forgetOldest() }
                return
            }
            for await _ in other {}
            if Task.isCancelled { throw .cancelled }
        }
    }

    /// Brings the messages of a day as objects, also where the catalog has what they say.
    package func hold(_ day: ConversationDay) async throws(ObjectError) {
        while let other = turn(at: day) {
            for await _ in other {}
            if Task.isCancelled { throw .cancelled }
        }
        defer { done(day) }
        try await fetch(day, isKept: true, .background)
    }

    /// Brings what was said on all days that are not here, the newest first, where every message is to be known and as
    /// long as there is room for what comes ahead; what fails now is tried next time.
    func bringAll() async throws {
        guard !policy.essentialsOnly else { return }
        var tried: Set<ConversationDay> = []
        while !Task.isCancelled {
            let days = try catalog.daysToBring(limit: tried.count + Self.pageCount)
                .filter { tried.insert($0).inserted }
            guard !days.isEmpty, try hasRoomAhead() else { return }
            await withTaskGroup(of: Void.self) { group in
                for (place, day) in days.enumerated() {
                    if place >= Self.underwayMax { await group.next() }
                    guard (try? hasRoomAhead()) == true else { return }
                    group.addTask { try? await self.bring(day, isKept: false, priority: .background) }
                }
            }
        }
    }

    /// Days looked up at once, and brought at once.
    private static let pageCount = 256
    private static let underwayMax = 4

    /// Whether what nobody reads yet may take more room.
    private func hasRoomAhead() throws(ObjectError) -> Bool {
        let reading = try charge.reading()
        return SupplyRoom(limit: reading.quota.map { _ in reading.limit }, used: reading.committed).isOpen
    }

    /// So many days may go for one that has come: where room has ended the catalog does not grow, and no reader waits for
    /// all of it to be looked through.
    private static let forgottenMax = 8

    private func forgetOldest() throws(ObjectError) {
        if !policy.essentialsOnly, try hasRoomAhead() { return }
        do {
            let first = firstRecentDay
            for _ in 0..<Self.forgottenMax {
                guard try catalog.hasPassingMessages(above: Self.passingMessageCountMax, before: first),
                    try catalog.forgetDay(before: first)
                else { return }
            }
        } catch {
            throw error as? ObjectError ?? .system(.ioError, "catalog: \(error)")
        }
    }

    // MARK: One at a time

    /// nil: it is this caller's turn; else ends when another's is over.
    private func turn(at day: ConversationDay) -> AsyncStream<Void>? {
        underway.withLock { underway in
            guard underway[day] != nil else {
                underway[day] = []
                return nil
            }
            let (stream, continuation) = AsyncStream<Void>.makeStream()
            underway[day, default: []].append(continuation)
            return stream
        }
    }

    private func done(_ day: ConversationDay) {
        for waiting in underway.withLock({ $0.removeValue(forKey: day) ?? [] }) { waiting.finish() }
    }

    private func fetch(_ day: ConversationDay, isKept: Bool, _ priority: CallPriority) async throws(ObjectError) {
        var worst = ObjectError.unreachable
        for session in links.sessionsWithDetails {
            do throws(ObjectError) {
                let request = DayRequest(
                    day: day,
                    session: session,
                    store: store,
                    requester: requester,
                    priority: priority,
                    progress: ProgressWatch(time: time)
                )
                let answer = try await request.answer(within: deadline)
                return try keep(answer, of: day, isKept: isKept)
            } catch {
                if error == .cancelled { throw error }
                if error.urgency > worst.urgency { worst = error }
            }
        }
        throw worst
    }

    private func keep(_ answer: DayRequest.Answer, of day: ConversationDay, isKept: Bool) throws(ObjectError) {
        let contents = Array(answer.contents.values)
        // What finds no room is read all the same.
        let isStored = isKept && charge.promise(all: contents.map(\.count), isWanted: true)
        defer { if isStored { charge.settle(contents.map(\.count)) } }
        do {
            let stored = isStored ? try store.put(contents) : []
            try catalog.learn(
                answer.messages,
                of: day,
                areAll: answer.isWhole,
                contents: answer.contents,
                stored: stored
            )
            guard try catalog.isWhole(day) else { throw ObjectError.unreachable }
        } catch {
            throw error as? ObjectError ?? .system(.ioError, "catalog: \(error)")
        }
    }
}
