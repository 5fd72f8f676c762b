internal import GRDB
package import Objects

extension Catalog {
    /// The contacts, in order of display name by bytes.
    package func contacts() throws(ObjectError) -> [Contact] {
        try answer { database in
            let documents = Documents(database: database, owner: self.owner)
            let sql =
                "SELECT l.someone FROM leute l JOIN someone s ON s.id = l.someone WHERE l.is_me = 0 ORDER BY l.someone"
            let contacts = try database.rows(sql).compactMap { row in
                try row.hash(0).map { try documents.contact(IDHash($0)) }
            }
            return contacts.sorted { $0.displayName.utf8.lexicographicallyPrecedes($1.displayName.utf8) }
        }
    }

    /// What a person is called; the hash of who is not known.
    package func displayName(of person: IDHash) throws(ObjectError) -> String {
        try answer { try Documents(database: $0, owner: self.owner).name(of: person) }
    }

    /// The sign keys that count as a person's (one-protocol 7.1).
    package func trustedKeys(of person: IDHash) throws(ObjectError) -> Set<[UInt8]> {
        try answer { database in
            Set(try database.rows("SELECT key FROM trusted_key WHERE person = ?", person).map { $0.bytes(0) })
        }
    }

    /// Everything known that claims to prove a membership, as far as its bytes are here; nothing of it is verified.
    package func registrations() throws(ObjectError) -> [RegistrationProof] {
        let parts = try answer { database in
            let sql = """
                SELECT c.subject, c.hash, s.hash FROM certificate c JOIN signature s ON s.certificate = c.hash
                WHERE c.kind = ? ORDER BY c.subject, s.hash
                """
            return try database.rows(sql, CertificateKind.registration.rawValue).map { row in
                (row.hash(0), row.hash(1), row.hash(2))
            }
        }
        var proofs: [RegistrationProof] = []
        for case (let registration?, let certificate?, let signature?) in parts {
            guard let certificateBytes = try objects.localBytes(of: certificate),
                let object = try? Microdata.object(from: certificateBytes, book),
                let license = object.reference("license"),
                let registrationBytes = try objects.localBytes(of: registration),
                let signatureBytes = try objects.localBytes(of: signature),
                let licenseBytes = try objects.localBytes(of: license)
            else { continue }
            proofs.append(
                RegistrationProof(
                    registration: registrationBytes,
                    certificate: certificateBytes,
                    signature: signatureBytes,
                    license: licenseBytes
                )
            )
        }
        return proofs
    }
}
