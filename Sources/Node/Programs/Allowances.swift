package import Objects
package import Storage
import Synchronization

/// A program that may fetch as much as it likes, by the owner's word.
package struct Allowance: Codable, Hashable, Sendable {
    package var program: String
    /// nil: until it is revoked.
    package var until: Timestamp?

    package init(program: String, until: Timestamp?) { (self.program, self.until) = (program, until) }
}

extension Allowance {
    /// `- NAME`, or milliseconds since 1970 in place of the dash.
    init?(line: Substring) {
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        if parts[0] == "-" {
            self.init(program: parts[1], until: nil)
        } else {
            guard let milliseconds = Int64(parts[0]), abs(milliseconds) < Int64.max / 1_000_000 else { return nil }
            self.init(program: parts[1], until: Timestamp(nanoseconds: milliseconds * 1_000_000))
        }
    }

    var line: String { "\(until.map { "\($0.nanoseconds / 1_000_000)" } ?? "-") \(program)" }
}

/// The programs that may fetch as much as they like, kept in the file `allowed` of the root.
package final class Allowances: Sendable {
    private static let countMax = 1_000
    private static let fileByteCountMax = 1 << 18

    private let file: SmallFile
    private let lines: Mutex<[Allowance]>

    package init(disk: any Disk) throws {
        file = SmallFile("allowed", on: disk, byteCountMax: Self.fileByteCountMax)
        lines = Mutex(try (file.read() ?? "").split(separator: "\n").compactMap { Allowance(line: $0) })
    }

    /// Those that count at a time, in the order in which they were given.
    package func current(at now: Timestamp) -> [Allowance] {
        lines.withLock { $0 }.filter { allowance in allowance.until.map { $0 > now } ?? true }
    }

    /// Gives one, in place of an earlier one for the same program; durable on return.
    package func add(_ allowance: Allowance, at now: Timestamp) throws {
        try change(at: now) { lines in
            lines.removeAll { $0.program == allowance.program }
            guard lines.count < Self.countMax else { throw CommandError("too many programs are allowed: revoke some") }
            lines.append(allowance)
        }
    }

    /// False if there is none.
    package func remove(_ program: String, at now: Timestamp) throws -> Bool {
        guard current(at: now).contains(where: { $0.program == program }) else { return false }
        try change(at: now) { lines in lines.removeAll { $0.program == program } }
        return true
    }

    private func change(at now: Timestamp, _ body: (inout [Allowance]) throws -> Void) throws {
        var changed = current(at: now)
        try body(&changed)
        try file.replace(with: changed.map { $0.line + "\n" }.joined())
        lines.withLock { $0 = changed }
    }
}
