import Catalog
import Objects
import Peers
import Storage

/// Following an outline: the tree as another tells it, and in detail only what everybody needs: whom to trust, who is who,
/// and the heads of channels.
extension Follower {
    /// So many rounds of what something means nothing without are brought.
    private static let roundsMax = 64
    /// Items of a tree taken in with one transaction: they touch pages all over the catalog, and all of them are in its
    /// journal at once.
    private static let itemCountMax = 250

    func followOutline(_ hello: Hello) async throws {
        let generation = Array(hello.feed.utf8)
        let (number, known) = try node.catalog.position(of: peer)
        if known != generation {
            try node.catalog.forgetHolder(peer)
            try node.catalog.setOutlinePosition(0, of: peer)
        }
        let start = known == generation ? number : 0
        let outline = try node.catalog.outlinePosition(of: peer)
        progress.took(upTo: start, count: 0)
        let inbox = Inbox<OutlineBatch>(countMax: 256)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // However it ends: nobody is to wait for more of it.
                defer { inbox.finish() }
                for try await batch in try await session.client.outline(after: start, outline) {
                    progress.heard(of: batch.feedNumber)
                    for proof in batch.proofs { try node.learn(proof, from: peer) }
                    await inbox.put(batch)
                }
            }
            let (news, more) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
            group.addTask {
                for await _ in news { try await node.days.bringAll() }
            }
            defer { more.finish() }
            more.yield()
            while let batches = await inbox.takeAll() {
                try await take(batches, feed: generation)
                more.yield()
            }
            more.finish()
            try await group.waitForAll()
        }
    }

    private func take(_ batches: [OutlineBatch], feed: [UInt8]) async throws {
        let changes = batches.flatMap(\.changes)
        for start in stride(from: 0, to: changes.count, by: Self.requestCountMax) {
            let part = changes[start..<min(start + Self.requestCountMax, changes.count)]
            let objects = part.map(\.change).filter { if case .object = $0 { true } else { false } }
            try node.catalog.record(objects, from: peer)
            node.holderNews.tell()
            try await bring(wanted(of: objects))
            try await take(heads: part)
        }
        try await bringAwaited()
        if let number = batches.compactMap(\.feedNumber).last {
            try node.catalog.setPosition(number, generation: feed, of: peer)
            progress.took(upTo: number, count: changes.count)
        }
        let items = batches.flatMap(\.items)
        for start in stride(from: 0, to: items.count, by: Self.itemCountMax) {
            let part = items[start..<min(start + Self.itemCountMax, items.count)]
            try await withRoom(for: [part.count * Self.outlineItemByteCount]) {
                try node.catalog.take(part.map(\.item))
            }
            if let last = part.last { try node.catalog.setOutlinePosition(last.number, of: peer) }
        }
    }

    // MARK: Heads

    private func take(heads items: ArraySlice<FeedBatch.Item>) async throws {
        let heads = Self.heads(in: items)
        guard !heads.isEmpty else { return }
        try await bring(absent(heads.map(\.node)))
        try await bring(absent(heads.compactMap { version(of: $0.node)?.data }))
        try await bringHistory(heads)
        try await adopt(heads)
        try await bringEntries(of: heads)
    }

    /// The versions between those that are here and these, so that it shows that they follow them.
    private func bringHistory(_ heads: [(id: IDHash, node: ObjectHash)]) async throws {
        var open: [(node: ObjectHash, depth: Double)] = []
        for head in heads {
            guard let own = try node.store.head(of: head.id), own != head.node, let depth = version(of: own)?.depth
            else { continue }
            open.append((head.node, depth))
        }
        for _ in 0..<Self.historyMax where !open.isEmpty {
            var next: [(node: ObjectHash, depth: Double)] = []
            for (hash, depth) in open {
                guard let version = version(of: hash), version.depth > depth + 1 else { continue }
                next += version.predecessors.map { ($0, depth) }
            }
            try await bring(absent(next.map(\.node)))
            open = next
        }
    }

    /// Versions a device that was away may be behind.
    private static let historyMax = 10_000

    /// What is needed to post: the newest entry of each channel with its time, and the folders of the owner's files.
    private func bringEntries(of heads: [(id: IDHash, node: ObjectHash)]) async throws {
        let channels = heads.compactMap { version(of: $0.node).flatMap { object($0.data) } }
            .filter { $0.type == "ChannelInfo" }
        let entries = channels.compactMap { $0["head"]?.referenced }
        try await bring(absent(entries))
        let times = entries.compactMap { object($0)?["data"]?.referenced }
        try await bring(absent(times))
        let filed = channels.filter { $0["id"] == .string(Author.filesChannelID) }
        let roots = filed.compactMap { channel in
            channel["head"]?.referenced.flatMap { object($0)?["data"]?.referenced }
                .flatMap { object($0)?["data"]?.referenced }
        }
        try await bring(absent(roots))
        var folders: [ObjectHash] = roots.compactMap { root in
            guard case .object(let properties)? = object(root)?["root"] else { return nil }
            return properties["entry"]?.referenced
        }
        for _ in 0..<Author.pathDepthMax where !folders.isEmpty {
            try await bring(absent(folders))
            folders = folders.flatMap { object($0).map(Self.folders) ?? [] }
        }
    }

    /// The folders in a folder, by the type in their mode (inode(7)).
    private static func folders(in directory: OneObject) -> [ObjectHash] {
        guard case .list(let children)? = directory["children"] else { return [] }
        return children.compactMap { child in
            guard case .object(let properties) = child, case .number(let mode)? = properties["mode"],
                Int(exactly: mode).map({ $0 & 0o170_000 == 0o040_000 }) == true
            else { return nil }
            return properties["content"]?.referenced
        }
    }

    // MARK: What is needed beside

    /// Brings what objects that came mean nothing without, and what that needs, and so on.
    private func bringAwaited() async throws {
        var asked: Set<ObjectHash> = []
        for _ in 0..<Self.roundsMax {
            let missing = try node.catalog.awaited(limit: Self.awaitedCountMax).filter { asked.insert($0).inserted }
            if missing.isEmpty { return }
            try await bring(missing)
        }
    }

    private static let awaitedCountMax = 100_000

    /// Those that are not on this disk, each once.
    private func absent(_ hashes: [ObjectHash]) throws -> [ObjectHash] {
        try Set(hashes).filter { try node.store.localByteCount(of: $0) == nil }.sorted()
    }

    private func object(_ hash: ObjectHash) -> OneObject? { try? node.author.versions.object(hash) }

    private func version(of hash: ObjectHash) -> VersionNode? { object(hash).flatMap(VersionNode.init(object:)) }
}

extension Value {
    fileprivate var referenced: ObjectHash? { if case .reference(let hash) = self { hash } else { nil } }
}
