import FoundationEssentials
import Objects

/// The JSON texts of the handshake (one-protocol 2.1, 2.3): `command` and what belongs to it; other members are ignored.
struct HandshakeCommand: Codable, Hashable {
    /// Limit of a message before the other side is known.
    static let byteCountMax = 16 << 10

    var command: String
    var sourcePublicKey: String?
    var targetPublicKey: String?
    var connectionGroupName: String?

    init(_ command: String, source: [UInt8]? = nil, target: [UInt8]? = nil, group: String? = nil) {
        self.command = command
        sourcePublicKey = source.map { Hex.text($0) }
        targetPublicKey = target.map { Hex.text($0) }
        connectionGroupName = group
    }

    /// Reads a message that must be this command.
    init(_ message: Message, expecting command: String) throws(PeerError) {
        guard case .text(let text) = message, text.utf8.count <= Self.byteCountMax,
            let read = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)), read.command == command
        else { throw .violated("expected \(command)") }
        self = read
    }

    var message: Message { .text(JSONText.encode(self)) }

    /// The 32 bytes of a key in lower-case hex.
    static func key(_ hex: String?) throws(PeerError) -> [UInt8] {
        guard let hex, let key = Hex.bytes(hex), key.count == 32 else { throw .violated("a public key is not one") }
        return key
    }
}

/// JSON as text, always the same for the same value: members sorted, slashes as they are.
enum JSONText {
    static func encode(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Encoding fails for numbers that are not finite; such a value is a programmer's error.
        guard let data = try? encoder.encode(value), let text = String(validating: data, as: UTF8.self) else {
            preconditionFailure("a value that JSON cannot say")
        }
        return text
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from text: String) -> Value? {
        try? JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
