/// What a figure counts.
enum Unit: String, Codable, Sendable {
    case objectsPerSecond = "objects/s"
    case filesPerSecond = "files/s"
    case entriesPerSecond = "entries/s"
    case messagesPerSecond = "messages/s"
    case megabytesPerSecond = "MB/s"
    case seconds = "s"
    case milliseconds = "ms"
    case microseconds = "us"
    /// 2^20 bytes: of memory, or on the wire.
    case mebibytes = "MiB"
    case perMinute = "/min"
    case percent = "%"

    var isBetterWhenHigher: Bool {
        switch self {
        case .objectsPerSecond, .filesPerSecond, .entriesPerSecond, .messagesPerSecond, .megabytesPerSecond: true
        case .seconds, .milliseconds, .microseconds, .mebibytes, .perMinute, .percent: false
        }
    }
}

extension Double {
    /// So many in a time.
    static func rate(_ count: Int, in time: Duration) -> Double { Double(count) / time.seconds }

    /// Megabytes (10^6) in a second.
    static func megabytes(_ byteCount: Int, in time: Duration) -> Double { Double(byteCount) / 1e6 / time.seconds }

    static func mebibytes(_ byteCount: Int) -> Double { Double(byteCount) / 1_048_576 }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
    var milliseconds: Double { seconds * 1e3 }
    var microseconds: Double { seconds * 1e6 }
}
