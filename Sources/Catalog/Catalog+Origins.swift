internal import GRDB
package import Objects

/// How an object came to this device.
package struct ObjectOrigin: Hashable, Sendable {
    /// Why it was fetched; the raw value is stored.
    package enum Reason: Int, Sendable {
        /// A program read it.
        case reader = 0
        /// A person asked for it by a command.
        case command = 1
        case pin = 2
        /// It must be here by the role or the configuration.
        case policy = 3
        /// It was thought to be read next.
        case prefetch = 4
    }

    package var reason: Reason
    /// The program that read it, the command, the pin, the rule of the policy, or what made it likely; nil: not known.
    package var cause: String?
    /// The instance that gave it.
    package var holder: String
    package var time: Timestamp

    package init(reason: Reason, cause: String?, holder: String, time: Timestamp) {
        (self.reason, self.cause, self.holder, self.time) = (reason, cause, holder, time)
    }
}

extension Catalog {
    /// So many origins are kept: about 120 bytes each.
    private static let originCountMax: Int64 = 10_000

    /// Writes down how objects came here; the oldest beyond the limit are forgotten.
    package func record(origins: [(ObjectHash, ObjectOrigin)]) throws {
        try write { database in
            for (hash, origin) in origins {
                try database.run(
                    "INSERT OR REPLACE INTO origin (hash, reason, program, holder, time) VALUES (?, ?, ?, ?, ?)",
                    hash,
                    origin.reason.rawValue,
                    origin.cause.map { StoredBytes($0) },
                    StoredBytes(origin.holder),
                    origin.time.nanoseconds
                )
            }
            try database.run("DELETE FROM origin WHERE id <= ?", database.lastInsertedRowID - Self.originCountMax)
        }
    }

    /// How an object came here the last time; nil if that is not known, or it was not fetched.
    package func origin(of hash: ObjectHash) throws(ObjectError) -> ObjectOrigin? {
        try answerOne { database in
            let row = try database.row("SELECT reason, program, holder, time FROM origin WHERE hash = ?", hash)
            guard let row, let reason = ObjectOrigin.Reason(rawValue: row[0]) else { return nil }
            return ObjectOrigin(
                reason: reason,
                cause: row.isNull(1) ? nil : row.text(1),
                holder: row.text(2),
                time: Timestamp(nanoseconds: row[3])
            )
        }
    }
}
