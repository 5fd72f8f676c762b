import Catalog
import Objects
import Peers

/// Brings what one place has that is not here, the newest first.
struct Loading {
    /// Objects under way at once: they are small, and share requests.
    private static let flightsMax = 16
    /// Objects looked up at once.
    private static let pageCount = 64
    private static let secondsPerDay = 86_400.0

    /// It is not to go on: the quota is near, or it has brought enough.
    private struct Enough: Error {}

    private let place: EntryNumber
    private let node: Node
    private let rules: LoadingRules
    private let why: Ahead
    /// What is older is not wanted, in seconds since 1970; nil: everything is.
    private let since: Double?
    private let isPretended: Bool

    init(_ place: EntryNumber, node: Node, rules: LoadingRules, why: Ahead, since: Double? = nil) {
        self.since = since
        (self.place, self.node, self.rules, self.why) = (place, node, rules, why)
        isPretended = why.isGuess && !node.foresight.isGuessing
    }

    /// Of a place that is open: the newest, what is before them, and on to the beginning if the policy says so.
    func bringOpened() async throws {
        var rest = LoadingRules.byteCountMax
        do {
            guard rules.loadsOpened, let first = try await bring(.newest, before: nil, LoadingRules.newestCount, &rest)
            else { return try await bringFolder(&rest) }
            var last = try await bring(.before, before: first, LoadingRules.beforeCount, &rest)
            while rules.goesBack, let day = last {
                // All of it is wanted, whatever it takes, as long as there is room.
                rest = LoadingRules.byteCountMax
                last = try await bring(.before, before: day, LoadingRules.beforeCount, &rest)
            }
        } catch is Enough {
            return
        }
    }

    /// Of a place that is likely to be opened: the newest.
    func bringNewest() async throws {
        var rest = LoadingRules.byteCountMax
        do {
            if try await bring(why, before: nil, LoadingRules.newestCount, &rest) == nil {
                try await bringFolder(&rest)
            }
        } catch is Enough {
            return
        }
    }

    /// Days before one, until they have so many messages; the last of them, nil if there is none.
    private func bring(_ why: Ahead, before day: Int?, _ count: Int, _ rest: inout Int) async throws -> Int? {
        let found = try node.catalog.days(of: place, before: day, messageCount: count)
        let days = found.filter { Double($0.day + 1) * Self.secondsPerDay > since ?? -.infinity }
        for day in days { try await bringMessages(of: day, why, &rest) }
        for day in days {
            try Task.checkCancellation()
            try await bringFiles(in: day.folder, of: day.day, why, limit: Self.pageCount, &rest)
        }
        return found.last?.day
    }

    /// What is said on a day that is known by its outline only.
    private func bringMessages(of place: PlacedDay, _ why: Ahead, _ rest: inout Int) async throws {
        try Task.checkCancellation()
        let day = ConversationDay(topic: place.topic, day: place.day)
        guard try !node.catalog.isWhole(day) else { return }
        guard place.byteCount <= rest, hasRoom(for: place.byteCount) else { throw Enough() }
        rest -= place.byteCount
        if !isPretended {
            let isKept = place.day >= node.days.firstRecentDay
            try await node.days.bring(day, isKept: isKept, priority: .background)
        }
        note(.document(place.entry), byteCount: place.byteCount, why)
    }

    /// Files beside one another, where files may come ahead at all.
    private func bringFolder(_ rest: inout Int) async throws {
        guard rules.bringsFiles else { return }
        try await bringFiles(in: place, of: nil, why, limit: LoadingRules.fileCountMax, &rest)
    }

    private func bringFiles(in folder: EntryNumber, of day: Int?, _ why: Ahead, limit: Int, _ rest: inout Int)
        async throws
    {
        let missing = try node.catalog.missingFiles(
            in: folder,
            of: day,
            since: since.map { Timestamp(milliseconds: $0 * 1_000) },
            byteCountMax: rules.fileByteCountMax,
            limit: limit
        )
        var wanted: [KnownObject] = []
        for object in missing {
            guard object.byteCount <= rest, hasRoom(for: object.byteCount) else { break }
            rest -= object.byteCount
            wanted.append(object)
        }
        await bring(wanted, why)
        if wanted.count < missing.count { throw Enough() }
    }

    private func bring(_ objects: [KnownObject], _ why: Ahead) async {
        guard !isPretended else { return objects.forEach { note(.object($0.hash), byteCount: $0.byteCount, why) } }
        await withTaskGroup(of: Void.self) { group in
            for (index, object) in objects.enumerated() {
                if index >= Self.flightsMax { await group.next() }
                node.origins.note(object.hash, .prefetch, by: why.words)
                group.addTask {
                    // Why it failed is in the event log; whoever reads it tries again.
                    guard (try? await node.fetcher.fetch(object.hash, priority: .background)) == .some(nil) else {
                        return
                    }
                    note(.object(object.hash), byteCount: object.byteCount, why)
                }
            }
        }
    }

    private func note(_ thing: Foresight.Thing, byteCount: Int, _ why: Ahead) {
        let time = node.time.now.seconds
        node.foresight.note(thing, .init(byteCount: byteCount, time: time, why: why, isPretended: isPretended))
    }

    /// Whether the quota is far enough away.
    private func hasRoom(for byteCount: Int) -> Bool {
        guard let reading = try? node.charge.reading() else { return false }
        return LoadingRules.hasRoom(for: byteCount, in: reading)
    }
}
