import Objects
import Storage
import Synchronization

/// Which contact brought which shared channel, kept in the file `channels-given` of the root: whoever did may bring more of it.
///
/// A shared channel has no owner, so that its name alone would let anybody write into it.
final class ChannelBook: Sendable {
    /// More than people have conversations.
    private static let linesMax = 100_000
    private static let fileByteCountMax = linesMax * 130

    private struct Line: Hashable {
        var person: IDHash
        var channel: IDHash
    }

    private let file: SmallFile
    private let lines: Mutex<Set<Line>>

    init(disk: any Disk) throws {
        file = SmallFile("channels-given", on: disk, byteCountMax: Self.fileByteCountMax)
        let lines = (try file.read() ?? "").split(separator: "\n").compactMap { line -> Line? in
            let parts = line.split(separator: " ")
            guard parts.count == 2, let person = IDHash(hex: parts[0]), let channel = IDHash(hex: parts[1]) else {
                return nil
            }
            return Line(person: person, channel: channel)
        }
        self.lines = Mutex(Set(lines))
    }

    func has(_ channel: IDHash, by person: IDHash) -> Bool {
        lines.withLock { $0.contains(Line(person: person, channel: channel)) }
    }

    /// Durable on return.
    func add(_ channels: [IDHash], by person: IDHash) throws {
        try lines.withLock { lines in
            let all = lines.union(channels.map { Line(person: person, channel: $0) })
            guard all.count > lines.count else { return }
            guard all.count <= Self.linesMax else { throw CommandError("too many conversations came from contacts") }
            let text = all.map { "\($0.person.hex) \($0.channel.hex)\n" }.sorted().joined()
            try file.replace(with: text)
            lines = all
        }
    }
}
