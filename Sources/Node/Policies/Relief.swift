import Catalog
import Objects
import Storage

/// One time of making room: goes from step to step until little enough is used, or nothing is left that may go.
struct Relief {
    /// Objects and bytes that go at once: asking for them costs a round trip.
    private static let batchCountMax = 256
    private static let batchByteCountMax = 16 << 20

    let node: Node
    /// Bytes that may be in use at its end.
    let until: Int
    /// Nobody could be asked who has it: whatever else is tried comes to nothing.
    private(set) var isAlone = false
    /// Objects of messages that must be here; nil until something is to go.
    private var messages: Set<ObjectHash>?

    init(node: Node, until: Int) { (self.node, self.until) = (node, until) }

    /// - Returns: whether little enough is used now.
    mutating func run(_ steps: [PressureStep], reason: String) async throws -> Bool {
        try node.usage.flush()
        for step in steps {
            if try excess() <= 0 { return true }
            try await take(step, reason: "\(reason), \(step.words)")
            if isAlone { break }
        }
        return try excess() <= 0
    }

    private func excess() throws -> Int { try node.charge.reading().used - until }

    private mutating func take(_ step: PressureStep, reason: String) async throws {
        var search = ReplacementSearch()
        var last: Victim?
        while !isAlone {
            try Task.checkCancellation()
            let excess = try excess()
            guard excess > 0 else { return }
            let victims = try next(step, excess, after: last, &search)
            guard let end = victims.last else { return }
            last = end
            try await drop(victims, of: step, excess, reason: reason)
        }
    }

    /// The next that this step would let go.
    private func next(
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
        case .leastWorth:
            let byteCount = min(excess, Self.batchByteCountMax)
            return try catalog.victims(byteCount: byteCount, limit: limit, &search)
        }
    }

    /// What a message is made of does not know its day, so all days that must be here are gone through, once.
    private mutating func demandedMessages(by demand: Demand) throws -> Set<ObjectHash> {
        if let messages { return messages }
        let found = Set(try DemandedObjects(of: demand, in: node.catalog).messages().map(\.object.hash))
        messages = found
        return found
    }

    /// Lets go as many of these as need be; what may not go is not named again for a while.
    private mutating func drop(
        _ victims: [Victim],
        of step: PressureStep,
        _ excess: Int,
        reason: String
    ) async throws {
        var demanded: [ObjectHash] = []
        var chosen: [ObjectHash] = []
        var byteCount = 0
        let (demand, open) = (try node.demand(), Set(node.store.partials.hashes))
        let messages = try demandedMessages(by: demand)
        for victim in victims where byteCount < excess {
            let facts = Demand.Facts(try node.catalog.parts(of: victim.hash), lastUse: victim.used)
            if messages.contains(victim.hash) || demand.ground(of: facts).isDemand || open.contains(victim.hash) {
                demanded.append(victim.hash)
                continue
            }
            if step == .images, try await !node.previews.make(of: victim.hash) { continue }
            chosen.append(victim.hash)
            byteCount += victim.chargedByteCount
        }
        var kept = demanded
        for (hash, verdict) in try await node.evicting.evict(chosen, reason: reason) {
            switch verdict {
            case .evicted: break
            case .notLocal: try node.catalog.dropped([hash])
            case .pinned, .needed, .kept, .promised, .noHolder(.missing), .noHolder(.wrong): kept.append(hash)
            case .noHolder(.unreachable), .noHolder(.noKeeper), .noHolder(.noAnswer): isAlone = true
            }
        }
        if !kept.isEmpty { try node.catalog.keep(kept) }
    }
}
