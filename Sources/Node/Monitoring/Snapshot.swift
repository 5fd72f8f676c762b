package import Objects

/// How an instance is at one instant: what all views of it are made from (design 11).
///
/// Counts are of what happened since `startedAt` unless they say otherwise. Times are milliseconds since 1970. What is not
/// known is null, never 0; what was counted earlier says when.
package struct Snapshot: Codable, Hashable, Sendable {
    package var takenAt: Int64
    package var startedAt: Int64
    @Nullable package var id: IDHash? = nil
    package var name: String
    package var role: String
    @Nullable package var owner: IDHash? = nil
    package var isCustodian: Bool
    @Nullable package var endpoint: String? = nil
    package var root: String
    package var mounts: [MountReport]
    package var storage: Storage
    package var stats: Counts
    /// All of the owner's instances, this one first.
    package var instances: [Instance]
    /// The connection with each own peer, then with each instance of a contact, also one that has ended.
    package var allConnections: [Connection]
    /// Relays it listens through.
    package var relays: [Relay] = []
    /// What went to other instances: all of it, also to some that are not members any more.
    package var sent: Transfer
    package var received: Transfer
    /// Messages that wait for an instance with the owner's key.
    package var pending: Int
    package var quarantined: Int

    enum CodingKeys: String, CodingKey {
        case takenAt, startedAt, id, name, role, owner, isCustodian, endpoint, root, mounts, storage, stats, instances
        case allConnections = "connections"
        case relays, sent, received, pending, quarantined
    }

    /// Those that live.
    package var connections: [Connection] { allConnections.filter { $0.state == .connected } }
}

extension Snapshot {
    /// One of the owner's instances, as far as it is known here.
    package struct Instance: Codable, Hashable, Sendable {
        package var id: IDHash
        package var name: String
        /// Kind of device, as it was registered.
        package var type: String
        package var role: String
        /// online, offline, syncing or revoked.
        package var status: String
        package var isThis: Bool
        @Nullable package var endpoint: String? = nil
        package var storage: Room
        /// When it last said or was told all there was; null: not since this instance was started.
        @Nullable package var lastSync: Int64? = nil
        package var replication: Replication
    }

    /// The room of an instance; of another one as it said at `asOf`.
    package struct Room: Codable, Hashable, Sendable {
        @Nullable package var used: Int? = nil
        /// null: unlimited, or not known: then `used` is null as well.
        @Nullable package var total: Int? = nil
        @Nullable package var percentage: Double? = nil
        @Nullable package var asOf: Int64? = nil
    }

    /// How far what is known there is known here.
    package struct Replication: Codable, Hashable, Sendable {
        @Nullable package var inProgress: Bool? = nil
        @Nullable package var lastCompleted: Int64? = nil
        /// Changes of the other side that were not taken in yet; of this instance: objects that are being fetched.
        @Nullable package var queueSize: Int? = nil
        @Nullable package var failedItems: Int? = nil
        package var errors: [String]
    }

    /// Objects and their bytes that went one way.
    package struct Transfer: Codable, Hashable, Sendable {
        package var objects = 0
        /// Of objects and parts of them; not what carries them.
        package var bytes = 0

        package init(objects: Int = 0, bytes: Int = 0) { (self.objects, self.bytes) = (objects, bytes) }
    }

    /// The connection with another instance: all of its sessions since the start of the node, counted together.
    package struct Connection: Codable, Hashable, Sendable {
        package enum State: String, Codable, Hashable, Sendable {
            case connected, closed
            /// It does not want this instance.
            case refused
            /// Not since the start of this node.
            case never
        }

        /// The `role` of an instance that is somebody else's.
        package static let contactRole = "contact"

        package var id: IDHash
        package var name: String
        package var role: String
        package var state: State
        @Nullable package var address: String? = nil
        /// Whether this side dialled.
        @Nullable package var isInitiator: Bool? = nil
        /// Whether the other side dialled a relay that this side listens through.
        @Nullable package var isRelayed: Bool? = nil
        /// When it became as it is.
        @Nullable package var since: Int64? = nil
        package var sessions: Int
        /// Of this and all earlier sessions, as they lay on the wire.
        package var bytesIn: Int
        package var bytesOut: Int
        /// Sessions and dials that ended in an error.
        package var errors: Int
        @Nullable package var lastError: String? = nil
        /// Why the last session ended that has.
        @Nullable package var closeReason: String? = nil
        /// Of the last WebSocket ping, in seconds, with the time it stood in the queue of the socket.
        @Nullable package var roundTrip: Double? = nil
        package var received: Transfer
        package var sent: Transfer
        /// Of objects, over the last ten seconds.
        package var receivedBytesPerSecond: Int
        package var sentBytesPerSecond: Int
        /// Objects that stand in line to be asked of it, and calls to it without an answer yet.
        package var queue: Int
        package var openCalls: Int
        package var sync: Sync
    }

    /// How far this instance has followed the changes of another one.
    package struct Sync: Codable, Hashable, Sendable {
        /// Number of the last change that was taken in, and of the last that there is as far as was heard.
        @Nullable package var position: Int64? = nil
        @Nullable package var last: Int64? = nil
        /// Changes received and taken in since the start.
        package var changes: Int
        @Nullable package var lastSync: Int64? = nil
        package var failures: Int
        @Nullable package var lastError: String? = nil

        /// Changes that are still to come; null: not known.
        package var behind: Int? {
            guard let position, let last else { return nil }
            return Int(max(0, last - position))
        }
    }
}
