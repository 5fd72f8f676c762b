import Catalog
import Objects
import Peers
import Storage

/// Follows the feed of one own peer: what it knows becomes known here, what is microdata comes here, and its heads count.
///
/// A number is acknowledged after everything up to it is durable, so that a connection that breaks loses nothing.
struct Follower: Sendable {
    /// Objects brought in one round trip.
    static let requestCountMax = IoMClient.hashCountMax

    let node: Node
    let session: IoMSession
    let own: Hello
    /// Whether the peer can tell its tree by an outline.
    private(set) var givesOutline = false
    /// Tells that there is no room.
    let shortage: Once

    init(node: Node, session: IoMSession, own: Hello) {
        (self.node, self.session, self.own) = (node, session, own)
        let peer = session.member.name
        shortage = Once {
            let words =
                "what is new there finds no room here: raise `max_storage` in iom.toml, or `iom unpin` something"
            node.events.record(.syncFailed, source: peer, details: words, failed: true)
        }
    }

    var peer: String { session.member.name }
    var progress: SyncProgress { SyncProgress(node: node, member: session.member) }

    /// Until the connection ends or the task is cancelled.
    func run() async throws {
        let hello = try await session.client.hello(own)
        progress.began(last: hello.lastChange)
        node.links.book.change(session.member) { $0.protocolNumber = hello.version }
        var follower = self
        follower.givesOutline = hello.features.contains(IoMClient.outlineFeature)
        try await follower.follow(hello)
    }

    /// Follows in detail as long as that fits, then by the outline.
    private func follow(_ hello: Hello) async throws {
        do {
            if givesOutline, node.policy.isCrowded(by: hello.objectCount ?? 0) { throw Crowded() }
            try requireRoomForDetails()
            try await followFeed(hello)
        } catch is Crowded {
            if !node.catalog.isSparse { try node.catalog.becomeSparse() }
            try await followOutline(hello)
        }
    }

    private func followFeed(_ hello: Hello) async throws {
        let feed = Array(hello.feed.utf8)
        let (number, generation) = try node.catalog.position(of: peer)
        if generation != feed { try node.catalog.forgetHolder(peer) }
        let start = generation == feed ? number : 0
        progress.took(upTo: start, count: 0)
        let inbox = Inbox<FeedBatch>(countMax: 256)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // However the feed ends: nobody is to wait for more of it.
                defer { inbox.finish() }
                for try await batch in try await session.client.feed(after: start, limit: Self.requestCountMax) {
                    progress.heard(of: batch.changes.last?.sequence)
                    // Whom to trust does not wait for room.
                    for proof in batch.proofs { try node.learn(proof, from: peer) }
                    await inbox.put(batch)
                }
            }
            // What has piled up while the last part was taken in is taken in as one.
            while let batches = await inbox.takeAll() { try await take(batches, feed: feed) }
            try await group.waitForAll()
        }
    }

    private func take(_ batches: [FeedBatch], feed: [UInt8]) async throws {
        let items = batches.flatMap(\.changes)
        for start in stride(from: 0, to: items.count, by: Self.requestCountMax) {
            try await take(items[start..<min(start + Self.requestCountMax, items.count)], feed: feed)
        }
    }

    private func take(_ items: ArraySlice<FeedBatch.Item>, feed: [UInt8]) async throws {
        guard let last = items.last else { return }
        try requireRoomForDetails()
        let objects = items.map(\.change).filter { if case .object = $0 { true } else { false } }
        try node.catalog.record(objects, from: peer)
        node.holderNews.tell()
        try await bring(wanted(of: objects))
        try await adopt(Self.heads(in: items))
        try node.catalog.setPosition(last.sequence, generation: feed, of: peer)
        progress.took(upTo: last.sequence, count: items.count)
    }

    static func heads(in items: ArraySlice<FeedBatch.Item>) -> [(id: IDHash, node: ObjectHash)] {
        items.compactMap { item in
            if case .head(let id, let head) = item.change { (id, head) } else { nil }
        }
    }

    func adopt(_ heads: [(id: IDHash, node: ObjectHash)]) async throws {
        var outcomes: [Author.HeadOutcome] = []
        try await withRoom(for: newHeadSizes(heads)) { outcomes = try node.author.adopt(heads) }
        for (head, outcome) in zip(heads, outcomes)
        where [.incomplete, .unusable].contains(outcome) {
            // Without all details two branches cannot be united here: who has them does it.
            if outcome == .incomplete, node.catalog.isSparse { continue }
            let words = "the version \(head.node) is \(outcome) at \(peer)"
            progress.failed(words)
            node.events.record(.syncFailed, source: peer, target: head.id.hex, details: words, failed: true)
        }
    }

    /// Microdata that the peer has and this instance has not.
    func wanted(of changes: [Change]) throws -> [ObjectHash] {
        // Each once: a request with the same one twice is refused as a whole.
        var asked: Set<ObjectHash> = []
        return try changes.compactMap { change in
            guard case .object(let object, held: true) = change, object.kind == .one || object.kind == .id,
                asked.insert(object.hash).inserted
            else { return nil }
            return try node.store.localByteCount(of: object.hash) == nil ? object.hash : nil
        }
    }

    /// Brings objects, as many as there are, and makes them known.
    func bring(_ hashes: [ObjectHash]) async throws {
        for start in stride(from: 0, to: hashes.count, by: Self.requestCountMax) {
            try await request(Array(hashes[start..<min(start + Self.requestCountMax, hashes.count)]))
        }
    }

    private func request(_ hashes: [ObjectHash]) async throws {
        var bytes: [[UInt8]] = []
        var byteCount = 0
        for try await object in try await session.client.objects(hashes, requester: own.name, priority: .background) {
            guard case .object(_, _, let content) = object else { continue }
            bytes.append(content)
            byteCount += Allocation.byteCount(of: content.count)
            if byteCount >= batchByteCount {
                try await keep(bytes)
                (bytes, byteCount) = ([], 0)
            }
        }
        try await keep(bytes)
    }

    private func keep(_ bytes: [[UInt8]]) async throws {
        try await withRoom(for: bytes.map(\.count)) {
            let known = try node.store.put(bytes)
            let contents = Dictionary(zip(known.map(\.hash), bytes)) { first, _ in first }
            try node.catalog.record(known.map { .object($0, held: true) }, contents: contents)
        }
    }
}
