import Catalog
import Objects
import Peers
import Storage
import Synchronization

/// What this instance gives to contacts: of each granted thing one node that covers all its versions (one-protocol 8).
final class ChumExport: ExportSource {
    private let node: Node
    let grants: GrantBook
    /// What can be given where only part is kept.
    let stock: ExportStock
    private let state = Mutex(State())

    private struct State {
        var objects: [ObjectHash: AccessibleRoot] = [:]
        var types: [IDHash: String] = [:]
        /// By the head they cover.
        var covers: [ObjectHash: ObjectHash] = [:]
        /// Nodes that were made for others and are not in the store.
        var nodes: [ObjectHash: [UInt8]] = [:]
    }

    /// Covers that are kept; each new message makes another one.
    private static let coverCountMax = 10_000

    init(node: Node) {
        self.node = node
        stock = ExportStock(node: node)
        grants = GrantBook(catalog: node.catalog, versions: node.author.versions)
    }

    var book: RecipeBook { node.author.book }
    var reader: any ObjectReader { node.reader }

    func roots(for person: IDHash) throws -> [AccessibleRoot] {
        let roots = try grants.granted(to: person).flatMap { thing -> [AccessibleRoot] in
            switch thing {
            case .object(let hash): root(hash).map { [$0] } ?? []
            case .versions(let id): self.roots(of: id)
            }
        }
        guard node.catalog.isSparse else { return roots }
        // Who does not have all of a conversation cannot say what belongs to it.
        return try roots.filter { root in
            try microdata(of: root.hash).map { stock.isWhole(root.hash, bytes: $0) } ?? false
        }
    }

    func microdata(of hash: ObjectHash) throws(ObjectError) -> [UInt8]? {
        if let bytes = state.withLock({ $0.nodes[hash] }) { return bytes }
        let bytes = try node.store.localBytes(of: hash)
        if bytes == nil { stock.missed(hash) }
        return bytes
    }

    /// Whether it was made here for others: it comes back as theirs.
    func isCover(_ hash: ObjectHash) -> Bool { state.withLock { $0.nodes[hash] != nil } }

    private func root(_ hash: ObjectHash) -> AccessibleRoot? {
        if let known = state.withLock({ $0.objects[hash] }) { return known }
        // What is missing or no ONE object cannot be given, and keeps nothing else from being given.
        let (versions, book) = (node.author.versions, node.author.book)
        guard let object = try? versions.object(hash), let recipe = book[object.type] else { return nil }
        let root: AccessibleRoot
        if recipe.isVersioned {
            guard let id = try? Microdata.idHash(of: object, book) else { return nil }
            root = .versioned(hash, id: id, type: object.type)
        } else {
            root = .unversioned(hash, type: object.type)
        }
        state.withLock { $0.objects[hash] = root }
        return root
    }

    private func roots(of id: IDHash) -> [AccessibleRoot] {
        guard let type = type(of: id) else { return [] }
        let root = AccessibleRoot.id(id, type: type)
        guard let cover = cover(of: id) else { return [root] }
        return [root, .versionNode(cover, id: id, type: type)]
    }

    private func type(of id: IDHash) -> String? {
        if let known = state.withLock({ $0.types[id] }) { return known }
        guard let type = try? node.author.versions.idObject(id).type else { return nil }
        state.withLock { $0.types[id] = type }
        return type
    }

    /// The beginning of a branch, with the data of the head.
    private func cover(of id: IDHash) -> ObjectHash? {
        guard let head = try? node.store.head(of: id) else { return nil }
        if let known = state.withLock({ $0.covers[head] }) { return known }
        guard let current = (try? node.author.versions.object(head)).flatMap(VersionNode.init(object:)) else {
            return nil
        }
        let edge = VersionNode(link: .edge, data: current.data, depth: 0, creationTime: current.creationTime)
        guard let encoded = try? EncodedObject(edge.object, node.author.book) else { return nil }
        state.withLock { state in
            if state.covers.count >= Self.coverCountMax { (state.covers, state.nodes) = ([:], [:]) }
            state.covers[head] = encoded.hash
            state.nodes[encoded.hash] = encoded.bytes
        }
        return encoded.hash
    }
}
