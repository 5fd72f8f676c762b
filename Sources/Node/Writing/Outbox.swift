import Objects
package import Storage
import Synchronization

/// Messages that wait for a custodian, kept in the file `outbox` of the root: nothing somebody said is lost (design 5).
///
/// A line is written before anything is sent, and removed after the message is in its conversation.
package final class Outbox: Sendable {
    /// More than a person writes while away.
    private static let pendingMax = 100_000
    private static let fileByteCountMax = pendingMax * 130

    private let file: SmallFile
    private let lines: Mutex<[Pending]>

    package init(disk: any Disk) throws {
        file = SmallFile("outbox", on: disk, byteCountMax: Self.fileByteCountMax)
        lines = Mutex(try (file.read() ?? "").split(separator: "\n").compactMap(Pending.init(line:)))
    }

    /// What waits, oldest first.
    package var pending: [Pending] { lines.withLock { $0 } }

    func add(_ pending: Pending) throws {
        try lines.withLock { lines in
            guard lines.count < Self.pendingMax else {
                throw CommandError("too many messages wait: connect to an instance with the owner's key")
            }
            try write(lines + [pending])
            lines.append(pending)
        }
    }

    func remove(_ pending: Pending) throws {
        try lines.withLock { lines in
            let rest = lines.filter { $0 != pending }
            try write(rest)
            lines = rest
        }
    }

    private func write(_ pending: [Pending]) throws {
        try file.replace(with: pending.map { $0.line + "\n" }.joined())
    }
}
