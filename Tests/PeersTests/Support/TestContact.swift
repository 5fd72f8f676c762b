import Objects
import Synchronization
import TestSupport

@testable import Peers

/// One instance of somebody who gives and takes: objects, heads and grants in memory.
final class TestContact: ExportSource, ImportTarget, ChumHost {
    let name: String
    let personID: IDHash
    let boxKey: BoxKeyPair
    private let state = Mutex(State())
    private let own = OneShot<Exporter>()

    private struct State {
        var objects: [ObjectHash: [UInt8]] = [:]
        /// Sent instead of the right bytes.
        var wrong: [ObjectHash: [UInt8]] = [:]
        var heads: [IDHash: ObjectHash] = [:]
        var roots: [AccessibleRoot] = []
        var described: Set<ObjectHash> = []
        var troubles: [ImportTrouble] = []
        var tellings = 0
        var roundCount = 0
        var refusedTypes: Set<String> = []
        var servedCount = 0
    }

    init(_ name: String, seed: UInt64) throws {
        self.name = name
        boxKey = BoxKeyPair(random: SeededRandom(seed: seed))
        personID = try Microdata.idHash(of: OneObject("Person", [("email", .string("\(name)@test"))]), .standard)
        let isDescribed = OneObject("Person", [("email", .string("\(name)@test"))])
        let bytes = try Microdata.idBytes(of: isDescribed, .standard)
        state.withLock { $0.objects[personID.objectHash] = bytes }
        own.fulfil(Exporter(source: self))
    }

    var exporter: Exporter { own.current ?? Exporter(source: self) }
    var book: RecipeBook { .standard }
    var objects: [ObjectHash: [UInt8]] { state.withLock { $0.objects } }
    var heads: [IDHash: ObjectHash] { state.withLock { $0.heads } }
    var troubles: [ImportTrouble] { state.withLock { $0.troubles } }
    var roundCount: Int { state.withLock { $0.roundCount } }
    /// Objects given out.
    var servedCount: Int { state.withLock { $0.servedCount } }
    var refusedTypes: Set<String> {
        get { state.withLock { $0.refusedTypes } }
        set { state.withLock { $0.refusedTypes = newValue } }
    }
    /// Granted to everybody.
    var roots: [AccessibleRoot] {
        get { state.withLock { $0.roots } }
        set { state.withLock { $0.roots = newValue } }
    }

    func peering() -> Peering { Peering(identity: boxKey, timekeeper: SystemTime(), random: SystemRandom()) }

    // MARK: Writing

    @discardableResult
    func store(_ bytes: [UInt8], sending wrong: [UInt8]? = nil) -> ObjectHash {
        let hash = ObjectHash(of: bytes)
        state.withLock { state in
            state.objects[hash] = bytes
            state.wrong[hash] = wrong
        }
        return hash
    }

    @discardableResult
    func add(_ object: OneObject) throws -> ObjectHash {
        let encoded = try EncodedObject(object, .standard)
        if let idBytes = encoded.idBytes { store(idBytes) }
        return store(encoded.bytes)
    }

    @discardableResult
    func add(id object: OneObject) throws -> IDHash { IDHash(store(try Microdata.idBytes(of: object, .standard))) }

    /// Makes something the current version, by an edge; returns the node.
    @discardableResult
    func edge(_ object: OneObject, at time: Double, isHead: Bool = true) throws -> ObjectHash {
        let node = VersionNode(link: .edge, data: try add(object), depth: 0, creationTime: time)
        let hash = try add(node.object)
        let id = try Microdata.idHash(of: object, .standard)
        if isHead { state.withLock { $0.heads[id] = hash } }
        return hash
    }

    // MARK: ExportSource

    func roots(for person: IDHash) throws -> [AccessibleRoot] { roots }

    func microdata(of hash: ObjectHash) throws(ObjectError) -> [UInt8]? {
        state.withLock { state in
            state.servedCount += 1
            return state.wrong[hash] ?? state.objects[hash]
        }
    }

    var reader: any ObjectReader {
        let objects = state.withLock { state in state.objects.merging(state.wrong) { _, wrong in wrong } }
        return TestReader(objects: objects)
    }

    // MARK: ImportTarget

    func absent(_ hashes: [ObjectHash]) throws -> [ObjectHash] {
        state.withLock { state in hashes.filter { state.objects[$0] == nil } }
    }

    func unheard(_ blobs: [ObjectHash]) throws -> [ObjectHash] {
        state.withLock { state in blobs.filter { state.objects[$0] == nil && !state.described.contains($0) } }
    }

    func object(_ hash: ObjectHash) throws -> OneObject? {
        state.withLock { $0.objects[hash] }.flatMap { try? Microdata.object(from: $0, .standard) }
    }

