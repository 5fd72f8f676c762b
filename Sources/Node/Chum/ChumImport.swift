import Catalog
import Objects
import Peers
import Storage
import Synchronization

/// Takes what one contact gives into the store, the catalog and the tree.
final class ChumImport: ImportTarget {
    let node: Node
    let peer: ChumPeer
    private let export: ChumExport
    private let rules: ImportRules
    private let channels: ChannelBook
    private let owner: IDHash
    /// Versions could not be taken: what is here may not count.
    private let doubts = Atomic(false)
    /// Things of which versions were taken in this session.
    private let wholes = Mutex<Set<IDHash>>([])

    init(node: Node, peer: ChumPeer, owner: IDHash, export: ChumExport, channels: ChannelBook) {
        (self.node, self.peer, self.owner, self.export, self.channels) = (node, peer, owner, export, channels)
        let (versions, person) = (node.author.versions, peer.personID)
        let author = node.author
        rules = ImportRules(
            owner: owner,
            peer: person,
            isOwn: { (try? author.isOwn(person)) == true },
            ownerSignKey: node.identity?.ownerKeys?.sign.publicKey
        ) { channel in
            guard (try? versions.head(of: channel)) != nil, !channels.has(channel, by: person) else { return false }
            let granted = (try? export.grants.granted(to: person)) ?? []
            return !granted.contains(.versions(of: channel))
        }
    }

    func absent(_ hashes: [ObjectHash]) throws -> [ObjectHash] {
        try hashes.filter { try node.store.localByteCount(of: $0) == nil && !export.isCover($0) }
    }

    func unheard(_ blobs: [ObjectHash]) throws -> [ObjectHash] {
        try absent(blobs).filter { try node.catalog.known($0) == nil }
    }

    var book: RecipeBook { node.author.book }

    /// What is here and no object by a known recipe is none: a contact may name it where one belongs.
    func object(_ hash: ObjectHash) throws -> OneObject? {
        guard let bytes = try export.microdata(of: hash) else { return nil }
        return try? Microdata.object(from: bytes, book)
    }

    func refusal(of object: OneObject, isID: Bool) -> String? { rules.refusal(of: object, isID: isID) }
    func refusal(ofVersion object: OneObject) -> String? { rules.refusal(ofVersion: object) }

    /// After something failed, or a process was killed, what is here may not count yet.
    func counts(node hash: ObjectHash, of id: IDHash) throws -> Bool {
        if export.isCover(hash) { return true }
        guard try node.store.contains(hash), try node.store.head(of: id) != nil else { return false }
        guard node.wasKilled || doubts.load(ordering: .relaxed),
            let version = try object(hash).flatMap(VersionNode.init(object:))
        else { return true }
        return try knows(version: version.data, of: id)
    }

    /// Goes back from the current version, the newest first.
    func knows(version data: ObjectHash, of id: IDHash) throws -> Bool {
        var visited: Set<ObjectHash> = []
        var open = [try node.store.head(of: id)].compactMap(\.self)
        while let hash = open.popLast() {
            guard visited.insert(hash).inserted, let version = try object(hash).flatMap(VersionNode.init(object:))
            else {
                continue
            }
            if version.data == data { return true }
            open += version.predecessors
        }
        return false
    }

    /// What is here came with all it leads to, unless something was cut off; then one list tells what is missing.
    func isWhole(_ id: IDHash) throws -> Bool {
        let isCut = node.wasKilled || doubts.load(ordering: .relaxed)
        guard !isCut || wholes.withLock({ $0.contains(id) }), let head = try node.store.head(of: id),
            let data = try object(head).flatMap(VersionNode.init(object:))?.data,
            let bytes = try node.store.localBytes(of: data)
        else { return false }
        return try Microdata.references(in: bytes, node.author.book).contains { $0.kind == .object }
    }

    func store(_ objects: [ArrivedObject], blobs: [KnownObject]) async throws {
        try await note(blobs)
        let sizes = objects.map(\.bytes.count)
        guard node.charge.promise(all: sizes, isWanted: true) else { throw ObjectError.noSpace }
        defer { node.charge.settle(sizes) }
        let stored = try await node.store.put(batch: objects.map(\.bytes))
        var changes: [Change] = []
        for (var known, object) in zip(stored, objects) {
            known.kind = object.kind
            changes.append(.object(known, held: true))
        }
        let contents = Dictionary(objects.map { ($0.hash, $0.bytes) }) { first, _ in first }
        try node.catalog.record(changes, from: nil, contents: contents)
        try register(objects)
        let types = Set(objects.compactMap(\.object?.type))
        guard types.contains("Signature") else { return }
        guard try types.contains("IoMRequest") || !node.author.unionRequests().isEmpty else { return }
        try node.considerUnions(objects.compactMap(\.object).filter { $0.type == "Signature" }, from: peer.personID)
    }

