import Catalog
import Node
import Objects

/// All that the page shows, as one document; what is not known is absent.
struct PageState: Encodable, Sendable {
    static let eventCount = 60

    /// Milliseconds since 1970.
    var takenAt: Int64
    var snapshot: Snapshot
    var shares: Shares
    /// The newest last.
    var events: [Event]
    /// Reading since the page's node was started, the newest last.
    var history: [ReadHistory.Point]

    /// One as it happened last.
    struct Event: Encodable, Sendable {
        var id: Int64
        var time: Int64
        var count: Int
        var type: String
        var source: String?
        var target: String?
        var details: String?
        var failed: Bool
    }
}

extension PageState.Event {
    init(_ event: LoggedEvent, on node: Node) {
        (id, time, count, type) = (event.id, event.lastTimestamp, event.count, event.type)
        (source, details, failed) = (event.source, event.details, event.status == "failed")
        // A hash says little to people: the name of what it is, where it has one.
        let path = event.target.flatMap(ObjectHash.init(hex:)).flatMap { try? node.catalog.paths(of: $0).first }
        target = path ?? event.target
    }
}

/// What takes a while to find out, as it was at `takenAt`.
struct Shares: Encodable, Sendable {
    static let conversationCount = 40
    static let objectCount = 20

    var takenAt: Int64
    var kinds: [Kind]
    var conversations: [Conversation]
    var holders: [Holder]
    /// Some of what is only here.
    var onlyHere: [Thing]
    var pins: [PinReport]

    struct Kind: Encodable, Sendable {
        var kind: String
        var share: Share
    }

    struct Conversation: Encodable, Sendable {
        var folder: String
        var messages: Int
        var last: Double?
        var share: Share
    }

    struct Holder: Encodable, Sendable {
        var name: String
        var share: Share
    }

    struct Thing: Encodable, Sendable {
        /// nil: nothing shows it.
        var path: String?
        var hash: ObjectHash
        var byteCount: Int
    }

    init(of node: Node) async throws {
        let catalog = node.catalog
        takenAt = node.time.now.nanoseconds / 1_000_000
        let content = try catalog.contentShares()
        kinds = [
            Kind(kind: "attachments", share: content.attachments), Kind(kind: "files", share: content.files),
            Kind(kind: "messages", share: content.microdata), Kind(kind: "other", share: content.other),
        ]
        conversations = try catalog.conversationShares(limit: Self.conversationCount).map {
            Conversation(folder: $0.folder, messages: $0.messageCount, last: $0.last, share: $0.attachments)
        }
        holders = try catalog.holderShares().sorted { $0.key < $1.key }.map { Holder(name: $0.key, share: $0.value) }
        onlyHere = try catalog.unconfirmed(heldBy: nil, after: nil, limit: Self.objectCount).map { hash in
            let byteCount = try catalog.known(hash)?.object.byteCount ?? 0
            return Thing(path: try catalog.paths(of: hash).first, hash: hash, byteCount: byteCount)
        }
        if try node.underReplicatedCount() == 0 { onlyHere = [] }
        let reports = Reports<PinReport>()
        try await PinPaths(names: [], isPinned: true).run(on: node) { item in
            if case .pin(let pin) = item { reports.add(pin) }
        }
        pins = reports.all
    }
}
