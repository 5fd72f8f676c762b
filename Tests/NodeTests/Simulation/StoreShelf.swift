import Catalog
import Objects
import Storage
import SystemPackage
import TestSupport

@testable import Node

/// A shelf as the program has it: its store on a disk that loses what was not synchronised, and its catalog.
final class StoreShelf: Shelf {
    private let disk = MemoryDisk()
    private let folder = TemporaryDirectory()
    private let random: SeededRandom
    private var store: ObjectStore
    private var catalog: Catalog
    private var vouching: VouchingFile

    init(seed: UInt64) throws {
        random = SeededRandom(seed: seed)
        try Root.lay(out: disk)
        try disk.synchronizeAll()
        (store, catalog, vouching) = try Self.open(disk, folder, random)
    }

    private static func open(
        _ disk: MemoryDisk,
        _ folder: TemporaryDirectory,
        _ random: SeededRandom
    ) throws -> (ObjectStore, Catalog, VouchingFile) {
        let root = Root(unchecked: "/memory")
        let store = try ObjectStore(root: root, disk: disk, verdicts: VerdictMemory(), random: random)
        let path = folder.path.appending("catalog.sqlite")
        let catalog = try Catalog(path: path, objects: store, owner: nil, book: .standard)
        try catalog.markComplete()
        return (store, catalog, try VouchingFile(on: disk, random: random))
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
        (store, catalog, vouching) = try Self.open(disk, folder, random)
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
    }

    var isDown: Bool { disk.isOff }

    func endanger(_ lot: inout Lot) { disk.cutPower(at: disk.operationCount + 1 + lot.number(12)) }
}
