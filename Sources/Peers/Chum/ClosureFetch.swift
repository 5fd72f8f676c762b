import Objects

/// Brings one root with all it leads to: checked, deepest first, many requests under way at once.
struct ClosureFetch {
    /// Requests under way.
    private static let windowCount = 32
    /// Under way at first, and where objects are large.
    static let smallWindowCount = 4
    private static let largeByteCount = 64 << 10
    /// What has come before what it belongs behind: with so much of it nothing more is asked for.
    static let earlyByteCountMax = 8 << 20
    /// What is held until it is stored together: if a root is refused before, nothing of it is kept.
    private static let batchCountMax = 16_384
    private static let batchByteCountMax = 16 << 20

    let root: ObjectChild
    let client: ChumClient
    let target: any ImportTarget
    /// Whether the other side is asked for what is new alone, before it is asked what all there is.
    var mayFollow = false
    var announced: Set<ObjectHash> = []
    /// What has come before it was listed.
    var came: [ObjectHash: [UInt8]] = [:]
    private var pending: [ArrivedObject] = []
    private var pendingByteCount = 0
    /// Blobs that descriptors among the pending ones tell the size of.
    private var described: [ObjectHash: KnownObject] = [:]
    private var allDescribed: Set<ObjectHash> = []
    /// Of the version nodes that have come.
    private var depths: [ObjectHash: Double] = [:]
    private var version: (data: ObjectHash, id: IDHash, type: String)?
    /// Types of the objects that have come.
    private var types: [ObjectHash: String] = [:]
    /// Blobs that did not come.
    private(set) var troubles: [ImportTrouble] = []

    init(root: ObjectChild, client: ChumClient, target: any ImportTarget) {
        (self.root, self.client, self.target) = (root, client, target)
    }

