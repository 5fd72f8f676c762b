import Objects

/// Brings one root with all it leads to: checked, deepest first, many requests under way at once.
struct ClosureFetch {
    /// Requests under way.
    private static let windowCount = 32
    /// What is held until it is stored together: if a root is refused before, nothing of it is kept.
    private static let batchCountMax = 16_384
    private static let batchByteCountMax = 16 << 20

    let root: ObjectChild
    let client: ChumClient
    let target: any ImportTarget
    private var announced: Set<ObjectHash> = []
    private var pending: [ArrivedObject] = []
    private var pendingByteCount = 0
    /// Blobs that descriptors among the pending ones tell the size of.
    private var described: [ObjectHash: KnownObject] = [:]
    private var allDescribed: Set<ObjectHash> = []
    /// Of the version nodes that have come.
    private var depths: [ObjectHash: Double] = [:]
    private var version: (data: ObjectHash, id: IDHash, type: String)?

    init(root: ObjectChild, client: ChumClient, target: any ImportTarget) {
        (self.root, self.client, self.target) = (root, client, target)
    }

    /// Brings an object or ID object of this type.
    mutating func run(type: String) async throws {
        let children = try await list()
        try await keepingWhatCame { fetch in
            try await fetch.bring(children)
            let bytes = try await fetch.client.bytes(of: fetch.root)
            let object = try fetch.accept(bytes, as: fetch.root)
            guard object?.type == type else { throw ImportRefusal(reason: "it is not of the type it was offered as") }
        }
        try await store()
        await bringBlobs(children)
    }

    /// Brings a version of a thing, but not its node: that is stored when it counts.
    ///
    /// nil: it is known under another node.
    mutating func runVersion(of id: IDHash, type: String) async throws -> ArrivedVersion? {
        let bytes = try await client.bytes(of: root)
        guard let object = try? Microdata.object(from: bytes, .standard), let node = VersionNode(object: object),
            node.depth.isFinite, node.creationTime.isFinite, node.depth >= 0
        else { throw ImportRefusal(reason: "it is no version node") }
        let version = ArrivedVersion(id: id, hash: root.hash, node: node, bytes: bytes)
        if try target.absent([node.data]).isEmpty {
            try check(data: target.object(node.data), id, type)
            if try target.knows(version: node.data, of: id) {
                try await target.store(
                    [ArrivedObject(hash: root.hash, kind: .one, bytes: bytes, object: object)],
                    blobs: []
                )
                return nil
            }
        }
        let children = try await list()
        guard announced.contains(node.data), node.predecessors.allSatisfy(announced.contains) else {
            throw ImportRefusal(reason: "it refers to what was not announced")
        }
        self.version = (node.data, id, type)
        try await keepingWhatCame { fetch in
            try await fetch.bring(children)
            try fetch.check(depth: node)
        }
        try await store()
        await bringBlobs(children)
        return version
    }

    private mutating func list() async throws -> [ObjectChild] {
        let children = try await client.children(of: root)
        announced = Set(children.map(\.hash))
        guard !announced.contains(root.hash) else { throw ImportRefusal(reason: "it leads to itself") }
        return children
    }

    /// Of what was under way when the connection broke that is kept which has all it needs; of what is refused nothing.
    private mutating func keepingWhatCame(_ body: (inout Self) async throws -> Void) async throws {
        do { try await body(&self) } catch let error as CallError {
            if case .ended = error { try await store() }
            throw error
        }
    }

