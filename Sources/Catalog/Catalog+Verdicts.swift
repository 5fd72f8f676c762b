internal import GRDB
package import Objects
internal import Synchronization

/// Verdicts that are not yet in the database.
final class VerdictBuffer: Sendable {
    /// So many wait before they are written.
    static let countMax = 1024

    struct State {
        var pending: [ObjectHash: FileStamp] = [:]
        var isFlushing = false
    }

    let state = Mutex(State())
}

extension Catalog: VerdictLog {
    package func verdict(of hash: ObjectHash) -> FileStamp? {
        if let pending = verdicts.state.withLock({ $0.pending[hash] }) { return pending }
        let row = try? database.unsafeReentrantRead { database in
            try database.row("SELECT inode, size, modified, changed FROM verdict WHERE hash = ?", hash)
        }
        return row.map { row in
            FileStamp(
                inode: UInt64(bitPattern: row[0] as Int64),
                byteCount: row[1],
                modified: Timestamp(nanoseconds: row[2]),
                changed: Timestamp(nanoseconds: row[3])
            )
        }
    }

    /// Kept in memory at first: this may be called in the middle of a transaction, and losing it costs hashing only.
    package func record(_ stamp: FileStamp, of hash: ObjectHash) {
        let isDue = verdicts.state.withLock { state in
            state.pending[hash] = stamp
            guard state.pending.count >= VerdictBuffer.countMax, !state.isFlushing else { return false }
            state.isFlushing = true
            return true
        }
        guard isDue else { return }
        let buffer = verdicts
        database.asyncWrite({ try Self.write(buffer, $0) }) { _, _ in buffer.state.withLock { $0.isFlushing = false } }
    }

    /// Writes what waits in memory; do it before closing.
    package func flushVerdicts() throws {
        try write { try Self.write(verdicts, $0) }
    }

    static func write(_ buffer: VerdictBuffer, _ database: Database) throws {
        let stamps = buffer.state.withLock { $0.pending }
        for (hash, stamp) in stamps.sorted(by: { $0.key < $1.key }) {
            try database.run(
                "INSERT OR REPLACE INTO verdict (hash, inode, size, modified, changed) VALUES (?, ?, ?, ?, ?)",
                hash,
                Int64(bitPattern: stamp.inode),
                stamp.byteCount,
                stamp.modified.nanoseconds,
                stamp.changed.nanoseconds
            )
        }
        buffer.state.withLock { state in
            for (hash, stamp) in stamps where state.pending[hash] == stamp { state.pending[hash] = nil }
        }
    }
}
