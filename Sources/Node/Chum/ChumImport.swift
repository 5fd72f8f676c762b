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

    init(node: Node, peer: ChumPeer, owner: IDHash, export: ChumExport, channels: ChannelBook) {
        (self.node, self.peer, self.owner, self.export, self.channels) = (node, peer, owner, export, channels)
        let (versions, person) = (node.author.versions, peer.personID)
        let author = node.author
        rules = ImportRules(owner: owner, peer: person, isOwn: { (try? author.isOwn(person)) == true }) { channel in
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

    func object(_ hash: ObjectHash) throws -> OneObject? {
        guard let bytes = try export.microdata(of: hash) else { return nil }
        return try Microdata.object(from: bytes, node.author.book)
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

    /// As the reference does when a topic arrives (one-protocol 5.2): it is registered, and that of two people is granted
    /// to both, or no answer would arrive.
    private func register(_ objects: [ArrivedObject]) throws {
        let topics = objects.filter { $0.kind == .one && $0.object?.type == "Topic" }
        guard !topics.isEmpty else { return }
        let author = node.author
        try author.commit { draft in
            for topic in topics {
                guard let id = topic.object?.text("id") else { continue }
                try author.register(topics: [(id, topic.hash)], into: &draft)
                guard ImportRules.pair(id) == [owner, peer.personID],
                    let channel = topic.object?.reference("channel")
                else { continue }
                let both = [owner, peer.personID]
                try author.share(.object(topic.hash), with: both, into: &draft)
                try author.share(.versions(of: IDHash(channel)), with: both, into: &draft)
            }
        }
    }

    func bring(_ blob: ObjectHash, from client: ChumClient) async throws {
        let stream = try await client.blob(blob)
        var staged = try node.store.stage()
        while let piece = try await stream.next() {
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

    func take(_ versions: [ArrivedVersion]) async throws {
        let shared = try versions.filter { try object($0.node.data)?.type == "ChannelInfo" }.map(\.id)
        if !shared.isEmpty { try channels.add(shared, by: peer.personID) }
        let author = node.author
        do {
            try author.take(versions) { draft in
                if !shared.isEmpty { try author.register(channels: shared, into: &draft) }
            }
        } catch {
            doubts.store(true, ordering: .relaxed)
            throw error
        }
    }

    func note(_ trouble: ImportTrouble) {
        let words = "\(trouble.isRefused ? "not taken" : "did not come"): a \(trouble.type): \(trouble.reason)"
        node.events.record(.syncFailed, source: peer.name, target: trouble.root.hex, details: words, failed: true)
    }

    func finishedRound() { node.contacts.finishedRound(peer) }
}
