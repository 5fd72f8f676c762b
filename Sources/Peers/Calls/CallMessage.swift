import FoundationEssentials

/// A message of the RPC layer (one-protocol 4.2), plus `stream-window`, by which the reader of a stream says how much
/// more it takes.
///
/// A side that does not know that one ignores it, and is not sent one unless its request named a window.
enum CallMessage: Hashable, Sendable {
    case request(id: Int, service: Int, arguments: [JSONValue], windowByteCount: Int?, priority: CallPriority = .reader)
    case data(id: Int, JSONValue)
    case error(id: Int, CallFailure)
    /// A piece of a text stream; `encoding` is named in the first one.
    case text(id: Int, chunk: String, encoding: String?)
    case binary(id: Int, [UInt8])
    case streamEnd(id: Int)
    case streamError(id: Int, String)
    /// The reader of a stream wants no more of it.
    case abort(id: Int)
    case window(id: Int, byteCount: Int)

    /// Count of the bytes before the chunk of a binary message: the id as a little-endian double.
    static let binaryHeaderByteCount = 8
}

/// An error of a call as it travels: `code` is for programs, the rest for people.
package struct CallFailure: Error, Hashable, Sendable, Codable {
    package var name: String
    package var message: String
    package var code: String

    package init(name: String = "Error", message: String, code: String) {
        (self.name, self.message, self.code) = (name, message, code)
    }
}

/// The JSON of a call message: what is there depends on `type`.
private struct Envelope: Codable {
    var requestId: Int?
    var responseId: Int?
    var type: String
    var serviceId: Int?
    var args: [JSONValue]?
    var data: JSONValue?
    var error: JSONValue?
    var chunk: String?
    var encoding: String?
    var window: Int?
    /// Only of background calls.
    var priority: String?
    var byteCount: Int?
}

extension CallMessage {
    /// Reads a message; nil if it is none of these, which is to be ignored and counted.
    init?(_ message: WireMessage) {
        switch message {
        case .binary(let bytes):
            guard bytes.count >= Self.binaryHeaderByteCount else { return nil }
            let bits = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard let id = JSONValue.number(Double(bitPattern: bits)).integer, id >= 0 else { return nil }
            self = .binary(id: id, Array(bytes[8...]))
        case .text(let text):
            guard let envelope = JSONText.decode(Envelope.self, from: text), let read = Self(envelope) else {
                return nil
            }
            self = read
        }
    }

    private init?(_ envelope: Envelope) {
        if let id = envelope.requestId, id >= 0 {
            switch envelope.type {
            case "request":
                guard let service = envelope.serviceId else { return nil }
                self = .request(
                    id: id,
                    service: service,
                    arguments: envelope.args ?? [],
                    windowByteCount: envelope.window,
                    priority: envelope.priority.flatMap(CallPriority.init(rawValue:)) ?? .reader
                )
            case "write-stream-error": self = .abort(id: id)
            case "stream-window":
                guard let byteCount = envelope.byteCount, byteCount >= 0 else { return nil }
                self = .window(id: id, byteCount: byteCount)
            default: return nil
            }
        } else if let id = envelope.responseId, id >= 0 {
            switch envelope.type {
            case "data": self = .data(id: id, envelope.data ?? .undefined)
            case "error": self = .error(id: id, CallFailure(envelope.error ?? .undefined))
            case "stream":
                guard let chunk = envelope.chunk else { return nil }
                let encoding = envelope.encoding.flatMap { $0 == JSONValue.undefinedMarker ? nil : $0 }
                self = .text(id: id, chunk: chunk, encoding: encoding)
            case "stream-end": self = .streamEnd(id: id)
            case "stream-error": self = .streamError(id: id, (envelope.error?.string ?? "").printable())
            default: return nil
            }
        } else {
            return nil
        }
    }
}

extension CallFailure {
    init(_ value: JSONValue) {
        self.init(
            name: (value["name"]?.string ?? "Error").printable(),
            message: (value["message"]?.string ?? value.string ?? "").printable(),
            code: (value["code"]?.string ?? "").printable(byteCountMax: 40)
        )
    }

    fileprivate var value: JSONValue {
        .object(["name": .string(name), "message": .string(message), "code": code.isEmpty ? .undefined : .string(code)])
    }
}

extension CallMessage {
    /// The message as it is sent.
    var message: WireMessage {
        switch self {
        case .request(let id, let service, let arguments, let window, let priority):
            Self.text(
                Envelope(
                    requestId: id,
                    type: "request",
                    serviceId: service,
                    args: arguments,
                    window: window,
                    priority: priority == .background ? priority.rawValue : nil
                )
            )
        case .data(let id, let value): Self.text(Envelope(responseId: id, type: "data", data: value))
        case .error(let id, let failure): Self.text(Envelope(responseId: id, type: "error", error: failure.value))
        case .text(let id, let chunk, let encoding):
            Self.text(
                Envelope(
                    responseId: id,
                    type: "stream",
                    chunk: chunk,
                    encoding: encoding ?? JSONValue.undefinedMarker
                )
            )
        case .binary(let id, let bytes): .binary(Self.binaryHeader(id) + bytes)
        case .streamEnd(let id): Self.text(Envelope(responseId: id, type: "stream-end"))
        case .streamError(let id, let text):
            Self.text(Envelope(responseId: id, type: "stream-error", error: .string(text)))
        case .abort(let id): Self.text(Envelope(requestId: id, type: "write-stream-error"))
        case .window(let id, let byteCount):
            Self.text(Envelope(requestId: id, type: "stream-window", byteCount: byteCount))
        }
    }

    private static func text(_ envelope: Envelope) -> WireMessage { .text(JSONText.encode(envelope)) }

    static func binaryHeader(_ id: Int) -> [UInt8] {
        let bits = Double(id).bitPattern
        return (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) }
    }
}
