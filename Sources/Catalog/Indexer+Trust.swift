internal import GRDB
internal import Objects

/// What a certificate is about; stored.
enum CertificateKind: Int {
    /// The keys in a version of a Profile are those of its person.
    case trustKeys = 1
    /// A person may say whose keys are whose.
    case rightForEverybody = 2
    /// A person may say which keys are its own.
    case rightForSelf = 3
    /// A version of a Profile is right.
    case profile = 4
    /// An instance belongs to its owner.
    case registration = 5
}

extension Indexer {
    /// A version of a profile: which keys it says are its person's.
    mutating func index(profileVersion object: OneObject, _ hash: ObjectHash) throws {
        guard let person = object.idReference("personId"), let owner = object.idReference("owner") else { return }
        var name: String?
        for reference in object.references("personDescription") {
            switch load(reference) {
            case .missing: try wait(for: reference, .object, hash.bytes)
            case .unreadable: break
            case .object(let detail):
                if detail.type == "PersonName", name == nil { name = detail.text("name") }
                guard detail.type == "SignKey", let key = detail.text("key").flatMap({ Hex.bytes($0) }) else {
                    continue
                }
                try database.run(
                    "INSERT OR IGNORE INTO profile_key (profile, key) VALUES (?, ?)",
                    hash,
                    StoredBytes(key)
                )
            }
        }
        let isStandard = object.text("profileId") == "default"
        try database.run(
            """
            INSERT INTO profile_version (hash, person, owner, name) VALUES (?, ?, ?, ?)
            ON CONFLICT (hash) DO UPDATE SET name = excluded.name
            """,
            hash,
            person,
            owner,
            isStandard ? name.map { StoredBytes($0) } : nil
        )
        if isStandard, name != nil { dirtyPersons.insert(person) }
        isTrustDirty = true
    }

    mutating func index(keys object: OneObject) throws {
        guard let owner = object.idReference("owner"), owner == catalog.owner,
            let key = object.text("publicSignKey").flatMap({ Hex.bytes($0) })
        else { return }
        try database.run("INSERT OR IGNORE INTO owner_key (key) VALUES (?)", StoredBytes(key))
        isTrustDirty = true
    }

    /// A signature on a certificate that trust or membership depends on; those on messages are read with the message.
    mutating func index(signature object: OneObject, _ hash: ObjectHash) throws {
        guard let issuer = object.idReference("issuer"), let data = object.reference("data"),
            let bytes = object.text("signature").flatMap({ Hex.bytes($0) })
        else { return }
        if let type = try type(of: data), !Self.certificateTypes.contains(type) { return }
        guard let certificate = try need(data, for: hash), let subject = try subject(of: certificate, for: hash) else {
            return
        }
        try database.run(
            "INSERT OR IGNORE INTO certificate (hash, kind, subject) VALUES (?, ?, ?)",
            data,
            subject.kind.rawValue,
            subject.hash
        )
        try database.run(
            "INSERT OR IGNORE INTO signature (hash, issuer, certificate, bytes) VALUES (?, ?, ?, ?)",
            hash,
            issuer,
            data,
            StoredBytes(bytes)
        )
        isTrustDirty = true
    }

    private static let certificateTypes: Set<String> = [
        "AffirmationCertificate", "TrustKeysCertificate", "RightToDeclareTrustedKeysForEverybodyCertificate",
        "RightToDeclareTrustedKeysForSelfCertificate",
    ]

    private func subject(
        of certificate: OneObject,
        for signature: ObjectHash
    ) throws -> (kind: CertificateKind, hash: ObjectHash)? {
        switch certificate.type {
        case "TrustKeysCertificate": return certificate.reference("profile").map { (.trustKeys, $0) }
        case "RightToDeclareTrustedKeysForEverybodyCertificate":
            return certificate.reference("beneficiary").map { (.rightForEverybody, $0) }
        case "RightToDeclareTrustedKeysForSelfCertificate":
            return certificate.reference("beneficiary").map { (.rightForSelf, $0) }
        case "AffirmationCertificate":
            guard let data = certificate.reference("data") else { return nil }
            var type = try type(of: data)
            if type == nil { type = try need(data, for: signature)?.type }
            switch type {
            case "Profile": return (.profile, data)
            case "IoMRegistration": return (.registration, data)
            default: return nil
            }
        default: return nil
        }
    }

    /// An object a signature means nothing without; if it is not here, the signature is looked at again when it comes.
    private func need(_ hash: ObjectHash, for signature: ObjectHash) throws -> OneObject? {
        switch load(hash) {
        case .object(let object): return object
        case .missing: try wait(for: hash, .object, signature.bytes)
        case .unreadable: break
        }
        return nil
    }

    /// Whether a signature on an affirmation verifies with a trusted key of its issuer.
    func isAffirmed(
        _ certificate: (hash: ObjectHash, object: OneObject),
        by issuer: IDHash,
        _ signature: OneObject
    ) throws -> Bool {
        try trustedKeys(of: issuer).contains { key in
            Affirmation.verify(signature: signature, certificate: certificate, publicSignKey: key)
        }
    }

    private func trustedKeys(of person: IDHash) throws -> [[UInt8]] {
        if let keys = memory.trustedKeys[person] { return keys }
        let keys = try database.rows("SELECT key FROM trusted_key WHERE person = ?", person).map { $0.bytes(0) }
        memory.trustedKeys[person] = keys
        return keys
    }

    /// Works out again whose keys are trusted; messages of those who gained one are judged again.
    mutating func judgeTrust() throws {
        guard isTrustDirty else { return }
        isTrustDirty = false
        memory.trustedKeys = [:]
        let trust = try Trust(database, owner: catalog.owner, rootKeys: catalog.rootKeys)
        for (person, keys) in trust.keys {
            var gained = false
            for key in keys {
                try database.run(
                    "INSERT OR IGNORE INTO trusted_key (person, key) VALUES (?, ?)",
                    person,
                    StoredBytes(key)
                )
                gained = gained || database.changesCount > 0
            }
            guard gained else { continue }
            // Whoever is shown as author may have been taken from another signature.
            let sql = "SELECT id FROM message WHERE kind = 1 AND verified = 0"
            for row in try database.rows(sql) { dirtyMessages.insert(row[0]) }
        }
    }
}
