import Objects
import Testing

@testable import Catalog

@Suite struct FeedTests {
    let world: World
    let catalog: Catalog

    init() throws {
        world = try World()
        catalog = try world.catalog()
    }

    @Test func whatIsRecordedCanBeReadAfterAnyNumber() throws {
        let hashes = (0..<10).map { world.put(bytes: [0xFF, UInt8($0)]) }
        try world.commit(to: catalog)
        var number: Int64 = 0
        var seen: [ObjectHash] = []
        while true {
            let (changes, next) = try catalog.changes(after: number, limit: 3)
            for case (_, .object(let object, true)) in changes { seen.append(object.hash) }
            if next == number { break }
            number = next
        }
        #expect(seen == hashes)
        #expect(try catalog.lastChange() == number)
        // Nothing new is no news; a change of what is here is one, and the line before it is gone.
        try catalog.record(
            hashes.compactMap { hash in
                .object(KnownObject(hash: hash, kind: .blob, type: nil, byteCount: 2), held: true)
            }
        )
        #expect(try catalog.changes(after: number, limit: 100).changes.isEmpty)
        try catalog.dropped([hashes[3]])
        let (changes, _) = try catalog.changes(after: number, limit: 100)
        #expect(
            changes.map(\.1) == [
                .object(KnownObject(hash: hashes[3], kind: .blob, type: nil, byteCount: 2), held: false)
            ]
        )
        #expect(try catalog.changes(after: 0, limit: 100).changes.count == 10)
    }

    @Test func whatAPeerSaysIsKnownNotHeld() throws {
        let object = KnownObject(hash: ObjectHash(of: [9]), kind: .blob, type: nil, byteCount: 1)
        try catalog.record([.object(object, held: true)], from: "archive")
        #expect(try catalog.known(object.hash)?.held == false)
        #expect(try catalog.holders(of: object.hash) == ["archive"])
        #expect(try catalog.missing(heldBy: "archive", after: nil, limit: 10) == [object.hash])
        #expect(try catalog.changes(after: 0, limit: 10).changes.map(\.1) == [.object(object, held: false)])
        try catalog.record([.object(object, held: true)])
        #expect(try catalog.missing(heldBy: "archive", after: nil, limit: 10) == [])
        try catalog.record([.object(object, held: false)], from: "archive")
        #expect(try catalog.holders(of: object.hash) == [])
        #expect(try catalog.known(object.hash)?.held == true)
    }

    @Test func whatTheStoreHasAndTheCatalogMissedIsFound() throws {
        let (here, lost) = (world.put(bytes: [1]), world.put(bytes: [2]))
        try world.commit(to: catalog)
        let new = ObjectHash(of: [3])
        var found: (unnoted: [ObjectHash], gone: [ObjectHash]) = ([], [])
        for prefix in UInt8.min...UInt8.max {
            let present = Set([here, new].filter { $0.bytes[0] == prefix })
            let difference = try catalog.differences(prefix: prefix, present: present)
            found = (found.unnoted + difference.unnoted, found.gone + difference.gone)
        }
        #expect(found.unnoted == [new] && found.gone == [lost])
    }

    @Test func followersAreWoken() async throws {
        var pulses = catalog.feedPulses().makeAsyncIterator()
        world.put(bytes: [1])
        try world.commit(to: catalog)
        #expect(await pulses.next() != nil)
    }

    @Test func positionsAreKept() throws {
        #expect(try catalog.position(of: "archive").number == 0)
        try catalog.setPosition(17, generation: [1, 2], of: "archive")
        #expect(try catalog.position(of: "archive").number == 17)
        #expect(try catalog.position(of: "archive").generation == [1, 2])
        try catalog.forgetHolder("archive")
        #expect(try catalog.position(of: "archive").number == 0)
    }

    @Test func objectsAreListedInPages() throws {
        for index in 0..<300 { world.put(bytes: Array("\(index)".utf8)) }
        try world.version("ChannelInfo", [("id", .string("x"))])
        try world.commit(to: catalog)
        var count = 0
        for prefix in UInt8.min...UInt8.max {
            var after: ObjectHash?
            while let last = try catalog.objects(prefix: prefix, after: after, limit: 2).last {
                let page = try catalog.objects(prefix: prefix, after: after, limit: 2)
                #expect(page.allSatisfy { $0.hash.bytes[0] == prefix })
                count += page.count
                after = last.hash
            }
        }
        #expect(count == 300 + 3)
        #expect(try catalog.types() == ["ChannelInfo", "VersionNodeEdge"])
        #expect(try catalog.objects(type: "ChannelInfo", after: nil, limit: 10).count == 1)
    }

    @Test func registrationsAreGivenWithTheirProof() throws {
        let instance = IDHash(ObjectHash(of: [5]))
        let registration = Registration(
            instanceID: instance,
            ownerID: world.me.id,
            deviceType: "desktop",
            storageRole: "cache",
            capabilities: [],
            publicKey: [UInt8](repeating: 1, count: 32),
            publicSignKey: [UInt8](repeating: 2, count: 32),
            endpoint: nil,
            validFrom: 5,
            revokedAt: nil
        )
        let proof = try RegistrationProof(registration, key: world.me.keys)
        for bytes in [proof.signature, proof.registration, proof.license, proof.certificate] {
            world.put(bytes: bytes)
            try world.commit(to: catalog)
        }
        #expect(try catalog.registrations() == [proof])
    }

    @Test func eventsAreKeptUpToALimit() throws {
        for index in 0..<5 {
            let number = Int64(index)
            let time = Timestamp(nanoseconds: number)
            try catalog.write([CatalogEvent(id: number, change: number, time: time, type: "evicted")])
        }
        #expect(try catalog.events(last: 2).map(\.time.nanoseconds) == [3, 4])
        #expect(try catalog.events(after: 2, limit: 2).map(\.id) == [3, 4])
    }
}
