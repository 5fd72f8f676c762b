import Objects

/// A registration with its signature as JSON carries it: microdata texts.
struct ProofText: Codable, Hashable {
    /// The objects are small; 64 KiB each is plenty.
    static let textByteCountMax = 64 << 10

    var registration: String
    var certificate: String
    var signature: String
    var license: String

    init(_ proof: RegistrationProof) {
        registration = String(decoding: proof.registration, as: UTF8.self)
        certificate = String(decoding: proof.certificate, as: UTF8.self)
        signature = String(decoding: proof.signature, as: UTF8.self)
        license = String(decoding: proof.license, as: UTF8.self)
    }

    /// nil if one of them is too long.
    var proof: RegistrationProof? {
        let texts = [registration, certificate, signature, license]
        guard texts.allSatisfy({ $0.utf8.count <= Self.textByteCountMax }) else { return nil }
        return RegistrationProof(
            registration: Array(registration.utf8),
            certificate: Array(certificate.utf8),
            signature: Array(signature.utf8),
            license: Array(license.utf8)
        )
    }
}

/// The first message of both sides in group `iom`.
enum ProofMessage {
    private static let command = "registration"

    private struct Command: Codable { var command: String }

    static func message(_ proof: RegistrationProof) -> Message {
        var members = ["command": command]
        let text = ProofText(proof)
        members["registration"] = text.registration
        members["certificate"] = text.certificate
        members["signature"] = text.signature
        members["license"] = text.license
        return .text(JSONText.encode(members))
    }

    static func proof(_ message: Message) throws(PeerError) -> RegistrationProof {
        guard case .text(let text) = message, JSONText.decode(Command.self, from: text)?.command == command,
            let proof = JSONText.decode(ProofText.self, from: text)?.proof
        else { throw .violated("expected a registration") }
        return proof
    }
}
