import Catalog
import Objects
import Peers

@testable import Node

/// Three devices of one owner, their clocks, and who can talk to whom: the rules are those of the program
/// (`Eviction`, `Vouching`), everything around them is simulated.
struct SimulatedWorld {
    struct Violation: Error { var words: String }

    var devices: [SimulatedDevice]
    var links: Set<Set<Int>> = [[0, 1], [0, 2], [1, 2]]
    var elapsed = Duration.zero
    let broken: BrokenRule?
    /// Things that were stored and that nobody has lost legitimately since.
    var made: Set<Thing> = []
    /// Of these whatever turns out to be gone now was lost legitimately.
    var conceded: Set<Thing> = []
    /// Whether what was confirmed has to be true: nobody's clock jumped, nobody was revoked.
    var isOrderly = true

    static let start = Timestamp(milliseconds: 1_800_000_000_000)

    init(broken: BrokenRule?, roles: [Bool], shelf: (Int) throws -> any Shelf) rethrows {
        self.broken = broken
        devices = []
        for (number, name) in ["attic", "laptop", "phone"].enumerated() {
            let shelf = try shelf(number)
            devices.append(SimulatedDevice(name: name, shelf: shelf, keepsEverything: roles[number]))
        }
    }

    func now(_ device: Int) -> Timestamp { Self.start + elapsed + devices[device].clockOffset }

    func canTalk(_ one: Int, _ other: Int) -> Bool {
        links.contains([one, other]) && !devices[one].revoked.contains(devices[other].name)
            && !devices[other].revoked.contains(devices[one].name)
            && !devices[one].revoked.contains(devices[one].name)
            && !devices[other].revoked.contains(devices[other].name)
    }

    func standing(_ device: Int) -> Eviction.Standing {
        let (device, now) = (devices[device], now(device))
        let forgets = broken == .promises || broken == .lease
        return Eviction.Standing(
            keepsEverything: device.keepsEverything,
            promise: forgets ? nil : device.shelf.promise(at: now),
            turn: broken == .promises ? 0 : device.shelf.turn,
            revoked: device.revoked
        )
    }

    // MARK: What is fetched

    /// Reads something from who has it; what there is room for will be stored.
    mutating func fetch(_ thing: Thing, _ number: Int) throws {
        let device = devices[number]
        guard try !device.shelf.holds(thing), !device.arrivals.contains(thing) else { return }
        let isThere = try devices.indices.contains { other in
            try other != number && canTalk(number, other) && (devices[other].shelf.holds(thing))
        }
        guard isThere else { return }
        let isPromised = devices[number].room.promise(
            thing.chargedByteCount,
            used: try device.used(),
            quota: device.keepsEverything ? nil : SimulatedDevice.quota
        )
        guard isPromised else { return }
        if broken == .room { devices[number].room.settle(thing.chargedByteCount) }
        devices[number].arrivals.append(thing)
    }

    /// Stores what has arrived.
    mutating func land(_ thing: Thing, _ number: Int) throws {
        try devices[number].shelf.put(thing)
        devices[number].arrivals.removeAll { $0 == thing }
        if broken != .room { devices[number].room.settle(thing.chargedByteCount) }
        if devices[number].pins.contains(thing) { devices[number].guarded.insert(thing) }
    }

    // MARK: An eviction, step by step

    mutating func beginErrand(_ number: Int, _ hashes: [ObjectHash], isRehearsal: Bool) throws {
        let device = devices[number]
        let confirmations = try device.shelf.confirmations()
        var facts: [ObjectHash: Eviction.Facts] = [:]
        for hash in hashes {
            guard let thing = Thing.byHash[hash] else { continue }
            facts[hash] = Eviction.Facts(
                byteCount: try device.shelf.holds(thing) ? thing.bytes.count : nil,
                pin: broken != .pins && device.pins.contains(thing) ? "pin" : nil,
                confirmations: confirmations[hash] ?? []
            )
        }
        let reachable = devices.indices.filter { $0 != number && canTalk(number, $0) }.map { devices[$0].name }
        let eviction = Eviction(facts, reachable: reachable)
        devices[number].errand = .init(eviction: eviction, hashes: hashes, isRehearsal: isRehearsal)
    }

