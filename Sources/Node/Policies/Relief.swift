import Catalog
import Objects
import Storage

/// One time of making room: goes from step to step until little enough is used, or nothing is left that may go.
struct Relief {
    /// Objects and bytes that go at once: asking for them costs a round trip.
    private static let batchCountMax = 256
    private static let batchByteCountMax = 16 << 20

    /// Something that was chosen, and what became of it.
    struct Choice: Sendable {
        var victim: Victim
        var step: PressureStep
        var verdict: EvictionVerdict
    }

    let node: Node
    /// Bytes that may be in use at its end.
    let until: Int
    /// Nobody could be asked who has it: whatever else is tried comes to nothing.
    private(set) var isAlone = false
    /// Images were looked at, and smaller renditions could not be made for want of a program.
    private(set) var lacksPreviews = false
    /// Objects of messages that must be here; nil until something is to go.
    private var messages: Set<ObjectHash>?
    /// nil: it is done, not only told.
    private var rehearsal: Rehearsal?

    /// What would have gone by now.
    private struct Rehearsal {
        /// Objects looked at together.
        static let countMax = 100_000

        var seen: Set<ObjectHash> = []
        var byteCount = 0
        /// Of what is used least so many bytes were looked at.
        var lookedAt = 0
    }

    /// A rehearsal asks who has what would go, drops nothing, and leaves everything as it is.
    init(node: Node, until: Int, isRehearsal: Bool = false) {
        (self.node, self.until) = (node, until)
        rehearsal = isRehearsal ? Rehearsal() : nil
    }

    /// `told` hears of everything that was chosen.
    ///
    /// - Returns: whether little enough is used now.
    mutating func run(
        _ steps: [PressureStep],
        reason: String,
        told: (Choice) async throws -> Void = { _ in }
    ) async throws -> Bool {
        try node.usage.flush()
        for step in steps {
            if try excess() <= 0 { return true }
            try await take(step, reason: "\(reason), \(step.words)", told)
            if isAlone { break }
        }
        return try excess() <= 0
    }

    private func excess() throws -> Int { try node.charge.reading().used - until - (rehearsal?.byteCount ?? 0) }

    private mutating func take(
        _ step: PressureStep,
        reason: String,
        _ told: (Choice) async throws -> Void
    ) async throws {
        if step == .parts { return try dropParts() }
        var search = ReplacementSearch()
        var last: Victim?
        while !isAlone {
            try Task.checkCancellation()
            let excess = try excess()
            guard excess > 0 else { return }
            let victims = try next(step, excess, after: last, &search)
            guard let end = victims.last else { return }
            last = end
            let chosen = try await choose(among: victims, for: step, excess)
            for choice in try await drop(chosen, of: step, reason: reason) { try await told(choice) }
        }
    }

    /// Nobody's only copy: whoever holds the whole of it is asked again.
    private func dropParts() throws {
        guard rehearsal == nil else { return }
        node.fetcher.large.forgetIdle()
        node.store.partials.drop(byteCount: try excess())
        node.charge.expire()
    }

    /// The next that this step would let go.
    private mutating func next(
        _ step: PressureStep,
        _ excess: Int,
        after last: Victim?,
        _ search: inout ReplacementSearch
    ) throws -> [Victim] {
        let (catalog, limit) = (node.catalog, Self.batchCountMax)
        let now = node.time.now
        switch step {
        case .former(let withHistory):
            return try catalog.superseded(withHistory: withHistory, after: last, limit: limit)
        case .unused(let age):
            let time = Timestamp(nanoseconds: now.nanoseconds - age.components.seconds * 1_000_000_000)
            return try catalog.victims(unusedSince: time, after: last, limit: limit)
        case .images: return try catalog.victims(unusedSince: now, onlyLarge: true, after: last, limit: limit)
        case .parts: return []
        case .leastWorth:
            if rehearsal != nil { return try nextRehearsed(excess) }
            let byteCount = min(excess, Self.batchByteCountMax)
            return try catalog.victims(byteCount: byteCount, limit: limit, &search)
        }
    }

