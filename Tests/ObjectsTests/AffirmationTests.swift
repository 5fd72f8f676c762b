import Objects
import Testing

@Suite struct AffirmationTests {
    let key = SignKeyPair(random: SeededRandom(seed: 8))
    let issuer = IDHash(ObjectHash(of: [1]))
    let data = ObjectHash(of: [2])

    private func verify(_ signature: OneObject, _ certificate: EncodedObject, _ publicKey: [UInt8]? = nil) -> Bool {
        Affirmation.verify(
            signature: signature,
            certificate: (certificate.hash, certificate.object),
            publicSignKey: publicKey ?? key.publicKey
        )
    }

    private func signature(on hash: ObjectHash) -> OneObject {
        OneObject(
            "Signature",
            [
                ("issuer", .reference(issuer.objectHash)), ("data", .reference(hash)),
                ("signature", .string(Hex.text(key.sign(Array(hash.hex.utf8))))),
            ]
        )
    }

    @Test func anAffirmationHoldsForItsKeyOnly() throws {
        let affirmation = try Affirmation(of: data, by: issuer, key: key)
        #expect(verify(affirmation.signature.object, affirmation.certificate))
        #expect(signature(on: affirmation.certificate.hash) == affirmation.signature.object)
        let other = SignKeyPair(random: SeededRandom(seed: 9))
        #expect(!verify(affirmation.signature.object, affirmation.certificate, other.publicKey))
        #expect(!verify(affirmation.signature.object, affirmation.certificate, []))
        let elsewhere = try Affirmation(of: ObjectHash(of: [3]), by: issuer, key: key)
        #expect(!verify(affirmation.signature.object, elsewhere.certificate))
    }

    @Test func aCertificateUnderAnotherLicenceIsNoAffirmation() throws {
        for license in [License.trustKeys, License.accessUnversionedObject] {
            let hash = try EncodedObject(license, .standard).hash
            let fields: [(String, Value?)] = [("data", .reference(data)), ("license", .reference(hash))]
            let certificate = try EncodedObject(OneObject("AffirmationCertificate", fields), .standard)
            #expect(!verify(signature(on: certificate.hash), certificate))
        }
        let affirmation = try EncodedObject(License.affirmation, .standard).hash
        let fields: [(String, Value?)] = [("profile", .reference(data)), ("license", .reference(affirmation))]
        let certificate = try EncodedObject(OneObject("TrustKeysCertificate", fields), .standard)
        #expect(!verify(signature(on: certificate.hash), certificate))
    }

    @Test func aSignatureThatIsNoneIsRefused() throws {
        let affirmation = try Affirmation(of: data, by: issuer, key: key)
        for text in ["", "00", "zz", String(repeating: "0", count: 128)] {
            var forged = affirmation.signature.object
            forged["signature"] = .string(text)
            #expect(!verify(forged, affirmation.certificate))
        }
        var forged = affirmation.signature.object
        forged.type = "Keys"
        #expect(!verify(forged, affirmation.certificate))
    }
}
