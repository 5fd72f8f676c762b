package import Objects
package import Storage

extension Author {
    /// Stores a registration with the owner's affirmation of it, as its instance's current one (design 5).
    @discardableResult
    package func register(_ registration: Registration, owner: IDHash, ownerKeys: Keyring) throws -> RegistrationProof {
        let affirmer = KeyAffirmer(issuer: owner, key: ownerKeys.sign, book: book)
        return try commit { draft in
            let instance = try draft.change(registration.object, at: time.now)
            let affirmation = try affirmer.affirmed(instance.hash)
            for object in affirmation { draft.add(object) }
            return RegistrationProof(
                registration: instance.bytes,
                certificate: affirmation[1].bytes,
                signature: affirmation[2].bytes,
                license: affirmation[0].bytes
            )
        }
    }

    /// Stores a registration somebody else proved; it becomes the current one if it is newer.
    package func store(_ proof: RegistrationProof, of registration: Registration) throws {
        try commit { draft in
            let object = try Microdata.object(from: proof.registration, book)
            for bytes in [proof.license, proof.certificate, proof.signature] {
                try draft.add(Microdata.object(from: bytes, book))
            }
            let encoded = try EncodedObject(object, book)
            guard let idHash = encoded.idHash else { throw MicrodataError.invalid("IoMRegistration has versions") }
            let current = try draft.version(of: idHash).flatMap { try? Registration(object: $0) }
            guard current.map({ registration.supersedes($0) }) ?? true else {
                draft.add(encoded)
                return
            }
            let milliseconds = Timestamp(milliseconds: registration.revokedAt ?? registration.validFrom)
            try draft.change(object, at: milliseconds)
        }
    }
}

extension Registration {
    /// Whether this one counts rather than the other: what is revoked stays revoked, else the later one.
    func supersedes(_ other: Self) -> Bool {
        if (revokedAt != nil) != (other.revokedAt != nil) { return revokedAt != nil }
        return validFrom > other.validFrom
    }
}
