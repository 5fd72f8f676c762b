import Catalog
import Objects
import Storage
import SystemPackage
import TestSupport

@testable import Node

/// A shelf as the program has it: its store on a disk that loses what was not synchronised, and its catalog, which keeps
/// what it was told or is lost as a whole.
final class StoreShelf: Shelf {
    private let disk = MemoryDisk()
    private var folder = TemporaryDirectory()
    private let random: SeededRandom
    private var store: ObjectStore
    private var catalog: Catalog
    private var vouching: VouchingFile

    init(seed: UInt64) throws {
        random = SeededRandom(seed: seed)
        try Root.lay(out: disk)
        try disk.synchronizeAll()
        (store, vouching) = try Self.open(disk, random)
        catalog = try Self.catalog(in: folder, of: store)
    }

    private static func open(_ disk: MemoryDisk, _ random: SeededRandom) throws -> (ObjectStore, VouchingFile) {
        let root = Root(unchecked: "/memory")
        let store = try ObjectStore(root: root, disk: disk, verdicts: VerdictMemory(), random: random)
        return (store, try VouchingFile(on: disk, random: random))
    }

    private static func catalog(in folder: TemporaryDirectory, of store: ObjectStore) throws -> Catalog {
        let path = folder.path.appending("catalog.sqlite")
        let catalog = try Catalog(path: path, objects: store, owner: nil, book: .standard)
        if catalog.wasReset { try catalog.rebuild(from: store) }
        return catalog
    }

    func holds(_ thing: Thing) throws -> Bool { try store.contains(thing.hash) }

    func put(_ thing: Thing) throws {
        let known = try store.put(thing.bytes)
        try catalog.record([.object(known, held: true)])
    }

    func remove(_ thing: Thing) throws {
        try store.remove(thing.hash)
        try catalog.dropped([thing.hash])
    }

    func proof(of thing: Thing, nonce: Nonce) async throws -> PossessionProof? {
        try await store.proof(of: thing.hash, nonce: nonce)
    }

    func confirmations() throws -> [ObjectHash: [HolderConfirmation]] {
        try catalog.confirmations(of: Thing.all.map(\.hash))
    }

    func confirm(_ hashes: [ObjectHash], _ confirmation: HolderConfirmation) throws {
        try catalog.confirm(hashes, confirmation)
    }

    func deny(_ hashes: [ObjectHash], by instance: String) throws { try catalog.deny(hashes, by: instance) }
    func forget(_ instance: String) throws { try catalog.forgetHolder(instance) }

    func ask() -> Int64 { vouching.ask() }
    func vouch(at now: Timestamp) throws { try vouching.vouch(at: now) }
    func promise(at now: Timestamp) -> Timestamp? { vouching.promise(at: now) }
    var turn: Int64 { vouching.turn }

    func restart() throws {
        (store, vouching) = try Self.open(disk, random)
        // As after a kill (`Reconciliation`).
        for thing in Thing.all {
            guard try catalog.known(thing.hash) != nil else { continue }
            if try store.contains(thing.hash) {
                try catalog.held([thing.hash])
            } else {
                try catalog.dropped([thing.hash])
            }
        }
    }

    func crash(_ lot: inout Lot) throws {
        disk.restart(.some(seed: lot.next()))
        try restart()
        // A catalog is derived: it may be damaged, and then it is made again from what is here.
        if lot.isOne(in: 8) {
            folder = TemporaryDirectory()
            catalog = try Self.catalog(in: folder, of: store)
        }
    }

    var isDown: Bool { disk.isOff }

    func endanger(_ lot: inout Lot) { disk.cutPower(at: disk.operationCount + 1 + lot.number(12)) }
}