    /// Brings an object or ID object of this type.
    mutating func run(type: String) async throws {
        let children = try await list()
        try await keepingWhatCame { fetch in
            try await fetch.bring(children)
            let bytes = try await fetch.client.bytes(of: fetch.root)
            guard try fetch.accept(bytes, as: fetch.root) == type else {
                throw ImportRefusal(reason: "it is not of the type it was offered as")
            }
            try await fetch.bringBlobs(children)
        }
        try await store()
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
                // Without its history, which nobody needs, the node would refer to what is not here.
                guard try target.absent(node.predecessors).isEmpty else { return nil }
                let arrived = ArrivedObject(hash: root.hash, kind: .one, bytes: bytes, object: object)
                try await target.store([arrived], blobs: [])
                return nil
            }
        }
        var found = mayFollow ? try await follow(bytes) : nil
        if found == nil { found = try await list() }
        let children = found ?? []
        guard announced.contains(node.data), node.predecessors.allSatisfy(announced.contains) else {
            throw ImportRefusal(reason: "it refers to what was not announced")
        }
        self.version = (node.data, id, type)
        try await keepingWhatCame { fetch in
            try await fetch.bring(children)
            try fetch.check(depth: node)
            try await fetch.bringBlobs(children)
        }
        try await store()
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
            var (startedCount, windowCount, earlyByteCount) = (0, Self.smallWindowCount, 0)
            func fill() {
                while startedCount < absent.count, startedCount - next < windowCount,
                    earlyByteCount < Self.earlyByteCountMax || startedCount == next
                {
                    let (index, child, client) = (startedCount, absent[startedCount], client)
                    let known = came.removeValue(forKey: child.hash)
                    startedCount += 1
                    group.addTask {
                        if let known { return (index, known) }
                        return (index, try await client.bytes(of: child))
                    }
                }
            }
            while next < absent.count {
                fill()
                guard let (index, bytes) = try await group.next() else { return }
                early[index] = bytes
                earlyByteCount += bytes.count
                windowCount =
                    bytes.count < Self.largeByteCount
                    ? min(windowCount + 1, Self.windowCount) : Self.smallWindowCount
                while let bytes = early.removeValue(forKey: next) {
                    earlyByteCount -= bytes.count
                    _ = try accept(bytes, as: absent[next])
                    next += 1
                }
                if pending.count >= Self.batchCountMax || pendingByteCount >= Self.batchByteCountMax {
                    try await store()
                }
            }
        }
    }

    /// Checks an object and holds it to be stored; returns its type, nil of a clob.
    private mutating func accept(_ bytes: [UInt8], as child: ObjectChild) throws -> String? {
        pendingByteCount += bytes.count
        guard child.kind == .object || child.kind == .id else {
            pending.append(ArrivedObject(hash: child.hash, kind: .clob, bytes: bytes))
            return nil
        }
        let isID = child.kind == .id
        let (object, type) = try read(bytes, isID: isID, isPart: child != root)
        // Of what cannot be read the type alone has to be good enough.
        let judged = object ?? OneObject(type: type, properties: Properties())
        if let reason = target.refusal(of: judged, isID: isID) { throw ImportRefusal(reason: reason) }
        if let object {
            if let node = VersionNode(object: object) {
                try check(depth: node)
                depths[child.hash] = node.depth
            }
            try check(listOf: object)
            note(blobOf: object)
        }
        if !isID { types[child.hash] = type }
        if let version, child.hash == version.data { try check(data: object, version.id, version.type) }
        pending.append(ArrivedObject(hash: child.hash, kind: isID ? .id : .one, bytes: bytes, object: object))
        return type
    }

    /// An object whose references were all announced; nil, with the type it says it has, if nobody here knows its recipe.
    ///
    /// What belongs to something may also be of another recipe of its type, with more properties, say. It is kept as it is
    /// and nobody here reads it: a conversation does not stay away because of one message or of what is attached to it.
    private func read(_ bytes: [UInt8], isID: Bool, isPart: Bool) throws -> (object: OneObject?, type: String) {
        let book = target.book
        var object: OneObject?
        let references: [Reference]
        do throws(MicrodataError) {
            do throws(MicrodataError) {
                object = try isID ? Microdata.idObject(from: bytes, book) : Microdata.object(from: bytes, book)
            } catch {
                guard isPart || error.isUnknownType else { throw error }
            }
            references =
                try object == nil ? Microdata.unreadReferences(in: bytes) : Microdata.references(in: bytes, book)
        } catch {
            throw ImportRefusal(reason: "it is no object of its type")
        }
        let (kind, type) = ObjectKind.sniff(prefix: bytes)
        guard kind == (isID ? .id : .one), let type = object?.type ?? type else {
            throw ImportRefusal(reason: "it is no object of its type")
        }
        guard references.allSatisfy({ announced.contains($0.hash) }) else {
            throw ImportRefusal(reason: "it refers to what was not announced")
        }
        return (object, type)
    }

    private func check(data: OneObject?, _ id: IDHash, _ type: String) throws {
        guard let data, data.type == type, (try? Microdata.idHash(of: data, target.book)) == id else {
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

    /// A channel whose list is none could not be united with ours.
    private func check(listOf object: OneObject) throws {
        let wanted: [(field: String, type: String)] =
            switch object.type {
            case "ChannelInfo": [("head", "LinkedListEntry")]
            case "LinkedListEntry": [("data", "CreationTime"), ("previous", "LinkedListEntry")]
            default: []
            }
        for (field, type) in wanted {
            guard case .reference(let hash)? = object[field] else { continue }
            guard try types[hash] ?? target.object(hash)?.type == type else {
                throw ImportRefusal(reason: "its \(field) is no \(type)")
            }
        }
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
    /// One that does not come keeps nothing else away; one that is more than it may be is a reason to take nothing.
    private mutating func bringBlobs(_ children: [ObjectChild]) async throws {
        let blobs = children.filter { $0.kind == .blob && !allDescribed.contains($0.hash) }.map(\.hash)
        for blob in try target.unheard(blobs) {
            do {
                try await target.bring(blob, from: client)
            } catch CallError.violated(let reason) {
                throw ImportRefusal(reason: reason)
            } catch {
                switch error {
                case CallError.ended, CallError.cancelled: throw error
                default: break
                }
                let reason: String
                switch error {
                case CallError.failed(let failure): reason = failure.message
                case CallError.wrongBytes: reason = "its bytes are not what its name says"
                default: reason = "\(error)"
                }
                troubles.append(ImportTrouble(root: blob, type: "blob", reason: reason, isRefused: false))
            }
        }
    }
}

extension MicrodataError {
    fileprivate var isUnknownType: Bool { if case .unknownType = self { true } else { false } }
}
