/// The versions of one thing, and how its head goes forward (one-format 2.3-2.7).
///
/// Nothing is written: what is made is collected for whoever stores it. After an error it is as it was before.
package struct Lineage {
    /// What became of a version.
    package enum Outcome: Hashable, Sendable {
        /// It is in the history already: nothing was made.
        case exists
        /// It is the current version.
        case advanced
        /// The current version unites it with what was current.
        case merged
    }

    package let idHash: IDHash
    package private(set) var head: ObjectHash?
    /// What was made: what is referred to before what refers.
    package private(set) var made: [EncodedObject] = []

    let book: RecipeBook
    private let stored: (ObjectHash) throws(ObjectError) -> OneObject
    /// What was made, and what was read on the way.
    private var fresh: [ObjectHash: OneObject] = [:]

    /// `stored` reads an object as it is stored, lists in the order in which they are written.
    package init(
        of idHash: IDHash,
        head: ObjectHash?,
        _ book: RecipeBook,
        stored: @escaping (ObjectHash) throws(ObjectError) -> OneObject
    ) {
        (self.idHash, self.head, self.book, self.stored) = (idHash, head, book, stored)
    }
}

extension Lineage {
    /// Stores a version that was made here: it follows the current one.
    @discardableResult
    package mutating func change(_ object: OneObject, at milliseconds: Double) throws(MergeError) -> Outcome {
        let encoded = try encoded(object)
        let current = try headNode()
        if current?.data == encoded.hash { return .exists }
        let node = VersionNode(of: encoded.hash, after: head, current, at: milliseconds)
        try keep(encoded)
        head = try add(node.object)
        return .advanced
    }

    /// Stores a version that was made elsewhere, as a branch of its own that is united with what is here.
    @discardableResult
    package mutating func merge(_ object: OneObject, at milliseconds: Double) throws(MergeError) -> Outcome {
        let encoded = try encoded(object)
        if try headNode()?.data == encoded.hash { return .exists }
        var next = self
        try next.keep(encoded)
        let outcome = try next.take(branch: encoded.hash, at: milliseconds)
        if outcome != .exists { self = next }
        return outcome
    }

    /// Unites a version that is here with the current one: the current one is the first, an `Edge` for the other the
    /// second.
    mutating func take(branch data: ObjectHash, at milliseconds: Double) throws(MergeError) -> Outcome {
        var next = self
        let edge = VersionNode(link: .edge, data: data, depth: 0, creationTime: milliseconds)
        let isNew = try !isKnown(encode(edge.object).hash)
        let hash = try next.add(edge.object)
        guard let head else {
            // The ID object comes with it.
            try next.keep(next.encoded(version(data)))
            next.head = hash
            self = next
            return .advanced
        }
        // What is not stored is in no history that is.
        if hash == head { return .exists }
        if !isNew, try isAncestor(hash, of: head) { return .exists }
        let merged = try next.mergeData(head, hash)
        // Entries of channels know their own times: that another instance has them too is no news.
        if try merged == headNode()?.data, try next.isMergedByEntries(merged) { return .exists }
        try next.add(merged: merged, of: head, hash)
        self = next
        return .merged
    }

    /// Adds the node that unites two and makes it the head: the same whichever is called the first.
    mutating func add(merged data: ObjectHash, of one: ObjectHash, _ other: ObjectHash) throws(MergeError) {
        let (left, right) = (try node(one), try node(other))
        let node = VersionNode(
            link: .merge([one, other].sorted()),
            data: data,
            depth: max(left.depth, right.depth) + 1,
            creationTime: max(left.creationTime, right.creationTime)
        )
        head = try add(node.object)
    }

    mutating func setHead(_ node: ObjectHash) { head = node }
}

extension Lineage {
    package func node(_ hash: ObjectHash) throws(MergeError) -> VersionNode {
        guard let node = VersionNode(object: try object(hash)) else { throw .damaged(hash, "is no version node") }
        return node
    }

    func headNode() throws(MergeError) -> VersionNode? {
        guard let head else { return nil }
        return try node(head)
    }

    /// The data of a version, which has to be one of this thing.
    package func version(_ hash: ObjectHash) throws(MergeError) -> OneObject {
        let object = try object(hash)
        let id: IDHash
        do throws(MicrodataError) { id = try Microdata.idHash(of: object, book) } catch { throw MergeError(error) }
        guard id == idHash else { throw .damaged(hash, "is a version of another thing") }
        return object
    }

