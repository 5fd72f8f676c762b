import Objects
import Testing

/// Nobody but the owner can make an instance a member.
@Suite struct RegistrationProofTests {
    let random = SeededRandom(seed: 5)
    let owner = IDHash(ObjectHash(of: Array("owner".utf8)))
    let ownerKey: SignKeyPair
    let registration: Registration
    let proof: RegistrationProof

    init() throws {
        ownerKey = SignKeyPair(random: random)
        registration = Registration(
            instanceID: IDHash(ObjectHash(of: Array("laptop".utf8))),
            ownerID: owner,
            deviceType: "desktop",
            storageRole: "cache",
            capabilities: ["serve", "affirm"],
            publicKey: BoxKeyPair(random: random).publicKey,
            publicSignKey: SignKeyPair(random: random).publicKey,
            endpoint: "ws://192.0.2.10:8765",
            validFrom: 1_700_000_000_000
        )
        proof = try RegistrationProof(registration, key: ownerKey)
    }

    private func verified(_ proof: RegistrationProof) throws(MembershipError) -> Registration {
        try proof.verified(owner: owner, ownerSignKey: ownerKey.publicKey)
    }

    @Test func theOwnersProofHolds() throws {
        #expect(try verified(proof) == registration)
        var revoked = registration
        (revoked.revokedAt, revoked.endpoint) = (1_700_000_000_001, nil)
        let read = try verified(RegistrationProof(revoked, key: ownerKey))
        #expect(read == revoked && read.isRevoked)
    }

    /// Whatever bit is flipped, in whatever part.
    @Test(arguments: 0..<8) func everyByteCounts(_ bit: Int) {
        for part in [\RegistrationProof.registration, \.certificate, \.signature, \.license] {
            for index in proof[keyPath: part].indices {
                var forged = proof
                forged[keyPath: part][index] ^= 1 << UInt8(bit)
                #expect(throws: MembershipError.self, "\(part) \(index)") { try verified(forged) }
            }
        }
    }

    @Test func shorterAndLongerPartsAreRefused() {
        for part in [\RegistrationProof.registration, \.certificate, \.signature, \.license] {
            for change in [[], Array(proof[keyPath: part].dropLast()), proof[keyPath: part] + [0x0A]] {
                var forged = proof
                forged[keyPath: part] = change
                #expect(throws: MembershipError.self) { try verified(forged) }
            }
            var forged = proof
            forged[keyPath: part] = [UInt8](repeating: 0x20, count: RegistrationProof.partByteCountMax + 1)
            #expect(throws: MembershipError.self) { try verified(forged) }
        }
    }

    @Test func anotherOwnerIsRefused() throws {
        let stranger = IDHash(ObjectHash(of: Array("stranger".utf8)))
        #expect(throws: MembershipError.foreignOwner(owner)) {
            try proof.verified(owner: stranger, ownerSignKey: ownerKey.publicKey)
        }
        // The owner's key, but a registration that says it belongs to somebody else.
        var foreign = registration
        foreign.ownerID = stranger
        #expect(throws: MembershipError.foreignOwner(stranger)) {
            try verified(RegistrationProof(foreign, key: ownerKey))
        }
    }

    @Test func anotherKeyIsRefused() throws {
        let key = SignKeyPair(random: random)
        #expect(throws: MembershipError.wrongSignature) {
            try verified(RegistrationProof(registration, key: key))
        }
        #expect(throws: MembershipError.wrongSignature) {
            try proof.verified(owner: owner, ownerSignKey: key.publicKey)
        }
        #expect(throws: MembershipError.wrongSignature) { try proof.verified(owner: owner, ownerSignKey: []) }
    }

    /// What the owner signed about one instance says nothing about another.
    @Test func aCertificateAboutAnotherObjectIsRefused() throws {
        var other = registration
        other.publicKey = BoxKeyPair(random: random).publicKey
        var forged = proof
        forged.registration = try EncodedObject(other.object, .standard).bytes
        #expect(throws: MembershipError.unrelated("the certificate is about another object")) { try verified(forged) }
    }

    /// A signature the owner gave on something else, even on the registration itself, is no affirmation of it.
    @Test func aSignatureOfAnotherKindIsRefused() throws {
        let hash = ObjectHash(of: proof.registration)
        let direct = OneObject(
            "Signature",
            [
                ("issuer", .reference(owner.objectHash)), ("data", .reference(hash)),
                ("signature", .string(Hex.text(ownerKey.sign(Array(hash.hex.utf8))))),
            ]
        )
        var forged = proof
        forged.signature = try Microdata.bytes(of: direct, .standard)
        #expect(throws: MembershipError.self) { try verified(forged) }

        let licence = try EncodedObject(License.accessUnversionedObject, .standard)
        let access = OneObject(
            "AccessUnversionedObjectCertificate",
            [
                ("person", .reference(owner.objectHash)), ("data", .reference(hash)),
                ("license", .reference(licence.hash)),
            ]
        )
        forged = try signed(access)
        #expect(throws: MembershipError.self) { try verified(forged) }
        forged.license = licence.bytes
        #expect(throws: MembershipError.self) { try verified(forged) }

        // Even an AffirmationCertificate means only what its licence says.
        let odd = OneObject(
            "AffirmationCertificate",
            [("data", .reference(hash)), ("license", .reference(licence.hash))]
        )
        forged = try signed(odd)
        #expect(throws: MembershipError.self) { try verified(forged) }
        forged.license = licence.bytes
        #expect(throws: MembershipError.self) { try verified(forged) }
    }

    /// The proof with another certificate in it, properly signed by the owner.
    private func signed(_ certificate: OneObject) throws -> RegistrationProof {
        let encoded = try EncodedObject(certificate, .standard)
        let signature = OneObject(
            "Signature",
            [
                ("issuer", .reference(owner.objectHash)), ("data", .reference(encoded.hash)),
                ("signature", .string(Hex.text(ownerKey.sign(Array(encoded.hash.hex.utf8))))),
            ]
        )
        var forged = proof
        (forged.certificate, forged.signature) = (encoded.bytes, try Microdata.bytes(of: signature, .standard))
        return forged
    }

    /// An affirmation of a message is a proper chain, only not about a registration.
    @Test func anotherTypeInPlaceOfTheRegistrationIsRefused() throws {
        let message = OneObject(
            "ChatMessage",
            [("text", .string("hello")), ("sender", .reference(owner.objectHash))]
        )
        let encoded = try EncodedObject(message, .standard)
        let affirmation = try Affirmation(of: encoded.hash, by: owner, key: ownerKey)
        let forged = RegistrationProof(
            registration: encoded.bytes,
            certificate: affirmation.certificate.bytes,
            signature: affirmation.signature.bytes,
            license: affirmation.license.bytes
        )
        #expect(throws: MembershipError.self) { try verified(forged) }
    }
}
