package import Catalog
package import Objects

/// Objects on their way out: whose bytes may be dropped here, and who is to be asked first.
///
/// Never the last copy: an object goes only if an instance that keeps everything has proven to have it, was asked in the
/// present turn (`Vouching`) and not too long ago, and is not revoked; and if nobody wants it here. Knows nothing of disks
/// and connections: it is told, asks, and says what is to be done.
package struct Eviction: Sendable {
    /// A newer confirmation is not asked for again.
    package static let freshness = Duration.seconds(15 * 60)

    /// This instance, as far as it matters.
    package struct Standing: Sendable {
        package var keepsEverything: Bool
        /// `Vouching.promise`.
        package var promise: Timestamp?
        package var turn: Int64
        /// Names of instances that were shut out.
        package var revoked: Set<String>

        package init(keepsEverything: Bool, promise: Timestamp?, turn: Int64, revoked: Set<String>) {
            (self.keepsEverything, self.promise) = (keepsEverything, promise)
            (self.turn, self.revoked) = (turn, revoked)
        }
    }

    /// An object, as far as it matters.
    package struct Facts: Sendable {
        /// nil: it is not here.
        package var byteCount: Int?
        package var pin: String?
        /// Whether this instance works with it.
        package var isNeeded: Bool
        package var confirmations: [HolderConfirmation]

        package init(
            byteCount: Int?,
            pin: String? = nil,
            isNeeded: Bool = false,
            confirmations: [HolderConfirmation] = []
        ) {
            (self.byteCount, self.pin) = (byteCount, pin)
            (self.isNeeded, self.confirmations) = (isNeeded, confirmations)
        }
    }

    /// What somebody who was asked has shown for one object.
    package enum Answer: Hashable, Sendable {
        case proven, missing, wrong

        /// What two proofs for the same nonce tell, theirs and that of the bytes here.
        ///
        /// nil: what is not here any more proves and disproves nothing.
        package init?(theirs: PossessionProof?, own: PossessionProof?) {
            guard let theirs else {
                self = .missing
                return
            }
            guard let own else { return nil }
            self = own == theirs ? .proven : .wrong
        }
    }

    /// Somebody to be asked for these objects.
    package struct Question: Hashable, Sendable {
        package var keeper: String
        package var hashes: [ObjectHash]
    }

    private var facts: [ObjectHash: Facts]
    private let order: [ObjectHash]
    private var keepers: [String]
    private var reasons: [ObjectHash: EvictionVerdict.NoHolder] = [:]
    private var reason: EvictionVerdict.NoHolder

    /// `reachable`: who can be asked now, the best first.
    package init(_ facts: [ObjectHash: Facts], reachable: [String]) {
        self.facts = facts
        order = facts.keys.sorted()
        keepers = reachable.reversed()
        reason = reachable.isEmpty ? .unreachable : .noKeeper
    }

    /// What to ask the next one for what may go only if it has it, up to `limit` objects at once; nil: nobody is left.
    package mutating func next(_ standing: Standing, at now: Timestamp, limit: Int) -> [Question]? {
        guard let keeper = keepers.popLast() else { return nil }
        let open = order.filter { hash in
            guard let facts = facts[hash], Self.refusal(facts, standing) == nil else { return false }
            return Self.best(facts, standing, at: now).map { now - $0.time > Self.freshness } ?? true
        }
        return stride(from: 0, to: open.count, by: limit).map { start in
            Question(keeper: keeper, hashes: Array(open[start..<min(start + limit, open.count)]))
        }
    }

    /// Takes in what was answered: nil, if nothing that can be used.
    ///
    /// `confirmation` says who was asked, when and in which turn. An answer of who does not keep everything is `[:]`.
    package mutating func take(
        _ answers: [ObjectHash: Answer]?,
        to question: Question,
        _ confirmation: HolderConfirmation
    ) {
        for hash in question.hashes {
            switch answers.map({ $0[hash] }) {
            case nil: reasons[hash] = .noAnswer(from: question.keeper)
            case .some(nil): break
            case .proven:
                forget(confirmation.instance, hash)
                facts[hash]?.confirmations.append(confirmation)
            case .missing:
                forget(confirmation.instance, hash)
                var names = [question.keeper]
                if case .missing(let others)? = reasons[hash] { names = others + names }
                reasons[hash] = .missing(at: names)
            case .wrong:
                forget(confirmation.instance, hash)
                reasons[hash] = .wrong(at: question.keeper)
            }
        }
    }

    private mutating func forget(_ instance: String, _ hash: ObjectHash) {
        facts[hash]?.confirmations.removeAll { $0.instance == instance }
    }

    /// What is to become of an object, all considered; to be asked just before its bytes are dropped.
    ///
    /// `pin` is what holds it by then.
    package func verdict(
        of hash: ObjectHash,
        pin: String?,
        _ standing: Standing,
        at now: Timestamp
    ) -> EvictionVerdict {
        guard var facts = facts[hash] else { return .notLocal }
        facts.pin = pin
        if let refusal = Self.refusal(facts, standing) { return refusal }
        guard let best = Self.best(facts, standing, at: now) else { return .noHolder(reasons[hash] ?? reason) }
        return .evicted(byteCount: facts.byteCount ?? 0, holder: best.instance, verified: best.time)
    }

    /// Why it stays, whoever has it.
    private static func refusal(_ facts: Facts, _ standing: Standing) -> EvictionVerdict? {
        guard facts.byteCount != nil else { return .notLocal }
        if standing.keepsEverything { return .kept }
        if let promise = standing.promise { return .promised(until: promise) }
        if let pin = facts.pin { return .pinned(by: pin) }
        return facts.isNeeded ? .needed : nil
    }

    /// The newest confirmation that counts.
    private static func best(_ facts: Facts, _ standing: Standing, at now: Timestamp) -> HolderConfirmation? {
        facts.confirmations.filter { $0.counts(standing, at: now) }.max { $0.time < $1.time }
    }
}

extension HolderConfirmation {
    /// Whether bytes may be dropped on it.
    func counts(_ standing: Eviction.Standing, at now: Timestamp) -> Bool {
        // One of the future was made before the clock was set back: nobody knows how old it is.
        turn == standing.turn && time <= now && now - time < Vouching.lifetime && !standing.revoked.contains(instance)
    }
}
