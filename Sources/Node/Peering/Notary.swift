import Objects
import Peers
import Storage

/// Signs, with the owner's key, what another instance of the owner has written (design 5, service 40).
///
/// Nothing else gets a signature: only a `CreationTime` of a message the owner sends, or of a root of the owner's files.
struct Notary: Sendable {
    let node: Node

    func affirm(_ hash: ObjectHash, for caller: IoMSession) async throws -> AffirmationProof {
        guard let identity = node.identity, let key = identity.ownerKeys?.sign else {
            throw CallFailure("this instance has not the owner's key")
        }
        let creation = try await object(hash, of: caller)
        guard creation.type == "CreationTime", case .reference(let data)? = creation["data"] else {
            throw CallFailure("only a CreationTime is affirmed")
        }
        let content = try await object(data, of: caller)
        switch content.type {
        case "ChatMessage":
            guard content["sender"] == .reference(identity.ownerID.objectHash) else {
                throw CallFailure("the message is not the owner's")
            }
        case "PersistentFileSystemRoot": break
        default: throw CallFailure("a \(content.type) is not affirmed")
        }
        let affirmation = try Affirmation(of: hash, by: identity.ownerID, key: key, node.author.book)
        return AffirmationProof(
            certificate: affirmation.certificate.bytes,
            signature: affirmation.signature.bytes,
            license: affirmation.license.bytes
        )
    }

    /// From here, or else from whoever wrote it.
    private func object(_ hash: ObjectHash, of caller: IoMSession) async throws -> OneObject {
        let local = try node.store.localBytes(of: hash)
        let bytes = if let local { local } else { try await PeerReader(caller.client).bytes(of: hash) }
        return try Microdata.object(from: bytes, node.author.book)
    }
}

/// Asks a custodian in reach, one after another.
struct PeerAffirmer: Affirmer {
    let links: Links
    let identity: Identity
    let book: RecipeBook

    func affirm(_ hash: ObjectHash) async throws -> [EncodedObject] {
        var refusal: String?
        for session in links.sessions where session.member.registration.capabilities.contains(Node.custodianCapability)
        {
            do {
                return try check(await session.client.affirm(hash), of: hash)
            } catch let error as CallError {
                if case .failed(let failure) = error { refusal = failure.message }
            }
        }
        if let refusal { throw AffirmationError.refused(refusal) }
        throw AffirmationError.noCustodian
    }

    private func check(_ proof: AffirmationProof, of hash: ObjectHash) throws -> [EncodedObject] {
        let objects = try [proof.license, proof.certificate, proof.signature].map { bytes in
            try EncodedObject(Microdata.object(from: bytes, book), book)
        }
        let isValid = Affirmation.verify(
            signature: objects[2].object,
            certificate: (objects[1].hash, objects[1].object),
            publicSignKey: identity.ownerSignKey
        )
        guard isValid, objects[1].object["data"] == .reference(hash) else {
            throw AffirmationError.refused("the signature is not the owner's")
        }
        return objects
    }
}
