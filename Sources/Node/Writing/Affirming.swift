package import Objects

/// The owner's affirmation of something: license, certificate and signature (one-protocol 5.4).
package protocol Affirmer: Sendable {
    /// Affirms an object that is stored here; throws `AffirmationError.noCustodian` when nobody in reach has the owner's key.
    func affirm(_ hash: ObjectHash) async throws -> [EncodedObject]
}

/// Why something could not be affirmed.
package enum AffirmationError: Error, Hashable {
    /// No instance with the owner's key can be reached: it can be done later.
    case noCustodian
    /// A custodian refused; the text says why.
    case refused(String)
}

/// Affirms with a key that is here.
package struct KeyAffirmer: Affirmer {
    private let issuer: IDHash
    private let key: SignKeyPair
    private let book: RecipeBook

    package init(issuer: IDHash, key: SignKeyPair, book: RecipeBook) {
        (self.issuer, self.key, self.book) = (issuer, key, book)
    }

    package func affirm(_ hash: ObjectHash) async throws -> [EncodedObject] { try affirmed(hash) }

    /// License, certificate, signature.
    package func affirmed(_ hash: ObjectHash) throws -> [EncodedObject] {
        let affirmation = try Affirmation(of: hash, by: issuer, key: key, book)
        return [affirmation.license, affirmation.certificate, affirmation.signature]
    }
}

extension Author {
    /// Adds an affirmation made by a custodian to a draft, and returns its signature for a channel entry's metadata.
    package func addAffirmation(_ objects: [EncodedObject], to draft: inout Draft) throws -> ObjectHash {
        for object in objects { draft.add(object) }
        guard let signature = objects.last(where: { $0.object.type == "Signature" }) else {
            throw AffirmationError.refused("the answer has no signature")
        }
        return signature.hash
    }
}
