package import Objects

/// The documents of `.iom/status/` (design 8, 11).
package enum StatusDocument: String, CaseIterable, Sendable {
    case instances = "instances.json"
    case events = "events.jsonl"
    case stats = "stats.json"
    case connections = "connections.json"
    /// All of the above but the events, of one instant.
    case snapshot = "snapshot.json"
    /// The same for Prometheus.
    case metrics = "metrics.prom"
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
    /// Whether a pin holds this here: its own, or that of a folder above.
    func isPinned(_ target: PinTarget) throws(ObjectError) -> Bool
    /// Keeps it here from now on, or no longer; durable on return.
    ///
    /// What another pin goes on holding is `.resourceBusy`.
    func setPinned(_ isPinned: Bool, _ target: PinTarget) throws(ObjectError)
    /// Size and time of the smaller rendition of an image; nil if there is none.
    func previewStatus(of hash: ObjectHash) -> (byteCount: Int, modified: Timestamp)?
    /// That rendition.
    func preview(of hash: ObjectHash) -> [UInt8]?
    /// Up to `limit` images that have one, in order of their hashes, after this one.
    func previews(after hash: ObjectHash?, limit: Int) -> [ObjectHash]
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

/// What can be pinned.
package enum PinTarget: Hashable, Sendable {
    /// An entry of the tree, with everything below it.
    case entry(Entry)
    /// An object, wherever it is shown.
    case object(ObjectHash)
}