    /// Blobs that may be fetched from the contact; nobody has to ask for empty ones.
    private func note(_ blobs: [KnownObject]) async throws {
        guard !blobs.isEmpty else { return }
        try node.catalog.record(blobs.map { .object($0, held: true) }, from: peer.name)
        let empty = ObjectHash(of: [UInt8]())
        if blobs.contains(where: { $0.hash == empty }), try !node.store.contains(empty) {
            _ = try node.author.putBlobs([[]])
        }
    }

    /// As the reference does when a topic arrives (one-protocol 5.2): it is registered, and granted to who gave it, or no
    /// answer would arrive.
    ///
    /// One of a conversation that is here grants nothing: the owner may have taken that back.
    private func register(_ objects: [ArrivedObject]) throws {
        let topics = objects.filter { $0.kind == .one && $0.object?.type == "Topic" }
        guard !topics.isEmpty else { return }
        let author = node.author
        try author.commit { draft in
            for topic in topics {
                guard let id = topic.object?.text("id") else { continue }
                let isNew = try author.register(topics: [(id, topic.hash)], into: &draft) == [topic.hash]
                let own = try Channel(id: id, owner: owner).idHash(author.book)
                guard try isNew && draft.version(of: own) == nil || ImportRules.pair(id) == [owner, peer.personID]
                else { continue }
                try author.grant(topic.hash, with: [owner, peer.personID], owner: owner, into: &draft)
            }
        }
    }

    func bring(_ blob: ObjectHash, from client: ChumClient) async throws {
        let stream = try await client.blob(blob)
        var staged = try node.store.stage()
        let begin = node.time.elapsed
        var byteCount = 0
        while let piece = try await stream.next() {
            byteCount += piece.count
            try Self.check(byteCount: byteCount, after: node.time.elapsed - begin)
            guard node.charge.promise(piece.count) else { throw ObjectError.noSpace }
            defer { node.charge.settle([piece.count]) }
            try staged.append(piece)
        }
        do throws(ObjectError) {
            var known = try staged.commit(expecting: blob)
            known.kind = .blob
            known.type = nil
            try? node.catalog.record([.object(known, held: true)], from: nil)
        } catch {
            if case .damaged = error { throw CallError.wrongBytes(of: blob, from: peer.name) }
            throw error
        }
    }

    /// More than a picture has: what is larger comes with a descriptor.
    private static let undescribedByteCountMax = 256 << 20
    private static let bytesPerSecondMin = 1_000
    /// Nothing is said about the speed before.
    private static let speedTime = Duration.seconds(20)

    static func check(byteCount: Int, after duration: Duration) throws(CallError) {
        guard byteCount <= undescribedByteCountMax else {
            throw .violated("a blob of which nothing tells the size has more than 256 MB")
        }
        guard duration < speedTime || byteCount >= Int(duration / .seconds(1)) * bytesPerSecondMin else {
            throw .violated("a blob comes slower than 1 kB a second")
        }
    }

    func take(_ versions: [ArrivedVersion]) async throws {
        let shared = try versions.filter { try object($0.node.data)?.type == "ChannelInfo" }.map(\.id)
        if !shared.isEmpty { try channels.add(shared, by: peer.personID) }
        let author = node.author
        do {
            try author.commit { draft in
                try unite(versions, in: &draft)
                if !shared.isEmpty { try author.register(channels: shared, into: &draft) }
            }
        } catch {
            doubts.store(true, ordering: .relaxed)
            wholes.withLock { $0.subtract(versions.map(\.id)) }
            throw error
        }
        wholes.withLock { $0.formUnion(versions.map(\.id)) }
    }

    /// Throws if one of them cannot be united with what is here: then nothing of what came with it counts.
    private func unite(_ versions: [ArrivedVersion], in draft: inout Draft) throws {
        var nodes: [IDHash: [ObjectHash]] = [:]
        for version in versions {
            try draft.add(version.node.object)
            nodes[version.id, default: []].append(version.hash)
        }
        let offers = nodes.map { (id: $0.key, nodes: $0.value) }.sorted { $0.id < $1.id }
        let outcomes = try node.author.importVersions(offers, into: &draft)
        for (offer, outcome) in zip(offers, outcomes) where [.incomplete, .unusable].contains(outcome) {
            throw ImportRefusal(reason: "the version of \(offer.id) is \(outcome)")
        }
    }

    /// One event for all of them.
    func note(_ troubles: [ImportTrouble]) {
        guard let first = troubles.first else { return }
        var words = "\(first.isRefused ? "not taken" : "did not come"): a \(first.type): \(first.reason)"
        if troubles.count > 1 { words += "; and \(troubles.count - 1) more" }
        node.events.record(
            .syncFailed,
            source: peer.email,
            target: troubles.count > 1 ? RecentEvents.many : first.root.hex,
            details: words,
            failed: true,
            count: troubles.count
        )
    }

    func finishedRound() { node.contacts.finishedRound(peer) }
}