    /// The next step of what a device is at.
    mutating func advance(_ number: Int) async throws {
        guard var errand = devices[number].errand else { return }
        let shelf = devices[number].shelf
        switch errand.phase {
        case .toAsk:
            if errand.questions.isEmpty {
                guard let next = errand.eviction.next(standing(number), at: now(number), limit: 2) else {
                    devices[number].errand = nil
                    return try conclude(number, errand)
                }
                errand.questions = next
            }
            guard let question = errand.questions.popLast() else { break }
            let turn = shelf.ask()
            let confirmation = HolderConfirmation(
                instance: question.keeper,
                time: now(number),
                turn: broken == .promises ? 0 : turn
            )
            errand.phase = .asked(question, Nonce(random: SeededRandom(seed: UInt64(turn))), confirmation)
        case .asked(let question, let nonce, let confirmation):
            let answer = try await answer(question, nonce, to: number)
            errand.phase = .answered(question, nonce, confirmation, answer)
        case .answered(let question, let nonce, let confirmation, let theirs):
            errand.phase = .toAsk
            let answers = try await compare(theirs, question, nonce, at: number)
            errand.eviction.take(answers, to: question, confirmation)
            try shelf.confirm((answers ?? [:]).filter { $0.value == .proven }.map(\.key), confirmation)
            try shelf.deny((answers ?? [:]).filter { $0.value != .proven }.map(\.key), by: question.keeper)
        }
        devices[number].errand = errand
    }

    private func answer(_ question: Eviction.Question, _ nonce: Nonce, to asker: Int) async throws -> Possessions? {
        guard let number = devices.firstIndex(where: { $0.name == question.keeper }), canTalk(asker, number) else {
            return nil
        }
        let device = devices[number]
        if broken != .keepers {
            guard device.keepsEverything else { return Possessions(keepsEverything: false, proofs: []) }
            do {
                try device.shelf.vouch(at: now(number))
            } catch {
                return nil
            }
        }
        var proofs: [PossessionProof?] = []
        for case let thing? in question.hashes.map({ Thing.byHash[$0] }) {
            let proof = try? await device.shelf.proof(of: thing, nonce: nonce)
            proofs.append(proof ?? (device.lies ? PossessionProof(of: [7] as [UInt8], nonce: nonce) : nil))
        }
        return Possessions(keepsEverything: true, proofs: proofs)
    }

    private func compare(
        _ theirs: Possessions?,
        _ question: Eviction.Question,
        _ nonce: Nonce,
        at number: Int
    ) async throws -> [ObjectHash: Eviction.Answer]? {
        guard let theirs else { return nil }
        var answers: [ObjectHash: Eviction.Answer] = [:]
        for (hash, proof) in zip(question.hashes, theirs.proofs) {
            guard let thing = Thing.byHash[hash] else { continue }
            var own = try await devices[number].shelf.proof(of: thing, nonce: nonce)
            if broken == .proofs, own != nil { own = proof }
            answers[hash] = Eviction.Answer(theirs: proof, own: own)
        }
        return answers
    }

    private mutating func conclude(_ number: Int, _ errand: SimulatedDevice.Errand) throws {
        guard !errand.isRehearsal else { return }
        let (device, standing, now) = (devices[number], standing(number), now(number))
        for case let thing? in errand.hashes.map({ Thing.byHash[$0] }) {
            let pin = broken != .pins && device.pins.contains(thing) ? "pin" : nil
            let verdict = errand.eviction.verdict(of: thing.hash, pin: pin, standing, at: now)
            guard case .evicted(_, let holder, _) = verdict else { continue }
            // Who has not heard of a revocation yet cannot know better.
            if devices.contains(where: { $0.name == holder && $0.isRevoked }) { conceded.insert(thing) }
            try device.shelf.remove(thing)
            devices[number].written.remove(thing)
        }
    }

    // MARK: What always holds

    func isGone(_ thing: Thing) throws -> Bool { try !devices.contains { try !$0.isRevoked && $0.shelf.holds(thing) } }

    mutating func check() throws {
        for thing in Thing.all where try made.contains(thing) && isGone(thing) {
            guard conceded.contains(thing) else { throw Violation(words: "nobody has \(thing.name) any more") }
            made.remove(thing)
        }
        conceded = []
        for device in devices {
            for thing in device.guarded where try !device.shelf.holds(thing) {
                throw Violation(words: "\(thing.name) was pinned on \(device.name) and is gone")
            }
            let fetched = try device.things().filter { !device.written.contains($0) }
            let used = fetched.reduce(0) { $0 + $1.chargedByteCount }
            if !device.keepsEverything, used > SimulatedDevice.quota {
                throw Violation(words: "\(device.name) has fetched \(used) bytes, more than its quota")
            }
        }
        if isOrderly { try checkConfirmations() }
    }

    /// What counts as confirmed is so.
    private func checkConfirmations() throws {
        for number in devices.indices {
            let (standing, now) = (standing(number), now(number))
            for (hash, confirmations) in try devices[number].shelf.confirmations() {
                for confirmation in confirmations where confirmation.counts(standing, at: now) {
                    guard let holder = devices.first(where: { $0.name == confirmation.instance }),
                        let thing = Thing.byHash[hash], try !holder.shelf.holds(thing)
                    else { continue }
                    let name = devices[number].name
                    throw Violation(words: "\(name) relies on \(holder.name) for \(thing.name), which dropped it")
                }
            }
        }
    }
}