    func refusal(of object: OneObject, isID: Bool) -> String? {
        refusedTypes.contains(object.type) ? "not to be given" : nil
    }

    func refusal(ofVersion object: OneObject) -> String? { nil }
    func counts(node: ObjectHash, of id: IDHash) throws -> Bool { objects[node] != nil && heads[id] != nil }

    func knows(version data: ObjectHash, of id: IDHash) throws -> Bool {
        guard let head = heads[id], let node = try object(head).flatMap(VersionNode.init(object:)) else { return false }
        return node.data == data
    }

    func isWhole(_ id: IDHash) throws -> Bool { heads[id] != nil }

    func store(_ objects: [ArrivedObject], blobs: [KnownObject]) async throws {
        for object in objects { store(object.bytes) }
        state.withLock { $0.described.formUnion(blobs.map(\.hash)) }
    }

    func bring(_ blob: ObjectHash, from client: ChumClient) async throws {
        let stream = try await client.blob(blob)
        var bytes: [UInt8] = []
        while let piece = try await stream.next() { bytes += piece }
        guard ObjectHash(of: bytes) == blob else { throw CallError.wrongBytes(of: blob, from: name) }
        store(bytes)
    }

    func take(_ versions: [ArrivedVersion]) async throws {
        for version in versions {
            store(version.bytes)
            state.withLock { $0.heads[version.id] = version.hash }
        }
    }

    /// How often troubles were told.
    var tellings: Int { state.withLock { $0.tellings } }
    func note(_ troubles: [ImportTrouble]) {
        state.withLock { state in
            state.troubles += troubles
            state.tellings += 1
        }
    }
    func finishedRound() { state.withLock { $0.roundCount += 1 } }

    // MARK: ChumHost

    func admit(_ proven: ProvenPeer) throws(PeerError) -> (peer: ChumPeer, transfers: TransferCounters) {
        (ChumPeer(proven.personID, key: proven.instanceKey), TransferCounters())
    }

    func accompany(_ session: ChumSession) async { _ = await session.ended() }
}

/// CHUM without the proof who the other side is: `body` runs beside the session.
struct UnprovenChum: ConnectionGroup {
    let contact: TestContact
    let other: IDHash
    var body: @Sendable (ChumSession) async throws -> Void = { _ = await $0.ended() }

    var name: String { ChumGroup.groupName }

    func run(_ connection: Connection, _ incoming: inout IncomingMessages) async throws(PeerError) {
        connection.authenticated()
        let peer = ChumPeer(other, key: connection.remoteKey)
        let session = ChumSession(connection: connection, peer: peer, transfers: TransferCounters())
        try await session.run(&incoming, exporter: contact.exporter) { try? await body($0) }
    }
}

/// Lets one contact dial another; runs `body` with the session of the first.
func chum<Result: Sendable>(
    _ dialler: TestContact,
    _ acceptor: TestContact,
    tampering: MemoryTransport.Tampering? = nil,
    body: @escaping @Sendable (ChumSession) async throws -> Result
) async throws -> Result {
    let outcome = OneShot<Swift.Result<Result, any Error>>()
    let (near, far) = MemoryTransport.pair(tampering: tampering)
    let group = UnprovenChum(contact: dialler, other: acceptor.personID) { session in
        do { outcome.fulfil(.success(try await body(session))) } catch { outcome.fulfil(.failure(error)) }
    }
    await withTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            let group = UnprovenChum(contact: acceptor, other: dialler.personID)
            try? await acceptor.peering().accept(far, groups: [group])
        }
        try? await dialler.peering().dial(near, target: acceptor.boxKey.publicKey, group: group)
    }
    guard let result = outcome.current else { throw PeerError.closed("it ended before the body") }
    return try result.get()
}

/// Has one contact take once what another gives.
func take(by taker: TestContact, from giver: TestContact, tampering: MemoryTransport.Tampering? = nil) async throws {
    try await chum(taker, giver, tampering: tampering) { session in
        try await Importer(client: session.client, target: taker, time: SystemTime()).once()
    }
}

/// What a contact sends, right or wrong.
private struct TestReader: ObjectReader {
    let objects: [ObjectHash: [UInt8]]

    func byteCount(of hash: ObjectHash) async throws(ObjectError) -> Int {
        guard let bytes = objects[hash] else { throw .unknown }
        return bytes.count
    }

    func read(_ range: Range<Int>, of hash: ObjectHash) async throws(ObjectError) -> [UInt8] {
        guard let bytes = objects[hash] else { throw .unknown }
        return Array(bytes[range.clamped(to: bytes.indices)])
    }
}

extension ChumPeer {
    /// Somebody, by an instance of which nothing but the key is looked at.
    init(_ person: IDHash, key: [UInt8]) {
        self.init(personID: person, instanceID: IDHash(ObjectHash(of: key)), instanceKey: key, email: "peer")
    }
}
