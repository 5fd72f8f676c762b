import Objects
import Storage
import SystemPackage
import TestSupport
import Testing

/// What a scenario was told is stored.
struct Acknowledged {
    var objects: [ObjectHash: [UInt8]] = [:]
    /// The newest head acknowledged, and one that was being set.
    var heads: [IDHash: ObjectHash] = [:]
    var pendingHeads: [IDHash: ObjectHash] = [:]
}

/// One thing that is done to a store while the power is cut or the disk fails at every operation in turn.
enum Scenario: CaseIterable {
    case single, again, bulk, fewInBulk, staged, heads, manyHeads, mixed, bulkAgain
    /// By two writers at once.
    case shared, fewShared, stream, streamAgain

    static let texts: [[UInt8]] = (0..<18).map { Array("object \($0)".utf8) }
    static let nodes = texts.map { ObjectHash(of: $0) }
    static let ids = nodes.reversed().map { IDHash($0) }

    func run(on store: ObjectStore, _ done: inout Acknowledged) async throws {
        switch self {
        case .single:
            for bytes in Self.texts.prefix(3) { try put(bytes, in: store, &done) }
        case .again:
            for _ in 0..<3 { try put(Self.texts[0], in: store, &done) }
        case .bulk: try put(Self.texts, in: store, &done)
        case .fewInBulk: try put(Array(Self.texts.prefix(3)), in: store, &done)
        case .bulkAgain:
            try put(Array(Self.texts.prefix(2)), in: store, &done)
            for _ in 0..<2 { try put(Self.texts, in: store, &done) }
        case .shared: try await share(Self.texts, in: store, &done)
        case .fewShared: try await share(Array(Self.texts.prefix(3)), in: store, &done)
        case .stream: try await stream(Self.texts, in: store, &done)
        case .streamAgain:
            try put(Array(Self.texts.prefix(2)), in: store, &done)
            for _ in 0..<2 { try await stream(Self.texts + Self.texts, in: store, &done) }
        case .staged:
            var staged = try store.stage()
            try staged.append(Array("object".utf8))
            try staged.append(Array(" 0".utf8))
            let known = try staged.commit(expecting: Self.nodes[0])
            done.objects[known.hash] = Self.texts[0]
        case .heads:
            for node in Self.nodes.prefix(3) { try set(node, of: Array(Self.ids.prefix(1)), in: store, &done) }
        case .manyHeads:
            for node in Self.nodes.prefix(2) { try set(node, of: Self.ids, in: store, &done) }
        case .mixed:
            try put(Self.texts[0], in: store, &done)
            try put(Array(Self.texts.prefix(5)), in: store, &done)
            try set(Self.nodes[0], of: Array(Self.ids.prefix(1)), in: store, &done)
            try put(Array(Self.texts.prefix(5)), in: store, &done)
        }
    }

    private func put(_ bytes: [UInt8], in store: ObjectStore, _ done: inout Acknowledged) throws {
        done.objects[try store.put(bytes).hash] = bytes
    }

    private func put(_ objects: [[UInt8]], in store: ObjectStore, _ done: inout Acknowledged) throws {
        for (known, bytes) in zip(try store.put(objects), objects) { done.objects[known.hash] = bytes }
    }

    private func share(_ objects: [[UInt8]], in store: ObjectStore, _ done: inout Acknowledged) async throws {
        let known = try await store.put(batch: objects)
        #expect(known.map(\.hash) == objects.map { ObjectHash(of: $0) })
        for bytes in objects { done.objects[ObjectHash(of: bytes)] = bytes }
    }

    /// In batches of two large ones, so that one is hashed while the one before is settled.
    private func stream(_ objects: [[UInt8]], in store: ObjectStore, _ done: inout Acknowledged) async throws {
        let inputs = objects.map { NewObject(.bytes($0), tag: $0, likelyByteCount: 1 << 30) }
        try await store.put(all: Supply(inputs)) { batch in
            #expect(batch.count == 2)
            for stored in batch { done.objects[try stored.outcome.get().object.hash] = stored.tag }
        }
    }

    private func set(
        _ node: ObjectHash,
        of ids: [IDHash],
        in store: ObjectStore,
        _ done: inout Acknowledged
    ) throws {
        for id in ids { done.pendingHeads[id] = node }
        try store.setHeads(ids.map { ($0, node) })
        for id in ids { done.heads[id] = node }
        done.pendingHeads = [:]
    }
}

