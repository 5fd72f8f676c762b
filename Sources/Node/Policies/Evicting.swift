import Catalog
package import Objects
import Peers
import Storage

/// The one door through which bytes leave this disk: never the last copy, and nothing that somebody wants here.
///
/// What goes, and how much, others decide; whether it may is decided here (`Eviction`).
package struct Evicting: Sendable {
    /// Objects that are dropped while no pin can be set: a reader of xattrs waits no longer for it.
    private static let stretchCount = 64

    private let node: Node

    init(node: Node) { self.node = node }

    /// Drops the bytes of these objects where that may be; tells what became of each.
    ///
    /// `reason` goes into the event, one for all. A rehearsal asks the holders all the same, and drops nothing: what it
    /// calls evicted would go. Throws if the disk or the catalog fails; what was dropped by then is in the event.
    package func evict(
        _ hashes: [ObjectHash],
        reason: String,
        isRehearsal: Bool = false
    ) async throws -> [ObjectHash: EvictionVerdict] {
        var verdicts: [ObjectHash: EvictionVerdict] = [:]
        defer { if !isRehearsal { record(verdicts, reason) } }
        let different = Array(Set(hashes)).sorted()
        for start in stride(from: 0, to: different.count, by: Asking.countMax) {
            let batch = Array(different[start..<min(start + Asking.countMax, different.count)])
            let eviction = try await judged(batch)
            for first in stride(from: 0, to: batch.count, by: Self.stretchCount) {
                try Task.checkCancellation()
                let stretch = batch[first..<min(first + Self.stretchCount, batch.count)]
                try drop(stretch, eviction, isRehearsal: isRehearsal, &verdicts)
                await Task.yield()
            }
        }
        return verdicts
    }

    /// Asks whoever can be asked, for as long as something is open.
    private func judged(_ hashes: [ObjectHash]) async throws -> Eviction {
        var sessions: [String: IoMSession] = [:]
        for session in node.links.sessions { sessions[session.member.name] = session }
        let isArchive = { (name: String) in sessions[name]?.member.registration.storageRole == Role.archive.rawValue }
        let names = sessions.keys.sorted { (isArchive($0) ? 0 : 1, $0) < (isArchive($1) ? 0 : 1, $1) }
        var eviction = Eviction(try facts(of: hashes), reachable: names)
        while let questions = eviction.next(node.evictionStanding, at: node.time.now, limit: Asking.countMax) {
            for question in questions {
                guard let session = sessions[question.keeper] else { continue }
                let outcome = await Asking(node: node).ask(session, question.hashes)
                try Task.checkCancellation()
                eviction.take(outcome.answers, to: question, outcome.confirmation)
            }
        }
        return eviction
    }

    private func facts(of hashes: [ObjectHash]) throws -> [ObjectHash: Eviction.Facts] {
        let needed = try node.catalog.needed(hashes)
        let confirmations = try node.catalog.confirmations(of: hashes)
        var facts: [ObjectHash: Eviction.Facts] = [:]
        for hash in hashes {
            facts[hash] = Eviction.Facts(
                byteCount: try node.store.localByteCount(of: hash),
                pin: try node.pins.pin(holding: hash)?.description,
                isNeeded: needed.contains(hash),
                confirmations: confirmations[hash] ?? []
            )
        }
        return facts
    }

    /// Whoever pins something waits until this has ended, and then sees what is left.
    private func drop(
        _ hashes: ArraySlice<ObjectHash>,
        _ eviction: Eviction,
        isRehearsal: Bool,
        _ verdicts: inout [ObjectHash: EvictionVerdict]
    ) throws {
        var gone: [ObjectHash] = []
        defer { if !gone.isEmpty { forget(gone) } }
        try node.pins.whileTheyStay {
            let (standing, now) = (node.evictionStanding, node.time.now)
            for hash in hashes {
                let pin = try node.pins.pin(holding: hash)?.description
                let verdict = eviction.verdict(of: hash, pin: pin, standing, at: now)
                if verdict.isEvicted, !isRehearsal {
                    try node.store.remove(hash)
                    gone.append(hash)
                }
                verdicts[hash] = verdict
            }
        }
    }

    /// The catalog is told after the bytes are gone: who is killed in between finds out at the next start.
    private func forget(_ gone: [ObjectHash]) {
        do {
            try node.catalog.dropped(gone)
            // Some may have been stored again meanwhile, by who was told before that they are here.
            let back = try gone.filter { try node.store.localByteCount(of: $0) != nil }
            if !back.isEmpty { try node.catalog.held(back) }
        } catch {
            // As after a kill.
            node.recovery.expect()
        }
    }

    private func record(_ verdicts: [ObjectHash: EvictionVerdict], _ reason: String) {
        var byteCount = 0
        var gone: [ObjectHash] = []
        var holders: Set<String> = []
        for case (let hash, .evicted(let size, let holder, _)) in verdicts {
            byteCount += size
            gone.append(hash)
            holders.insert(holder)
        }
        guard let first = gone.first else { return }
        node.counters.evicted(objects: gone.count, bytes: byteCount)
        let what = gone.count == 1 ? first.hex : "\(gone.count) objects"
        let words = "\(reason): \(ByteCount(byteCount)), which \(holders.sorted().joined(separator: ", ")) has"
        node.events.record(.evicted, source: node.configuration.instance.name, target: what, details: words)
    }
}

extension Node {
    /// Drops bytes where that may be.
    package var evicting: Evicting { Evicting(node: self) }

    /// This instance as an eviction sees it now.
    var evictionStanding: Eviction.Standing {
        Eviction.Standing(
            keepsEverything: policy.keepsEverything,
            promise: vouching.promise(at: time.now),
            turn: vouching.turn,
            revoked: Set((roll?.members ?? []).filter(\.registration.isRevoked).map(\.name))
        )
    }
}
