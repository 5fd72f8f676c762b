extension Snapshot {
    /// What is known and what is here, and what was done: the document `stats.json`.
    package struct Counts: Codable, Hashable, Sendable {
        package var takenAt: Int64
        package var totalObjects: Int
        package var totalSize: Int
        package var localObjects: Int
        package var localSize: Int
        package var messages: Int
        package var attachments: Int
        /// Of the owner's own files and folders; as it was at `storage.reasons.asOf`.
        @Nullable package var files: Int? = nil
        package var contacts: Int
        package var conversations: Int
        package var versions: Int
        /// The newest events, the last one last.
        package var recentActivity: [LoggedEvent]
        /// What was fetched before anybody asked for it.
        package var ahead: AheadReport
        /// Objects made here that no instance which keeps everything has proven to have; null while that is found out.
        @Nullable package var underReplicated: Int? = nil
        package var reads: Reads
        package var fetches: Fetches
        package var fuse: FuseReport
        package var evictions: Evictions
        package var queues: Queues
        package var events: EventCounts
        /// null: not known.
        ///
        /// Nobody tells this instance of copies made by other programs; and an instance that keeps
        /// everything is asked to prove what was made here and what is to be dropped, never all that is here.
        @Nullable package var lastVerifiedBackup: Int64? = nil
    }

    /// Files that were opened in mounts.
    package struct Reads: Codable, Hashable, Sendable {
        /// Their bytes were here.
        package var hits: Int
        /// Some had to be asked of another instance.
        package var misses: Int
        /// Requests of the kernel that had to wait for bytes, and those that wait now.
        package var waits: Int
        package var waiting: Int
        /// Programs that were not let through to another instance: not allowed, or out of budget.
        package var refused: Int
    }

    /// Bytes brought from other instances, by what came of it and how long it took.
    ///
    /// A fetch is an object, however many wait for it, or a range of a large one that somebody waits for.
    package struct Fetches: Codable, Hashable, Sendable {
        package struct Outcome: Codable, Hashable, Sendable {
            /// fetched, unreachable, timed-out, refused, damaged, no-space, unknown, cancelled or failed.
            package var outcome: String
            package var count: Int
            /// All of them together.
            package var seconds: Double
            /// How many took no longer than each of `bounds` and longer than the one before; the last: longer than all.
            package var buckets: [Int]
        }

        /// Seconds.
        package var bounds: [Double]
        package var outcomes: [Outcome]
        /// Under way.
        package var inFlight: Int

        package var count: Int { outcomes.reduce(0) { $0 + $1.count } }
    }

    /// What the kernel asked; what it reads by passthrough, or remembers, it does not ask.
    package struct FuseReport: Codable, Hashable, Sendable {
        package struct Operation: Codable, Hashable, Sendable {
            /// As in fuse_lowlevel.h; `write` stands for all that would change something.
            package var kind: String
            package var count: Int
            /// Of these the ones that were answered by an error.
            package var errors: [Failure]
        }

        package struct Failure: Codable, Hashable, Sendable {
            package var errno: String
            package var count: Int
        }

        /// Those that were asked for at all.
        package var operations: [Operation]
    }

    /// What was dropped to make room.
    package struct Evictions: Codable, Hashable, Sendable {
        package var objects: Int
        package var bytes: Int
    }

    /// What waits.
    package struct Queues: Codable, Hashable, Sendable {
        /// Objects in line at other instances.
        package var fetches: Int
        /// Objects that are known and not here.
        package var missing: Int
        /// Messages that wait for an instance with the owner's key.
        package var outbox: Int
    }

    /// Events since the node was started; those that repeat count each time.
    package struct EventCounts: Codable, Hashable, Sendable {
        package struct Kind: Codable, Hashable, Sendable {
            package var type: String
            package var count: Int
        }

        package var kinds: [Kind]
    }
}

extension Snapshot {
    /// What this instance takes of its disk, in bytes of whole blocks.
    package struct Storage: Codable, Hashable, Sendable {
        package var used: Int
        /// null: unlimited.
        @Nullable package var total: Int? = nil
        /// Of the smaller of `total` and what there is on the disk.
        @Nullable package var percentage: Double? = nil
        /// Room on the disk, and all of the disk.
        @Nullable package var free: Int? = nil
        @Nullable package var disk: Int? = nil
        package var pressure: PressureReport
        /// null: nothing ever goes here, so none are made.
        @Nullable package var previews: PreviewReport? = nil
        package var kinds: Kinds
        package var reasons: Reasons
    }

    /// What it consists of; together `used`, but for what was written within the last second.
    package struct Kinds: Codable, Hashable, Sendable {
        package var objects: Int
        package var heads: Int
        package var chunks: Int
        package var partial: Int
        package var previews: Int
        package var catalog: Int
        package var journal: Int
        package var other: Int
    }

    /// Why objects are here, in bytes of whole blocks, each by the strongest reason; looked up now and then, at `asOf`.
    package struct Reasons: Codable, Hashable, Sendable {
        @Nullable package var asOf: Int64? = nil
        @Nullable package var pinned: Int? = nil
        @Nullable package var demanded: Int? = nil
        /// No other instance was found to have them.
        @Nullable package var onlyCopy: Int? = nil
        @Nullable package var recentlyUsed: Int? = nil
        @Nullable package var notSorted: Int? = nil
    }
}