    /// Looks from the beginning each time, and further: where it was is forgotten with the rest.
    private mutating func nextRehearsed(_ excess: Int) throws -> [Victim] {
        while var rehearsal {
            rehearsal.lookedAt += excess
            self.rehearsal = rehearsal
            let all = try node.catalog.rehearsedVictims(byteCount: rehearsal.lookedAt, limit: Rehearsal.countMax)
            let new = all.filter { !rehearsal.seen.contains($0.hash) }
            if !new.isEmpty || all.reduce(0, { $0 + $1.chargedByteCount }) < rehearsal.lookedAt { return new }
        }
        return []
    }

    /// What a message is made of does not know its day, so all days that must be here are gone through, once.
    private mutating func demandedMessages(by demand: Demand) throws -> Set<ObjectHash> {
        if let messages { return messages }
        let found = Set(try DemandedObjects(of: demand, in: node.catalog).messages().map(\.object.hash))
        messages = found
        return found
    }

    /// As many of these as need be and may be; what must be here is not named again for a while.
    private mutating func choose(
        among victims: [Victim],
        for step: PressureStep,
        _ excess: Int
    ) async throws -> [Victim] {
        var demanded: [ObjectHash] = []
        var chosen: [Victim] = []
        var byteCount = 0
        let (demand, open) = (try node.demand(), Set(node.store.partials.hashes))
        let messages = try demandedMessages(by: demand)
        for victim in victims where byteCount < excess {
            if rehearsal?.seen.contains(victim.hash) == true { continue }
            let facts = Demand.Facts(try node.catalog.parts(of: victim.hash), lastUse: victim.used)
            if messages.contains(victim.hash) || demand.ground(of: facts).isDemand || open.contains(victim.hash) {
                demanded.append(victim.hash)
                continue
            }
            if step == .images, try await !hasPreview(victim.hash) { continue }
            chosen.append(victim)
            byteCount += victim.chargedByteCount
        }
        if rehearsal == nil, !demanded.isEmpty { try node.catalog.keep(demanded) }
        rehearsal?.seen.formUnion(demanded + chosen.map(\.hash))
        return chosen
    }

    /// Lets these go, and tells what became of them.
    private mutating func drop(_ chosen: [Victim], of step: PressureStep, reason: String) async throws -> [Choice] {
        let hashes = chosen.map(\.hash)
        let verdicts = try await node.evicting.evict(hashes, reason: reason, isRehearsal: rehearsal != nil)
        var kept: [ObjectHash] = []
        let choices = chosen.compactMap { victim in
            verdicts[victim.hash].map { Choice(victim: victim, step: step, verdict: $0) }
        }
        for choice in choices {
            let hash = choice.victim.hash
            switch choice.verdict {
            case .evicted: rehearsal?.byteCount += choice.victim.chargedByteCount
            case .notLocal: if rehearsal == nil { try node.catalog.dropped([hash]) }
            case .pinned, .needed, .kept, .promised, .noHolder(.missing), .noHolder(.wrong): kept.append(hash)
            case .noHolder(.unreachable), .noHolder(.noKeeper), .noHolder(.noAnswer): isAlone = true
            }
        }
        if rehearsal == nil, !kept.isEmpty { try node.catalog.keep(kept) }
        return choices
    }

    /// Whether there is a smaller rendition of it, made now if it can be; in a rehearsal whether one would be tried.
    private mutating func hasPreview(_ hash: ObjectHash) async throws -> Bool {
        if !lacksPreviews, Previews.program == nil { lacksPreviews = try await node.previews.isWanted(of: hash) }
        guard rehearsal == nil else { return try await node.previews.isPossible(of: hash) }
        return try await node.previews.make(of: hash)
    }
}
