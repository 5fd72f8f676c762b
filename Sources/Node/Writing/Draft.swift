package import Objects

/// Objects and heads that are about to be stored together: all of them become visible, or none is acknowledged.
///
/// Versions follow one-format 2.3-2.6, mode *change*: a version equal to the current one writes nothing.
package struct Draft {
    /// In the order in which they must be stored: what is referenced before what refers.
    package private(set) var objects: [EncodedObject] = []
    package private(set) var heads: [IDHash: ObjectHash] = [:]
    /// ID objects of things that have no version here.
    package private(set) var idObjects: [[UInt8]] = []

    private var places: [ObjectHash: Int] = [:]
    let book: RecipeBook
    private let current: any VersionReader

    package init(book: RecipeBook, current: any VersionReader) {
        (self.book, self.current) = (book, current)
    }

    /// Adds an unversioned object, or a version without a head.
    @discardableResult
    package mutating func add(_ object: OneObject) throws -> EncodedObject {
        let encoded = try EncodedObject(object, book)
        add(encoded)
        return encoded
    }

    /// Adds an object that was made elsewhere; once, however often it is added.
    package mutating func add(_ encoded: EncodedObject) {
        guard places[encoded.hash] == nil else { return }
        places[encoded.hash] = objects.count
        objects.append(encoded)
    }

    /// Adds the ID object alone of a thing that others have versions of.
    package mutating func addID(of object: OneObject) throws -> IDHash {
        let bytes = try Microdata.idBytes(of: object, book)
        idObjects.append(bytes)
        return IDHash(ObjectHash(of: bytes))
    }

    /// Adds a version node and makes it the head.
    package mutating func add(_ node: VersionNode, headOf idHash: IDHash) throws {
        heads[idHash] = try add(node.object).hash
    }

    /// Makes a version node that is stored already the head.
    package mutating func setHead(_ node: ObjectHash, of idHash: IDHash) { heads[idHash] = node }

    /// The versions of a thing, with what this draft changes so far.
    func lineage(of id: IDHash) throws -> Lineage {
        Lineage(of: id, head: try head(of: id), book) { (hash) throws(ObjectError) in try storedObject(hash) }
    }

    /// Adds what was made of the versions of a thing, and its new head.
    mutating func add(_ lineage: Lineage) {
        for object in lineage.made { add(object) }
        if let head = lineage.head { setHead(head, of: lineage.idHash) }
    }

    /// Adds a new current version of a versioned thing.
    @discardableResult
    package mutating func change(_ object: OneObject, at time: Timestamp) throws -> EncodedObject {
        let encoded = try EncodedObject(object, book)
        guard let idHash = encoded.idHash else { throw MicrodataError.invalid("\(object.type) has no versions") }
        let previous = try head(of: idHash)
        let previousNode = try previous.map(node)
        if previousNode?.data == encoded.hash { return encoded }
        add(encoded)
        let milliseconds = (time.milliseconds).rounded(.down)
        try add(VersionNode(of: encoded.hash, after: previous, previousNode, at: milliseconds), headOf: idHash)
        return encoded
    }

    /// The current version of a thing, with what this draft changes; nil if there is none.
    package func version(of idHash: IDHash) throws -> OneObject? {
        guard let head = try head(of: idHash) else { return nil }
        return try object(node(head).data)
    }

    /// The head of a thing, with what this draft changes; nil if it has none.
    package func head(of idHash: IDHash) throws -> ObjectHash? { try heads[idHash] ?? current.head(of: idHash) }

    /// A version node of this draft or of the store.
    package func node(_ hash: ObjectHash) throws -> VersionNode {
        guard let node = VersionNode(object: try object(hash)) else {
            throw MicrodataError.invalid("\(hash) is no version node")
        }
        return node
    }

    /// The same as `object`, for reading that can only fail with an `ObjectError`.
    func storedObject(_ hash: ObjectHash) throws(ObjectError) -> OneObject {
        do {
            return try object(hash)
        } catch {
            throw error as? ObjectError ?? .damaged(by: "\(hash)")
        }
    }

    /// The same for merging.
    func mergeable(_ hash: ObjectHash) throws(MergeError) -> OneObject {
        do throws(ObjectError) { return try storedObject(hash) } catch { throw .unreadable(error) }
    }

    /// A ONE object of this draft or of the store.
    package func object(_ hash: ObjectHash) throws -> OneObject {
        if let place = places[hash] { return objects[place].object }
        return try current.object(hash)
    }
}

/// Current versions and objects as they are stored.
package protocol VersionReader: Sendable {
    /// The version node that is the head; nil if the thing has no version.
    func head(of idHash: IDHash) throws -> ObjectHash?
    /// A ONE object that is here; throws `ObjectError.unreachable` if it is not.
    func object(_ hash: ObjectHash) throws -> OneObject
}
