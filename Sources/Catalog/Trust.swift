internal import GRDB
internal import Objects

/// Whose sign keys are trusted (one-protocol 7.1), as the least set that follows from the owner's own keys: what only
/// follows from itself is not in it.
struct Trust {
    private(set) var keys: [IDHash: Set<[UInt8]>] = [:]

    private struct Statement {
        var issuer: IDHash
        var certificate: ObjectHash
        var signature: [UInt8]
        var kind: CertificateKind
        var subject: ObjectHash
    }

    private struct ProfileVersion {
        var person: IDHash
        var keys: Set<[UInt8]>
    }

    init(_ database: Database, owner: IDHash?, rootKeys: Set<[UInt8]>?) throws {
        guard let owner else { return }
        keys[owner] = try rootKeys ?? Self.ownKeys(of: owner, database)
        let statements = try Self.statements(database)
        let profiles = try Self.profiles(database)
        // Rights come from root keys of the owner alone.
        let rights = statements.filter { statement in
            statement.issuer == owner && [.rightForEverybody, .rightForSelf].contains(statement.kind)
                && verifies(statement)
        }
        func mayDeclare(_ person: IDHash, _ right: CertificateKind) -> Bool {
            rights.contains { $0.kind == right && $0.subject == person.objectHash }
        }
        var open = statements.filter { statement in
            switch statement.kind {
            case .trustKeys: mayDeclare(statement.issuer, .rightForEverybody)
            case .profile:
                mayDeclare(statement.issuer, .rightForSelf) && profiles[statement.subject]?.person == statement.issuer
            case .rightForEverybody, .rightForSelf, .registration: false
            }
        }
        while true {
            let proven = open.filter { verifies($0) }
            if proven.isEmpty { return }
            open.removeAll { statement in proven.contains { $0.certificate == statement.certificate } }
            for statement in proven {
                guard let profile = profiles[statement.subject] else { continue }
                keys[profile.person, default: []].formUnion(profile.keys)
            }
        }
    }

    /// Whether a signature over an object verifies with a key.
    static func verifies(_ signature: [UInt8], on hash: ObjectHash, with key: [UInt8]) -> Bool {
        SignKeyPair.verify(signature, of: Array(hash.hex.utf8), publicKey: key)
    }

    private func verifies(_ statement: Statement) -> Bool {
        keys[statement.issuer, default: []].contains {
            Self.verifies(statement.signature, on: statement.certificate, with: $0)
        }
    }

    /// Keys that the owner's own profile and a Keys object of the owner both name.
    private static func ownKeys(of owner: IDHash, _ database: Database) throws -> Set<[UInt8]> {
        let sql = """
            SELECT DISTINCT k.key FROM owner_key k JOIN profile_key pk ON pk.key = k.key
            JOIN profile_version v ON v.hash = pk.profile WHERE v.person = ? AND v.owner = ?
            """
        return Set(try database.rows(sql, owner, owner).map { $0.bytes(0) })
    }

    private static func statements(_ database: Database) throws -> [Statement] {
        let sql = """
            SELECT s.issuer, s.certificate, s.bytes, c.kind, c.subject FROM signature s
            JOIN certificate c ON c.hash = s.certificate WHERE c.kind <> ?
            """
        return try database.rows(sql, CertificateKind.registration.rawValue).compactMap { row in
            guard let issuer = row.hash(0), let certificate = row.hash(1),
                let kind = CertificateKind(rawValue: row[3]), let subject = row.hash(4)
            else { return nil }
            return Statement(
                issuer: IDHash(issuer),
                certificate: certificate,
                signature: row.bytes(2),
                kind: kind,
                subject: subject
            )
        }
    }

    private static func profiles(_ database: Database) throws -> [ObjectHash: ProfileVersion] {
        var profiles: [ObjectHash: ProfileVersion] = [:]
        let sql = "SELECT v.hash, v.person, k.key FROM profile_version v JOIN profile_key k ON k.profile = v.hash"
        for row in try database.rows(sql) {
            guard let hash = row.hash(0), let person = row.hash(1) else { continue }
            profiles[hash, default: ProfileVersion(person: IDHash(person), keys: [])].keys.insert(row.bytes(2))
        }
        return profiles
    }
}