    /// Brings what is not here, the deepest first.
    private mutating func bring(_ children: [ObjectChild]) async throws {
        let kinds = Dictionary(children.map { ($0.hash, $0.kind) }) { first, _ in first }
        let wanted = children.reversed().filter { $0.kind != .blob }.map(\.hash)
        let absent = try target.absent(wanted).compactMap { hash in kinds[hash].map { ObjectChild($0, hash) } }
        var next = 0
        var early: [Int: [UInt8]] = [:]
        try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
            var startedCount = 0
            func start() {
                guard startedCount < absent.count else { return }
                let (index, child, client) = (startedCount, absent[startedCount], client)
                startedCount += 1
                group.addTask { (index, try await client.bytes(of: child)) }
            }
            for _ in 0..<Self.windowCount { start() }
            while next < absent.count {
                guard let (index, bytes) = try await group.next() else { return }
                early[index] = bytes
                while let bytes = early.removeValue(forKey: next) {
                    _ = try accept(bytes, as: absent[next])
                    next += 1
                    start()
                }
                if pending.count >= Self.batchCountMax || pendingByteCount >= Self.batchByteCountMax {
                    try await store()
                }
            }
        }
    }

    /// Checks an object and holds it to be stored; nil of a clob.
    private mutating func accept(_ bytes: [UInt8], as child: ObjectChild) throws -> OneObject? {
        pendingByteCount += bytes.count
        guard child.kind == .object || child.kind == .id else {
            pending.append(ArrivedObject(hash: child.hash, kind: .clob, bytes: bytes))
            return nil
        }
        let (isID, book) = (child.kind == .id, RecipeBook.standard)
        let object: OneObject
        let references: [Reference]
        do throws(MicrodataError) {
            object = try isID ? Microdata.idObject(from: bytes, book) : Microdata.object(from: bytes, book)
            references = try Microdata.references(in: bytes, book)
        } catch {
            if case .unknownType(let type) = error {
                throw ImportRefusal(reason: "the type \(type.printable(byteCountMax: 80)) is not known here")
            }
            throw ImportRefusal(reason: "it is no object of its type")
        }
        if let reason = target.refusal(of: object, isID: isID) { throw ImportRefusal(reason: reason) }
        guard references.allSatisfy({ announced.contains($0.hash) }) else {
            throw ImportRefusal(reason: "it refers to what was not announced")
        }
        if let node = VersionNode(object: object) {
            try check(depth: node)
            depths[child.hash] = node.depth
        }
        if let version, child.hash == version.data { try check(data: object, version.id, version.type) }
        note(blobOf: object)
        pending.append(ArrivedObject(hash: child.hash, kind: isID ? .id : .one, bytes: bytes, object: object))
        return object
    }

    private func check(data: OneObject?, _ id: IDHash, _ type: String) throws {
        guard let data, data.type == type, (try? Microdata.idHash(of: data, .standard)) == id else {
            throw ImportRefusal(reason: "it is a version of another thing than it was offered as")
        }
        if let reason = target.refusal(ofVersion: data) { throw ImportRefusal(reason: reason) }
    }

    /// A history in which depths do not grow is none, and merging goes by them (one-format 2.7).
    private func check(depth node: VersionNode) throws {
        var before = -1.0
        for hash in node.predecessors {
            guard let depth = try depths[hash] ?? target.object(hash).flatMap(VersionNode.init(object:))?.depth else {
                throw ImportRefusal(reason: "its history has what is no version")
            }
            before = max(before, depth)
        }
        guard node.depth == before + 1 else { throw ImportRefusal(reason: "its history is not in order") }
    }

    private mutating func note(blobOf descriptor: OneObject) {
        guard descriptor.type == "BlobDescriptor", case .reference(let blob)? = descriptor["data"],
            case .number(let size)? = descriptor["size"], let byteCount = Int(exactly: size), byteCount >= 0,
            byteCount <= Self.blobByteCountMax
        else { return }
        allDescribed.insert(blob)
        described[blob] = KnownObject(hash: blob, kind: .blob, type: nil, byteCount: byteCount)
    }

    /// More than any disk has.
    private static let blobByteCountMax = 1 << 50

    private mutating func store() async throws {
        guard !pending.isEmpty else { return }
        try await target.store(pending, blobs: Array(described.values))
        (pending, pendingByteCount, described) = ([], 0, [:])
    }

    /// Blobs nobody has told the size of come at once: else nobody could say what they are.
    ///
    /// One that does not come keeps nothing else away.
    private func bringBlobs(_ children: [ObjectChild]) async {
        let blobs = children.filter { $0.kind == .blob && !allDescribed.contains($0.hash) }.map(\.hash)
        for blob in (try? target.unheard(blobs)) ?? [] where !Task.isCancelled {
            do {
                try await target.bring(blob, from: client)
            } catch {
                let reason = (error as? CallError).map { "\($0)" } ?? "\(error)"
                target.note(ImportTrouble(root: blob, type: "blob", reason: reason, isRefused: false))
            }
        }
    }
}
