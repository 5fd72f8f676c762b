/// A person's signed word that an object is right: an AffirmationCertificate about it and a Signature on that
/// certificate (one-protocol 5.4).
///
/// What a signature says is only in the certificate it signs: no signature of anything else passes.
package struct Affirmation: Sendable {
    package let license: EncodedObject
    package let certificate: EncodedObject
    package let signature: EncodedObject

    /// Makes the three objects.
    package init(
        of data: ObjectHash,
        by issuer: IDHash,
        key: SignKeyPair,
        _ book: RecipeBook = .standard
    ) throws(MicrodataError) {
        license = try EncodedObject(License.affirmation, book)
        certificate = try EncodedObject(
            OneObject("AffirmationCertificate", [("data", .reference(data)), ("license", .reference(license.hash))]),
            book
        )
        signature = try EncodedObject(
            OneObject(
                "Signature",
                [
                    ("issuer", .reference(issuer.objectHash)), ("data", .reference(certificate.hash)),
                    ("signature", .string(Hex.text(key.sign(Array(certificate.hash.hex.utf8))))),
                ]
            ),
            book
        )
    }

    /// Whether this signature was made with this key on this certificate, and the certificate is an affirmation.
    ///
    /// That the certificate's bytes have the hash given, and whom it is about, is the caller's to know.
    package static func verify(
        signature: OneObject,
        certificate: (hash: ObjectHash, object: OneObject),
        publicSignKey: [UInt8]
    ) -> Bool {
        guard signature.type == "Signature", certificate.object.type == "AffirmationCertificate",
            certificate.object["license"] == .reference(License.affirmationHash),
            signature["data"] == .reference(certificate.hash),
            case .string(let text) = signature["signature"], let signed = Hex.bytes(text)
        else { return false }
        return SignKeyPair.verify(signed, of: Array(certificate.hash.hex.utf8), publicKey: publicSignKey)
    }
}
