import Objects

@testable import Node

/// A random history of three devices: what people, disks, clocks and connections do, one thing after the other.
struct History {
    static let stepCount = 200
    /// A clock that is wrong is wrong by as much, mostly: longer than a confirmation counts.
    private static let clockHours = 30

    let seed: UInt64
    private var lot: Lot
    private var world: SimulatedWorld
    /// What happened so far.
    private(set) var log: [String] = []
    private var hasRevoked = false
    private let jumpsClocks: Bool
    private let revokes: Bool

    init(seed: UInt64, broken: BrokenRule? = nil, shelf: (Int) throws -> any Shelf) throws {
        self.seed = seed
        lot = Lot(seed: seed)
        let roles = [true, lot.isOne(in: 3), lot.isOne(in: 3)]
        world = try SimulatedWorld(broken: broken, roles: roles, shelf: shelf)
        jumpsClocks = lot.isOne(in: 3)
        revokes = lot.isOne(in: 3)
    }

    /// Runs it; what went wrong, if anything did.
    mutating func run() async -> String? {
        for step in 0..<Self.stepCount {
            do {
                try await takeStep()
                try check()
            } catch {
                let words = (error as? SimulatedWorld.Violation)?.words ?? "\(error)"
                return "seed \(seed), step \(step): \(words)"
            }
        }
        return nil
    }

    private mutating func takeStep() async throws {
        let (number, thing) = (lot.number(world.devices.count), Thing.all[lot.number(Thing.all.count)])
        let kind = lot.number(100)
        if lot.isOne(in: 12) { world.devices[number].shelf.endanger(&lot) }
        do { try await act(kind, number, thing) } catch { try recover(from: error) }
    }

    private mutating func check() throws {
        // Its own questions may be what the power is cut in.
        for _ in world.devices {
            do { return try world.check() } catch { try recover(from: error) }
        }
        try world.check()
    }

    /// The disk went away in the middle of something: what was not acknowledged may be there or not.
    private mutating func recover(from error: any Error) throws {
        let down = world.devices.indices.filter { world.devices[$0].shelf.isDown }
        guard !down.isEmpty, !(error is SimulatedWorld.Violation) else { throw error }
        for number in down {
            log.append("\(world.devices[number].name) loses its power")
            try crash(number)
        }
    }

    private mutating func act(_ kind: Int, _ number: Int, _ thing: Thing) async throws {
        let name = world.devices[number].name
        func note(_ words: String) { log.append("\(name) \(words)") }
        switch kind {
        case 0..<45:
            if lot.isOne(in: 2), let thing = world.devices[number].arrivals.first {
                note("has fetched \(thing.name)")
                try world.land(thing, number)
            } else {
                try await world.advance(number)
            }
        case 45..<57:
            let hashes = Set((0...lot.number(3)).map { _ in Thing.all[lot.number(Thing.all.count)].hash }).sorted()
            guard world.devices[number].errand == nil else { return }
            note("begins to evict \(hashes.compactMap { Thing.byHash[$0]?.name })")
            try world.beginErrand(number, hashes, isRehearsal: lot.isOne(in: 4))
        case 57..<64:
            note("puts \(thing.name)")
            try put(thing, number)
        case 64..<71:
            for _ in 0...lot.number(3) { try world.fetch(Thing.all[lot.number(Thing.all.count)], number) }
        case 71..<76:
            guard world.devices[number].keepsEverything else { return }
            for thing in Thing.all { try world.fetch(thing, number) }
        case 76..<79:
            note("pins \(thing.name)")
            world.devices[number].pins.insert(thing)
            try world.fetch(thing, number)
            if try world.devices[number].shelf.holds(thing) { world.devices[number].guarded.insert(thing) }
        case 79..<81:
            note("unpins \(thing.name)")
            world.devices[number].pins.remove(thing)
            world.devices[number].guarded.remove(thing)
        default:
            try disturb(kind, number)
        }
    }

    /// What happens to devices.
    private mutating func disturb(_ kind: Int, _ number: Int) throws {
        let name = world.devices[number].name
        switch kind {
        case 81..<88:
            world.devices[number].keepsEverything = lot.isOne(in: 2)
            log.append("\(name) is started, keeps everything: \(world.devices[number].keepsEverything)")
            try world.devices[number].shelf.restart()
            try begin(number)
        case 88..<90:
            log.append("\(name) crashes")
            try crash(number)
        case 90..<95:
            let minutes = lot.isOne(in: 3) ? 60 * (1 + lot.number(26)) : 1 + lot.number(60)
            log.append("\(minutes) minutes pass")
            world.elapsed += .seconds(60 * minutes)
            if jumpsClocks { jumpClock(of: number) }
        case 95..<96:
            if jumpsClocks { jumpClock(of: number) }
        case 96..<98:
            let other = (number + 1) % world.devices.count
            if world.links.remove([number, other]) == nil {
                world.links.insert([number, other])
                gossip()
            }
        case 98..<99:
            world.devices[number].lies.toggle()
        default:
            try revoke(by: number)
        }
    }

    /// A clock goes wrong by days, or is set right again.
    private mutating func jumpClock(of number: Int) {
        let isRight = world.devices[number].clockOffset == .zero
        let hours = lot.isOne(in: 4) ? lot.number(120) - 60 : isRight ? Self.clockHours : 0
        log.append("the clock of \(world.devices[number].name) is \(hours) hours off")
        world.devices[number].clockOffset = .seconds(3600 * hours)
        world.isOrderly = false
    }

    /// Its owner writes it: there is no quota for that.
    private mutating func put(_ thing: Thing, _ number: Int) throws {
        guard !world.devices[number].isRevoked else { return }
        world.devices[number].written.insert(thing)
        try world.devices[number].shelf.put(thing)
        world.made.insert(thing)
    }

    private mutating func crash(_ number: Int) throws {
        try world.devices[number].shelf.crash(&lot)
        try begin(number)
    }

    /// The process of a device begins anew, with what was here before.
    private mutating func begin(_ number: Int) throws {
        world.devices[number].begin()
        // What was dropped may be back after a power cut, and who kept everything may keep less now.
        world.devices[number].written = Set(try world.devices[number].things())
    }

    private mutating func revoke(by custodian: Int) throws {
        let number = (custodian + 1 + lot.number(2)) % world.devices.count
        guard revokes, !hasRevoked, !world.devices[custodian].isRevoked else { return }
        hasRevoked = true
        world.isOrderly = false
        log.append("\(world.devices[custodian].name) revokes \(world.devices[number].name)")
        world.devices[number].isRevoked = true
        world.devices[custodian].revoked.insert(world.devices[number].name)
        try world.devices[custodian].shelf.forget(world.devices[number].name)
        gossip()
        // What only it had nobody can fetch any more.
        world.conceded = world.made
    }

    /// Who can talk tells whom it knows to be revoked.
    private mutating func gossip() {
        for _ in world.devices {
            for one in world.devices.indices {
                for other in world.devices.indices where one != other && world.canTalk(one, other) {
                    let news = world.devices[one].revoked.subtracting(world.devices[other].revoked)
                    for name in news { try? world.devices[other].shelf.forget(name) }
                    world.devices[other].revoked.formUnion(news)
                }
            }
        }
    }
}
