import Objects
import Testing

/// The keys, seals and signatures of the reference's NaCl and scrypt (one-format 6).
@Suite struct CryptoFixtureTests {
    let crypto: JSON
    let vectors: JSON

    init() throws {
        crypto = try Fixtures.json("one-format/crypto.json")
        vectors = try Fixtures.json("one-wire/vectors.json")
    }

    private func section(_ json: JSON, _ name: String) throws -> JSON { try #require(json[name]) }

    @Test func keyPairsHaveTheirPublicKeys() throws {
        for name in ["boxKeyPairA", "boxKeyPairB"] {
            let pair = try section(crypto, name)
            let own = try #require(BoxKeyPair(secret: pair.hexBytes("secret")))
            #expect(own.publicKey == (try pair.hexBytes("public")))
        }
        let sign = try section(crypto, "signKeyPair")
        let own = try #require(SignKeyPair(secret: sign.hexBytes("secret")))
        #expect(own.publicKey == (try sign.hexBytes("public")))
        #expect(SignKeyPair(seed: try sign.hexBytes("seedIsFirst32BytesOfSecret")) == own)
        #expect(own.secret == (try sign.hexBytes("secret")))
    }

    @Test func secretBoxesOpenAndAreTheSame() throws {
        for line in try section(crypto, "secretbox").items ?? [] {
            let box = try #require(SecretBox(key: line.hexBytes("key")))
            let (nonce, message) = (try line.hexBytes("nonce"), try line.hexBytes("message"))
            #expect(box.seal(message, nonce: nonce) == (try line.hexBytes("cypher")))
            #expect(box.open(try line.hexBytes("cypher"), nonce: nonce) == message)
            #expect(box.open(try line.hexBytes("nonceAndCypher")) == message)
        }
    }

    @Test func sharedKeysAreTheSameOnBothSides() throws {
        let a = try #require(BoxKeyPair(secret: section(crypto, "boxKeyPairA").hexBytes("secret")))
        let b = try #require(BoxKeyPair(secret: section(crypto, "boxKeyPairB").hexBytes("secret")))
        let box = try section(crypto, "box")
        let shared = try #require(SharedKey(publicKey: b.publicKey, own: a))
        #expect(shared.secret == (try box.hexBytes("sharedKey")))
        #expect(SharedKey(publicKey: a.publicKey, own: b) == shared)
        #expect(shared.open(try box.hexBytes("nonceAndCypher")) == Array(try box.text("message").utf8))

        let wire = try section(vectors, "box")
        let own = try #require(BoxKeyPair(secret: wire.hexBytes("aSecret")))
        let other = try #require(SharedKey(publicKey: wire.hexBytes("bPublic"), own: own))
        #expect(own.publicKey == (try wire.hexBytes("aPublic")))
        #expect(other.secret == (try wire.hexBytes("precomputedSharedKey")))
        let nonce = try wire.hexBytes("nonce")
        #expect(
            nonce + other.seal(try wire.hexBytes("plaintext"), nonce: nonce)
                == (try wire.hexBytes("sealedWithEmbeddedNonce"))
        )
        let challenge = try section(vectors, "challenge")
        #expect(other.open(try challenge.hexBytes("sealedChallenge")) == (try challenge.hexBytes("challenge")))
    }

    @Test func signaturesAreTheSame() throws {
        let key = try #require(SignKeyPair(secret: section(crypto, "signKeyPair").hexBytes("secret")))
        for line in try section(crypto, "sign").items ?? [] {
            let message = try line.bytes("message")
            #expect(key.sign(message) == (try line.hexBytes("signature")))
            #expect(SignKeyPair.verify(try line.hexBytes("signature"), of: message, publicKey: key.publicKey))
            #expect(!SignKeyPair.verify(try line.hexBytes("signature"), of: message + [0], publicKey: key.publicKey))
        }
        let wire = try section(vectors, "sign")
        let other = try #require(SignKeyPair(seed: wire.hexBytes("seed")))
        #expect(other.publicKey == (try wire.hexBytes("publicSignKey")))
        #expect(other.secret == (try wire.hexBytes("secretSignKey64")))
        #expect(other.sign(try wire.bytes("signedUtf8String")) == (try wire.hexBytes("signature")))
    }

    @Test func secretsBecomeTheSameKeys() throws {
        for line in try (section(crypto, "scrypt").items ?? []) + [section(vectors, "scrypt")] {
            let key = Scrypt.key(secret: try line.text("secret"), salt: try line.hexBytes("salt"))
            #expect(key == (try line.hexBytes("key")))
        }
    }

    @Test func licencesHaveTheirBytes() throws {
        let expected: [(String, OneObject)] = [
            ("AffirmationCertificate", License.affirmation), ("TrustKeysCertificate", License.trustKeys),
            ("RelationCertificate", License.relation),
            ("RightToDeclareTrustedKeysForEverybodyCertificate", License.rightToDeclareTrustedKeysForEverybody),
            ("RightToDeclareTrustedKeysForSelfCertificate", License.rightToDeclareTrustedKeysForSelf),
            ("AccessUnversionedObjectCertificate", License.accessUnversionedObject),
            ("AccessVersionedObjectCertificate", License.accessVersionedObject),
        ]
        let licenses = try section(vectors, "licenses")
        #expect(licenses.members?.count == expected.count)
        for (name, license) in expected {
            let line = try section(licenses, name)
            let encoded = try EncodedObject(license, .standard)
            #expect(encoded.bytes == (try line.bytes("microdata")), "\(name)")
            #expect(encoded.hash.hex == (try line.text("hash")), "\(name)")
        }
    }

    /// The objects of a conversation, as they go over the wire, need no recipes but the standard ones.
    @Test func objectsOfTheWireHaveTheirBytes() throws {
        for member in try section(vectors, "objects").members ?? [] {
            let name = Comment(rawValue: member.key.text)
            let bytes = try member.value.bytes("microdata")
            let encoded = try EncodedObject(Microdata.object(from: bytes, .standard), .standard)
            #expect(encoded.bytes == bytes, name)
            #expect(encoded.hash.hex == (try member.value.text("hash")), name)
            guard let idHash = member.value["idHash"]?.text else { continue }
            #expect(encoded.idHash?.hex == idHash, name)
            #expect(encoded.idBytes == (try member.value.bytes("idMicrodata")), name)
        }
    }

    @Test func anAffirmationIsTheOneOfTheReference() throws {
        let objects = try section(vectors, "objects")
        let key = try #require(SignKeyPair(seed: section(vectors, "sign").hexBytes("seed")))
        let issuer = try #require(IDHash(hex: section(objects, "Person").text("idHash")))
        let data = try #require(ObjectHash(hex: section(objects, "CreationTime").text("hash")))
        let affirmation = try Affirmation(of: data, by: issuer, key: key)
        #expect(affirmation.certificate.bytes == (try section(objects, "AffirmationCertificate").bytes("microdata")))
        #expect(affirmation.signature.bytes == (try section(objects, "Signature").bytes("microdata")))
    }
}
