/// What a file looked like when its bytes were last hashed: if all four are unchanged, so are the bytes.
package struct FileStamp: Hashable, Sendable {
    package var inode: UInt64
    package var byteCount: Int
    package var modified: Timestamp
    package var changed: Timestamp

    package init(inode: UInt64, byteCount: Int, modified: Timestamp, changed: Timestamp) {
        (self.inode, self.byteCount, self.modified, self.changed) = (inode, byteCount, modified, changed)
    }
}

/// Remembers which files were found to have the bytes their name says (design 3, promise 7).
///
/// Losing it costs hashing, never data.
package protocol VerdictLog: Sendable {
    /// The stamp of the file when it was last found good; nil if never.
    func verdict(of hash: ObjectHash) -> FileStamp?
    /// Records that the file with this stamp was found good.
    func record(_ stamp: FileStamp, of hash: ObjectHash)
}
