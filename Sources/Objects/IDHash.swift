/// The name of all versions of one thing: the SHA-256 of its ID object (one-format 2.2).
///
/// A type of its own, so that it is never taken for the hash of a version.
package struct IDHash: Hashable, Sendable, Comparable, CustomStringConvertible, Codable {
    /// The hash of the ID object, which is stored under this name.
    package let objectHash: ObjectHash

    package init(_ objectHash: ObjectHash) { self.objectHash = objectHash }

    package init?(hex: some StringProtocol) {
        guard let hash = ObjectHash(hex: hex) else { return nil }
        objectHash = hash
    }

    package var hex: String { objectHash.hex }
    package var description: String { objectHash.hex }

    package static func < (left: Self, right: Self) -> Bool { left.objectHash < right.objectHash }

    package init(from decoder: any Decoder) throws { objectHash = try ObjectHash(from: decoder) }
    package func encode(to encoder: any Encoder) throws { try objectHash.encode(to: encoder) }
}
