/// A reference from one object to another, and where it stands.
package struct Reference: Hashable, Sendable {
    /// What is referred to (one-format 1.2, `data-type`).
    package enum Kind: UInt8, Hashable, Sendable {
        case object
        case id
        case clob
        case blob

        /// The text of `data-type`.
        var linkType: String {
            switch self {
            case .object: "obj"
            case .id: "id"
            case .clob: "clob"
            case .blob: "blob"
            }
        }
    }

    package var kind: Kind
    package var hash: ObjectHash
    /// The names of the properties on the way to it.
    package var path: [String]

    package init(kind: Kind, hash: ObjectHash, path: [String]) {
        (self.kind, self.hash, self.path) = (kind, hash, path)
    }
}
