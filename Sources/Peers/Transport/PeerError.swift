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
