import Catalog
import Node
import Objects

/// What iom does: the same queues (`Replacement`) and the same look at who reads everything (`UseRound`).
struct UsedLeast: Contents {
    private var queues = Replacement(MemoryShelf())
    private var round = UseRound()
    /// Whether reads by a scan count as uses, as in the paper.
    private let trustsScans: Bool
    private let hashes: [ObjectHash]
    private let numbers: [ObjectHash: Int]
    private(set) var chargedByteCount = 0

    init(hashes: [ObjectHash], trustsScans: Bool) {
        (self.hashes, self.trustsScans) = (hashes, trustsScans)
        numbers = Dictionary(hashes.enumerated().map { ($1, $0) }) { first, _ in first }
    }

    func contains(_ object: Int) -> Bool { queues.shelf.item(object).map { $0.queue != .ghost } ?? false }

    mutating func read(_ object: Int, charge: Int, at time: Double) {
        let moment = Timestamp(nanoseconds: Int64(time * 1e9))
        if round.isOver(at: moment) { try? finish() }
        if !contains(object) {
            try? queues.arrived(object, charge: charge, used: Int64(time))
            chargedByteCount += charge
        }
        if trustsScans {
            try? queues.used(object, at: Int64(time))
        } else {
            round.add(hashes[object], at: moment, by: nil)
        }
    }

    private mutating func finish() throws {
        let start = (round.start?.nanoseconds ?? 0) / 1_000_000_000
        let (used, scanned) = round.result()
        round = UseRound()
        for use in used {
            if let object = numbers[use.hash] { try queues.used(object, at: use.time.nanoseconds / 1_000_000_000) }
        }
        for hash in scanned { if let object = numbers[hash] { try queues.scanned(object, since: start) } }
    }

    mutating func evict() throws {
        try finish()
        var search = ReplacementSearch()
        guard let item = try queues.next(&search) else { return }
        chargedByteCount -= item.charge
        try queues.left(item.key)
    }
}