/// Looks at what is on the disk with a store that knows nothing yet.
func expectPromises(
    _ disk: MemoryDisk,
    _ done: Acknowledged,
    _ comment: Comment,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let store = try ObjectStore(
        root: Root(unchecked: "/memory"),
        disk: disk,
        verdicts: VerdictMemory(),
        random: SeededRandom(seed: 99)
    )
    try store.forEachObject { hash, _ in
        let bytes = try store.localBytes(of: hash)
        #expect(bytes.map { ObjectHash(of: $0) } == hash, comment, sourceLocation: sourceLocation)
    }
    for (hash, bytes) in done.objects {
        let found = try store.localBytes(of: hash)
        #expect(found == bytes, comment, sourceLocation: sourceLocation)
    }
    for (id, node) in done.heads {
        let head = try store.head(of: id)
        #expect(head == node || head == done.pendingHeads[id], comment, sourceLocation: sourceLocation)
    }
    for id in done.pendingHeads.keys where done.heads[id] == nil {
        let head = try store.head(of: id)
        #expect(head == nil || head == done.pendingHeads[id], comment, sourceLocation: sourceLocation)
    }
    #expect(try store.quarantinedFiles().isEmpty, comment, sourceLocation: sourceLocation)
    #expect(try disk.list(Root.Place.incoming).isEmpty, comment, sourceLocation: sourceLocation)
}

@Suite("Power cuts and disk errors")
struct PowerCutTests {
    static let survivals: [MemoryDisk.Survival] =
        [.nothing, .names, .everything] + (1...6).map { MemoryDisk.Survival.some(seed: $0) }

    @Test(arguments: Scenario.allCases)
    func cutAtEveryOperation(_ scenario: Scenario) async throws {
        var cut = 0
        var wasCut = true
        while wasCut {
            cut += 1
            for survival in Self.survivals {
                let disk = MemoryDisk()
                let fixture = try MemoryFixture(disk)
                var done = Acknowledged()
                disk.cutPower(at: disk.operationCount + cut)
                do { try await scenario.run(on: fixture.store(), &done) } catch { #expect(disk.isOff) }
                wasCut = disk.isOff
                disk.restart(survival)
                try expectPromises(disk, done, "\(scenario), cut at \(cut), \(survival) survives")
            }
        }
        #expect(cut > 5)
    }

    /// An error of any operation is reported or does no harm, a second try by the same process works, and a power cut
    /// after it finds everything.
    @Test(arguments: Scenario.allCases, [Errno.noSpace, .ioError])
    func errorAtEveryOperation(_ scenario: Scenario, _ error: Errno) async throws {
        let disk = MemoryDisk()
        var done = Acknowledged()
        let store = try MemoryFixture(disk).store()
        let start = disk.operationCount
        try await scenario.run(on: store, &done)
        let count = disk.operationCount - start
        for number in 1...count {
            let disk = MemoryDisk()
            let store = try MemoryFixture(disk).store()
            var done = Acknowledged()
            disk.fail(at: disk.operationCount + number, with: error)
            do {
                try await scenario.run(on: store, &done)
            } catch let failure as ObjectError {
                switch failure {
                case .noSpace: #expect(error == .noSpace)
                case .system(let reported, _): #expect(reported == error)
                default: Issue.record("\(failure)")
                }
            }
            #expect(disk.openCount == 0, "\(scenario), \(error) at \(number) leaks a handle")
            try await scenario.run(on: store, &done)
            disk.restart(.nothing)
            try expectPromises(disk, done, "\(scenario), \(error) at \(number)")
        }
    }

    /// After fsync(2) has failed the kernel may call lost bytes clean: asking again proves nothing, writing again does.
    @Test func synchronisationIsNeverTriedAgain() async throws {
        for scenario in [Scenario.single, .bulk, .again, .staged, .shared, .stream] {
            for number in 1...60 {
                let disk = MemoryDisk()
                let store = try MemoryFixture(disk).store()
                var done = Acknowledged()
                disk.fail(at: disk.operationCount + number, with: .ioError)
                try? await scenario.run(on: store, &done)
                try? await scenario.run(on: store, &done)
                disk.restart(.nothing)
                try expectPromises(disk, done, "\(scenario), error at \(number)")
            }
        }
    }

    @Test func fullDiskChangesNothingAndRecovers() throws {
        let disk = MemoryDisk()
        let store = try MemoryFixture(disk).store()
        let small = try store.put(Array("small".utf8))
        disk.limit(byteCount: 1000)
        let large = [UInt8](repeating: 7, count: 5000)
        #expect(throws: ObjectError.noSpace) { try store.put(large) }
        #expect(throws: ObjectError.noSpace) { try store.put([[1], [2], [3], large]) }
        #expect(try disk.list(Root.Place.incoming).isEmpty)
        #expect(try store.localBytes(of: small.hash) == Array("small".utf8))
        #expect(try !store.contains(ObjectHash(of: large)))
        #expect(try !store.contains(ObjectHash(of: [1])))
        disk.limit(byteCount: 100_000)
        #expect(try store.put([[1], [2], [3], large]).count == 4)
        #expect(try store.contains(ObjectHash(of: large)))
    }
}
