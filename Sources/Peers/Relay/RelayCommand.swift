import FoundationEssentials
import Objects

/// The JSON texts between a relay and whoever listens through it (one-protocol 1.7): `command` and what belongs to it;
/// other members are ignored.
struct RelayCommand: Codable, Hashable {
    enum Name: String, Codable {
        case register
        case authenticationRequest = "authentication_request"
        case authenticationResponse = "authentication_response"
        case authenticationSuccess = "authentication_success"
        case ping, pong
        case handover = "connection_handover"
        /// The first message of a connection between peers, by which a relay knows whom it is for.
        case communicationRequest = "communication_request"
    }

    /// What a relay says when nobody listens, word for word.
    static let nobodyListens = "No listening connection for the specified publicKey."

    var command: Name
    var publicKey: String?
    var targetPublicKey: String?
    var challenge: String?
    var response: String?
    /// Milliseconds.
    var pingInterval: Double?

    init(
        _ command: Name,
        publicKey: [UInt8]? = nil,
        challenge: [UInt8]? = nil,
        response: [UInt8]? = nil,
        pingInterval: Duration? = nil
    ) {
        self.command = command
        self.publicKey = publicKey.map { Hex.text($0) }
        self.challenge = challenge.map { Hex.text($0) }
        self.response = response.map { Hex.text($0) }
        self.pingInterval = pingInterval.map { ($0 / .milliseconds(1)).rounded() }
    }

    init(_ message: WireMessage) throws(PeerError) {
        guard case .text(let text) = message, text.utf8.count <= HandshakeCommand.byteCountMax,
            let read = JSONText.decode(Self.self, from: text)
        else { throw .violated("this is no command of a relay") }
        self = read
    }

    var message: WireMessage { .text(JSONText.encode(self)) }
}

/// The proof of a key: 64 random bytes sealed with it, answered with their complement, sealed.
enum RelayChallenge {
    static let byteCount = 64
    /// Nonce, authentication, and the bytes.
    private static let sealedByteCount = 24 + SharedKey.overheadByteCount + byteCount

    /// The answer to a challenge.
    static func answer(to hex: String?, _ key: SharedKey, random: some RandomSource) throws(PeerError) -> [UInt8] {
        key.seal(try opened(hex, key).map(~), random: random)
    }

    /// Whether this answers the challenge.
    static func isAnswer(_ hex: String?, to challenge: [UInt8], _ key: SharedKey) throws(PeerError) -> Bool {
        try opened(hex, key) == challenge.map(~)
    }

    /// Of this length only: nothing else that is sealed with the same key can be had opened or sealed by asking.
    private static func opened(_ hex: String?, _ key: SharedKey) throws(PeerError) -> [UInt8] {
        guard let hex, let sealed = Hex.bytes(hex), sealed.count == sealedByteCount, let bytes = key.open(sealed) else {
            throw .refused("the other side does not have the key it claims")
        }
        return bytes
    }
}
