/// One message of a WebSocket or of a layer above it (one-protocol 1.1): text and binary are distinguished everywhere.
package enum Message: Hashable, Sendable {
    case text(String)
    case binary([UInt8])

    /// Size in bytes; a text counts as UTF-8.
    package var byteCount: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .binary(let bytes): bytes.count
        }
    }
}
