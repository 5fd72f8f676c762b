import Catalog
import Objects

@testable import Node

/// What a simulated device has that outlives its process.
protocol Shelf: AnyObject {
    func holds(_ thing: Thing) throws -> Bool
    /// Durable on return.
    func put(_ thing: Thing) throws
    func remove(_ thing: Thing) throws
    func proof(of thing: Thing, nonce: Nonce) async throws -> PossessionProof?

    func confirmations() throws -> [ObjectHash: [HolderConfirmation]]
    func confirm(_ hashes: [ObjectHash], _ confirmation: HolderConfirmation) throws
    func deny(_ hashes: [ObjectHash], by instance: String) throws
    func forget(_ instance: String) throws

    /// As in `VouchingFile`.
    func ask() -> Int64
    func vouch(at now: Timestamp) throws
    func promise(at now: Timestamp) -> Timestamp?
    var turn: Int64 { get }

    /// The process ends and another begins.
    func restart() throws
    /// The power is cut for a moment.
    func crash(_ lot: inout Lot) throws
    /// Whether the power is off.
    var isDown: Bool { get }
    /// It will be cut in the middle of what is done next, where that can be simulated.
    func endanger(_ lot: inout Lot)
}

/// A shelf in memory: the rules of the program, and nothing else of it.
final class ModelShelf: Shelf {
    private var things: Set<Thing> = []
    private var kept: [ObjectHash: [HolderConfirmation]] = [:]
    private var vouching: Vouching
    /// What a crash leaves.
    private var durableVouching: Vouching

    init(number: Int) {
        vouching = Vouching(turn: Int64(number) * 1_000_000)
        durableVouching = vouching
    }

    func holds(_ thing: Thing) -> Bool { things.contains(thing) }
    func put(_ thing: Thing) { things.insert(thing) }
    func remove(_ thing: Thing) { things.remove(thing) }

    func proof(of thing: Thing, nonce: Nonce) -> PossessionProof? {
        holds(thing) ? PossessionProof(of: thing.bytes, nonce: nonce) : nil
    }

    func confirmations() -> [ObjectHash: [HolderConfirmation]] { kept }

    func confirm(_ hashes: [ObjectHash], _ confirmation: HolderConfirmation) {
        deny(hashes, by: confirmation.instance)
        for hash in hashes { kept[hash, default: []].append(confirmation) }
    }

    func deny(_ hashes: [ObjectHash], by instance: String) {
        for hash in hashes { kept[hash]?.removeAll { $0.instance == instance } }
    }

    func forget(_ instance: String) { deny(Array(kept.keys), by: instance) }

    func ask() -> Int64 { vouching.ask() }
    func vouch(at now: Timestamp) { if vouching.vouch(at: now) { durableVouching = vouching } }
    func promise(at now: Timestamp) -> Timestamp? { vouching.promise(at: now) }
    var turn: Int64 { vouching.turn }

    func restart() { vouching = durableVouching }

    func crash(_ lot: inout Lot) {
        restart()
        // A catalog is derived: it may be damaged, and then it is made again without them.
        if lot.isOne(in: 4) { kept = [:] }
    }

    let isDown = false
    func endanger(_ lot: inout Lot) {}
}
