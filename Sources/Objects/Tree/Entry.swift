/// The number of an entry in the mounted tree; the same on every instance and after every remount.
package typealias EntryNumber = UInt64

/// A thing in the mounted tree.
///
/// Its name is always safe to list (`EntryName`).
package struct Entry: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case directory
        /// A file whose bytes are this object.
        case object(ObjectHash)
        /// A file rendered on demand from what the catalog knows.
        case document
        /// A symbolic link to this relative path.
        case link(String)
    }

    package var number: EntryNumber
    package var parent: EntryNumber
    /// UTF-8, 1-255 bytes.
    package var name: String
    package var kind: Kind
    /// Size in bytes; 0 for a directory.
    package var byteCount: Int
    package var modified: Timestamp
    /// How many of the bytes are on this disk.
    package var localByteCount: Int

    package init(
        number: EntryNumber,
        parent: EntryNumber,
        name: String,
        kind: Kind,
        byteCount: Int,
        modified: Timestamp,
        localByteCount: Int
    ) {
        (self.number, self.parent, self.name, self.kind) = (number, parent, name, kind)
        (self.byteCount, self.modified, self.localByteCount) = (byteCount, modified, localByteCount)
    }
}
