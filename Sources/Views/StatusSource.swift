package import Objects

/// The documents of `.iom/status/` (design 8, 11).
package enum StatusDocument: String, CaseIterable, Sendable {
    case instances = "instances.json"
    case events = "events.jsonl"
    case stats = "stats.json"
    case connections = "connections.json"
}

/// What a view shows of the state of the running instance, and the one thing that can be set through it: pins.
///
/// Implemented by the node, and by a memory of the tests. All calls are quick, never wait for the network and may come
/// from any thread.
package protocol StatusSource: Sendable {
    /// The document as it is now.
    func text(of document: StatusDocument) throws(ObjectError) -> StatusText
    /// What `statfs(2)` shows.
    var space: StorageSpace { get }
    /// Whether the owner asked to keep this here.
    func isPinned(_ target: PinTarget) throws(ObjectError) -> Bool
    /// Keeps it here from now on, or no longer; durable on return.
    func setPinned(_ isPinned: Bool, _ target: PinTarget) throws(ObjectError)
    /// Why the last fetch of an object failed, in words; nil if it did not.
    func errorText(of hash: ObjectHash) -> String?
    /// An entry could not be shown, and why; for the log.
    func skipped(_ entry: Entry, because reason: String)
}

/// A document of the state and when it last became other than before.
package struct StatusText: Hashable, Sendable {
    package var bytes: [UInt8]
    package var modified: Timestamp

    package init(bytes: [UInt8], modified: Timestamp) { (self.bytes, self.modified) = (bytes, modified) }
}

/// Bytes the local objects take, and the most they may take.
package struct StorageSpace: Hashable, Sendable {
    package var usedByteCount: UInt64
    package var quotaByteCount: UInt64

    package init(usedByteCount: UInt64, quotaByteCount: UInt64) {
        (self.usedByteCount, self.quotaByteCount) = (usedByteCount, quotaByteCount)
    }
}

/// What a pin names: always a path relative to the mount, and the hash too if it is a file of one object.
package struct PinTarget: Hashable, Sendable {
    package var path: String
    package var hash: ObjectHash?

    package init(path: String, hash: ObjectHash?) { (self.path, self.hash) = (path, hash) }
}
