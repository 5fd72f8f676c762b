/// Why a proof of membership is not one.
package enum MembershipError: Error, Hashable, Sendable {
    /// A part cannot be read, or is not what it should be.
    case malformed(String)
    /// The registration, or the signature, is another person's.
    case foreignOwner(IDHash)
    /// The parts do not belong together: a certificate about another object, a signature on another certificate, another
    /// licence.
    case unrelated(String)
    /// The owner's key did not make this signature.
    case wrongSignature
}

/// A registration with all that proves it: the microdata of four objects, as they are stored and sent.
package struct RegistrationProof: Hashable, Sendable {
    /// Longest part accepted; real ones have less than 2,000 bytes.
    package static let partByteCountMax = 65_536

    package var registration: [UInt8]
    package var certificate: [UInt8]
    package var signature: [UInt8]
    package var license: [UInt8]

    package init(registration: [UInt8], certificate: [UInt8], signature: [UInt8], license: [UInt8]) {
        (self.registration, self.certificate) = (registration, certificate)
        (self.signature, self.license) = (signature, license)
    }

    /// Registers an instance with the owner's key.
    package init(_ registration: Registration, key: SignKeyPair, _ book: RecipeBook = .standard) throws(MicrodataError)
    {
        let encoded = try EncodedObject(registration.object, book)
        let affirmation = try Affirmation(of: encoded.hash, by: registration.ownerID, key: key, book)
        self.init(
            registration: encoded.bytes,
            certificate: affirmation.certificate.bytes,
            signature: affirmation.signature.bytes,
            license: affirmation.license.bytes
        )
    }

    /// The registration, if all of it holds: every part is well formed, the certificate affirms this registration, the
    /// signature is on this certificate and made with the owner's key, and the registration is of this owner.
    ///
    /// Whether it is revoked or valid yet is for the caller to judge.
    package func verified(
        owner: IDHash,
        ownerSignKey: [UInt8],
        _ book: RecipeBook = .standard
    ) throws(MembershipError) -> Registration {
        let registration = try read(self.registration, Registration.type, book)
        let certificate = try read(self.certificate, "AffirmationCertificate", book)
        let signature = try read(self.signature, "Signature", book)
        guard ObjectHash(of: license) == License.affirmationHash else { throw .unrelated("the licence is another") }
        guard certificate["data"] == .reference(ObjectHash(of: self.registration)) else {
            throw .unrelated("the certificate is about another object")
        }
        let certificateHash = ObjectHash(of: self.certificate)
        guard certificate["license"] == .reference(License.affirmationHash),
            signature["data"] == .reference(certificateHash)
        else { throw .unrelated("the signature is not on an affirmation of the registration") }
        try check(signature["issuer"], is: owner)
        try check(registration["ownerId"], is: owner)
        let isSigned = Affirmation.verify(
            signature: signature,
            certificate: (certificateHash, certificate),
            publicSignKey: ownerSignKey
        )
        guard isSigned else { throw .wrongSignature }
        do throws(MicrodataError) {
            return try Registration(object: registration)
        } catch {
            throw .malformed("\(error)")
        }
    }

    private func read(_ bytes: [UInt8], _ type: String, _ book: RecipeBook) throws(MembershipError) -> OneObject {
        guard bytes.count <= Self.partByteCountMax else { throw .malformed("\(type): too long") }
        do throws(MicrodataError) {
            let object = try Microdata.object(from: bytes, book)
            guard object.type == type else { throw .invalid("\(object.type) is not \(type)") }
            return object
        } catch {
            throw .malformed("\(type): \(error)")
        }
    }

    private func check(_ person: Value?, is owner: IDHash) throws(MembershipError) {
        guard case .reference(let hash) = person, hash == owner.objectHash else {
            guard case .reference(let other) = person else { throw .malformed("no owner") }
            throw .foreignOwner(IDHash(other))
        }
    }
}
