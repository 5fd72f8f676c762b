package import Objects

/// Where what a contact gives goes to, and what may come from that contact.
package protocol ImportTarget: Sendable {
    /// The recipes by which objects are read here.
    var book: RecipeBook { get }
    /// Those of these whose bytes are not here, in the same order.
    func absent(_ hashes: [ObjectHash]) throws -> [ObjectHash]
    /// Those of these blobs that are not here and that nobody has told the size of.
    func unheard(_ blobs: [ObjectHash]) throws -> [ObjectHash]
    /// A ONE object that is here; nil if it is not, or nobody here knows its recipe.
    func object(_ hash: ObjectHash) throws -> OneObject?
    /// Why an object or ID object is not taken from this contact; nil: it is.
    func refusal(of object: OneObject, isID: Bool) -> String?
    /// Why a version of a thing does not count here, though its object may be taken; nil: it does.
    func refusal(ofVersion object: OneObject) -> String?
    /// Whether a version node is here and was taken.
    func counts(node: ObjectHash, of id: IDHash) throws -> Bool
    /// Whether the current version here is this one or follows it.
    func knows(version data: ObjectHash, of id: IDHash) throws -> Bool
    /// Whether a version of a thing is here that leads to something, and all of that is here.
    func isWhole(_ id: IDHash) throws -> Bool
    /// Stores objects that refer only to what is here or before them; durable on return.
    ///
    /// `blobs` are those they describe, which may come later.
    func store(_ objects: [ArrivedObject], blobs: [KnownObject]) async throws
    /// Brings a blob that nothing describes.
    ///
    /// Throws `CallError.violated` if it is more than one may be.
    func bring(_ blob: ObjectHash, from client: ChumClient) async throws
    /// Makes versions count: unites each with the current one; durable on return.
    ///
    /// Throws `ImportRefusal` if they are such that they cannot be united.
    func take(_ versions: [ArrivedVersion]) async throws
    /// What is not taken, or did not come; at least one.
    func note(_ troubles: [ImportTrouble])
    /// All roots have been gone through once.
    func finishedRound()
}

extension ImportTarget {
    package var book: RecipeBook { .standard }
}

/// An object whose bytes have been verified.
package struct ArrivedObject: Sendable {
    package var hash: ObjectHash
    package var kind: ObjectKind
    package var bytes: [UInt8]
    /// nil: a clob, or of a type nobody here knows.
    package var object: OneObject?

    package init(hash: ObjectHash, kind: ObjectKind, bytes: [UInt8], object: OneObject? = nil) {
        (self.hash, self.kind, self.bytes, self.object) = (hash, kind, bytes, object)
    }
}

/// A version of a thing that a contact offered; what it consists of is here.
package struct ArrivedVersion: Sendable {
    package var id: IDHash
    package var hash: ObjectHash
    package var node: VersionNode
    /// The microdata of the node.
    package var bytes: [UInt8]
}

/// Why a root was not taken; told once for each.
package struct ImportTrouble: Sendable, Hashable {
    package var root: ObjectHash
    package var type: String
    package var reason: String
    /// The other side did what the protocol forbids, or offers what is not its own.
    package var isRefused: Bool
}

/// Something that is not taken: the root it belongs to is not, either.
package struct ImportRefusal: Error {
    package var reason: String

    package init(reason: String) { self.reason = reason }
}
