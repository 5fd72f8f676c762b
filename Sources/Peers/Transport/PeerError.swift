/// Why a connection could not be made or has ended; each case tells what the caller can do.
package enum PeerError: Error, Hashable, Sendable {
    /// Nobody answered there: try again later.
    case unreachable(String)
    /// The other side closed, with this reason: connect again.
    case closed(String)
    /// The other side does not do what the protocol says: back off before connecting again.
    case violated(String)
    /// The other side made no progress for too long: connect again.
    case timedOut(String)
    /// This side or the other one does not want the connection: ask a person.
    case refused(String)
    /// The caller no longer wants it.
    case cancelled

    /// The reason of an end without a word.
    package static let lost = "connection lost"

    /// The reason in words.
    package var reason: String {
        switch self {
        case .unreachable(let reason), .closed(let reason), .violated(let reason), .timedOut(let reason),
            .refused(let reason):
            reason
        case .cancelled: "cancelled"
        }
    }
}

/// The reason in a WebSocket close, as it travels (one-protocol 1.1).
enum CloseReason {
    private static let prefixes = ["Close called: ", "Terminate called: "]

    static func sent(_ reason: String) -> String { prefixes[0] + reason }

    /// A connection whose task was cancelled ends with this side.
    static func sent(_ error: PeerError) -> String { sent(error == .cancelled ? shuttingDown : error.reason) }

    static let shuttingDown = "shutting down"

    /// Of a side that has nothing more to do, or is told to stop.
    static var own: String { Task.isCancelled ? shuttingDown : done }

    private static let done = "done"

    /// What the other side meant, harmless to show.
    static func received(_ text: String) -> String {
        let prefix = prefixes.first { text.hasPrefix($0) } ?? ""
        let reason = text.dropFirst(prefix.count)
        return reason.isEmpty ? nothing : String(reason).printable()
    }

    /// Of a close without a reason.
    private static let nothing = "closed"

    /// Whether the other side just had nothing more to do.
    static func isPlain(_ reason: String) -> Bool { [nothing, done].contains(reason) }
}

extension String {
    /// Text from outside, made harmless for logs and terminals: no control or format characters, at most so many bytes.
    func printable(byteCountMax: Int = 200) -> String {
        var result = ""
        var byteCount = 0
        for scalar in unicodeScalars {
            let isPlain: Bool =
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: false
                default: true
                }
            let shown = isPlain ? scalar : "?"
            byteCount += UTF8.width(shown)
            if byteCount > byteCountMax { break }
            result.unicodeScalars.append(shown)
        }
        return result
    }

    /// As many whole characters as fit into this many bytes of UTF-8.
    func cut(byteCountMax: Int) -> String {
        var result = self
        while result.utf8.count > byteCountMax { result.unicodeScalars.removeLast() }
        return result
    }
}