    func object(_ hash: ObjectHash) throws(MergeError) -> OneObject {
        if let object = fresh[hash] { return object }
        do throws(ObjectError) { return try stored(hash) } catch { throw .unreadable(error) }
    }

    func isAncestor(
        _ ancestor: ObjectHash,
        of descendant: ObjectHash,
        above depth: Double = -.infinity
    ) throws(MergeError) -> Bool {
        do throws(ObjectError) {
            return try VersionNode.isAncestor(ancestor, of: descendant, above: depth) { (hash) throws(ObjectError) in
                do throws(MergeError) {
                    return try node(hash)
                } catch {
                    guard case .unreadable(let error) = error else { throw .damaged(by: "\(hash)") }
                    throw error
                }
            }
        } catch {
            throw .unreadable(error)
        }
    }

    private func isKnown(_ hash: ObjectHash) throws(MergeError) -> Bool {
        do throws(MergeError) {
            _ = try object(hash)
            return true
        } catch {
            switch error {
            case .unreadable(.unknown), .unreadable(.unreachable): return false
            default: throw error
            }
        }
    }
}

extension Lineage {
    /// Whether versions of the thing are united without regard to their history (one-protocol 6.3).
    private func isMergedByEntries(_ data: ObjectHash) throws(MergeError) -> Bool {
        let type = try object(data).type
        return try layout(of: type).isMergedByEntries(AlgorithmChoice(book[type]))
    }

    /// The data that unites two versions, neither of which comes from the other.
    mutating func mergeData(_ first: ObjectHash, _ second: ObjectHash) throws(MergeError) -> ObjectHash {
        let type = try version(node(first).data).type
        let layout = try layout(of: type)
        let isShort = try layout.isMergedByEntries(AlgorithmChoice(book[type]))
        let graph = try VersionGraph(first, second) { (hash) throws(MergeError) in
            var node = try node(hash)
            // What came before does not matter, and may not be here.
            if isShort { (node.link, node.depth) = (.edge, 0) }
            return node
        }
        var known: [ObjectHash: OneObject] = [:]
        var versions: [OneObject] = []
        for node in graph.nodes {
            let data = node.version.data
            if known[data] == nil { known[data] = try version(data) }
            if let version = known[data] { versions.append(version) }
        }
        let reader = self
        var merger = Merger(graph, of: type, book) { (hash) throws(MergeError) in try reader.object(hash) }
        let merged = try merger.merge(versions, layout)
        for object in merger.made { try keep(object) }
        let encoded = try encoded(merged)
        try keep(encoded)
        return encoded.hash
    }

    private func layout(of type: String) throws(MergeError) -> TypeLayout {
        do throws(MicrodataError) { return try book.layout(of: type.utf8) } catch { throw MergeError(error) }
    }

    /// A version, which has to be one of this thing.
    private func encoded(_ object: OneObject) throws(MergeError) -> EncodedObject {
        let encoded = try encode(object)
        guard encoded.idHash == idHash else { throw .damaged(encoded.hash, "is a version of another thing") }
        return encoded
    }

    private func encode(_ object: OneObject) throws(MergeError) -> EncodedObject {
        do throws(MicrodataError) { return try EncodedObject(object, book) } catch { throw MergeError(error) }
    }

    @discardableResult
    mutating func add(_ object: OneObject) throws(MergeError) -> ObjectHash {
        let encoded = try encode(object)
        try keep(encoded)
        return encoded.hash
    }

    private mutating func keep(_ encoded: EncodedObject) throws(MergeError) {
        guard fresh[encoded.hash] == nil else { return }
        // Read again, so that bags are in the order in which they are written.
        do throws(MicrodataError) {
            fresh[encoded.hash] = try Microdata.object(from: encoded.bytes, book)
        } catch {
            throw MergeError(error)
        }
        made.append(encoded)
    }
}

extension TypeLayout {
    /// Whether all that may differ between versions are lists of a channel's entries.
    fileprivate func isMergedByEntries(_ choice: AlgorithmChoice) throws(MergeError) -> Bool {
        guard try choice.algorithm(at: "", .object) == .parts else { return false }
        let others = fields.filter { !$0.isID }
        for field in others {
            guard case .reference(.object) = field.shape else { return false }
            guard try choice.algorithm(at: field.name, .referenceToObj) == .linkedList else { return false }
            guard field.isOptional else { continue }
            guard try choice.algorithm(at: field.name, .objectProperty) == .optionalValue else { return false }
        }
        return !others.isEmpty
    }
}
