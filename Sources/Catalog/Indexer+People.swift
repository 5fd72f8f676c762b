internal import GRDB
internal import Objects

extension Indexer {
    /// The Person's ID object has come: its email is on the card.
    mutating func lookAtPerson(_ id: IDHash) throws {
        guard let bytes = bytes(of: id.objectHash), bytes.count <= Self.microdataByteCountMax,
            let object = try? Microdata.idObject(from: bytes, catalog.book), let email = object.text("email")
        else { return }
        try database.run(
            """
            INSERT INTO person (id, email, name) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET email = excluded.email
            """,
            id,
            StoredBytes(email),
            StoredBytes(try name(of: id))
        )
        dirtyPersons.insert(id)
    }

    /// The current version of a profile.
    mutating func index(profile object: OneObject, _ id: IDHash, time: Double?) throws {
        guard let profileID = object.text("profileId"), let person = object.idReference("personId"),
            let owner = object.idReference("owner")
        else { return }
        var name: String?
        var values: [(ProfileValue, String)] = []
        let references = object.references("personDescription") + object.references("communicationEndpoint")
        for reference in references {
            switch load(reference) {
            case .missing: try wait(for: reference, .head, id.objectHash.bytes)
            case .unreadable: break
            case .object(let detail):
                if detail.type == "PersonName", name == nil { name = detail.text("name") }
                if let value = Self.value(of: detail) { values.append(value) }
            }
        }
        try database.run(
            "INSERT OR REPLACE INTO profile (id, profile_id, person, owner, time, name) VALUES (?, ?, ?, ?, ?, ?)",
            id,
            StoredBytes(profileID),
            person,
            owner,
            time,
            name.map { StoredBytes($0) }
        )
        try database.run("DELETE FROM profile_value WHERE profile = ?", id)
        for (position, (kind, text)) in values.enumerated() {
            try database.run(
                "INSERT INTO profile_value (profile, kind, position, value) VALUES (?, ?, ?, ?)",
                id,
                kind.rawValue,
                position,
                StoredBytes(text)
            )
        }
        dirtyPersons.insert(person)
        for row in try database.rows("SELECT id FROM someone WHERE main = ?", id) {
            if let someone = row.hash(0) { try mark(someone: IDHash(someone)) }
        }
    }

    private static func value(of detail: OneObject) -> (ProfileValue, String)? {
        switch detail.type {
        case "Email": detail.text("email").map { (.email, $0) }
        case "PhoneNumber": detail.text("number").map { (.phone, $0) }
        case "OrganisationName": detail.text("name").map { (.organisation, $0) }
        default: nil
        }
    }

    /// The current version of a Someone: which persons are one human.
    mutating func index(someone object: OneObject, _ id: IDHash) throws {
        guard let main = object.idReference("mainProfile"), case .map(let identities) = object["identities"] else {
            return
        }
        try mark(someone: id)
        try database.run("INSERT OR REPLACE INTO someone (id, main) VALUES (?, ?)", id, main)
        try database.run("DELETE FROM identity WHERE someone = ?", id)
        for identity in identities {
            guard let person = identity.key.reference else { continue }
            try database.run("INSERT OR IGNORE INTO identity (someone, person) VALUES (?, ?)", id, person)
        }
        try mark(someone: id)
    }

    /// The current version of Leute: who the contacts are.
    mutating func index(leute object: OneObject) throws {
        for row in try database.rows("SELECT someone FROM leute WHERE is_me = 0") {
            if let someone = row.hash(0) { dirtyContacts.insert(IDHash(someone)) }
        }
        try database.run("DELETE FROM leute")
        if let me = object.reference("me") {
            try database.run("INSERT INTO leute (someone, is_me) VALUES (?, 1)", me)
        }
        for someone in object.references("other") {
            try database.run("INSERT OR IGNORE INTO leute (someone, is_me) VALUES (?, 0)", someone)
            dirtyContacts.insert(IDHash(someone))
        }
    }

    /// The current version of an IdAccess: who may read a channel takes part in it.
    mutating func index(access object: OneObject, _ id: IDHash) throws {
        guard let channel = object.reference("id") else { return }
        try database.run("DELETE FROM channel_access WHERE access = ?", id)
        for person in object.references("person") {
            try database.run(
                "INSERT OR IGNORE INTO channel_access (access, channel, person) VALUES (?, ?, ?)",
                id,
                channel,
                person
            )
        }
        if let row = try database.row("SELECT thread FROM channel WHERE hash = ?", channel) {
            dirtyThreads.insert(row[0])
        }
    }

    private mutating func mark(someone id: IDHash) throws {
        dirtyContacts.insert(id)
        for row in try database.rows("SELECT person FROM identity WHERE someone = ?", id) {
            if let person = row.hash(0) { dirtyPersons.insert(IDHash(person)) }
        }
    }

    // MARK: Names

    /// What a person is called now, as far as names were settled.
    func name(of person: IDHash) throws -> String {
        try Documents(database: database, owner: catalog.owner).name(of: person)
    }

    /// Names persons again, and marks what shows them.
    mutating func namePersons() throws {
        guard !dirtyPersons.isEmpty else { return }
        var heard: Set<IDHash> = []
        for person in dirtyPersons {
            for row in try database.rows("SELECT someone FROM identity WHERE person = ?", person) {
                if let someone = row.hash(0) { dirtyContacts.insert(IDHash(someone)) }
            }
            let former = try self.name(of: person)
            if let name = try displayName(of: person) {
                try set(name, of: person, former: former)
                heard.formUnion(try namesakes(of: [former, name]))
            } else {
                heard.insert(person)
                heard.formUnion(try namesakes(of: [former] + heardNames(of: person)))
            }
        }
        // After all others: what those are called they are not.
        for person in heard where try displayName(of: person) == nil {
            try set(try heardName(of: person) ?? person.hex, of: person, former: try name(of: person))
        }
        dirtyPersons = []
    }

    private mutating func set(_ name: String, of person: IDHash, former: String) throws {
        guard !former.utf8.elementsEqual(name.utf8) else { return }
        try database.run(
            "INSERT INTO person (id, name) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
            person,
            StoredBytes(name)
        )
        for row in try database.rows("SELECT thread, day FROM day_author WHERE author = ?", person) {
            dirtyDays.insert(DayKey(thread: row[0], day: row[1]))
        }
        for row in try database.rows("SELECT thread FROM participant WHERE person = ?", person) {
            dirtyThreads.insert(row[0])
        }
    }

    /// Display name of a person (one-protocol 5.1): default profiles in the order owned by me, by the person, by any; then
    /// the main profile of the Someone the person is part of; nil: none of them tells it.
    private func displayName(of person: IDHash) throws -> String? {
        let sql = """
            SELECT name FROM profile WHERE person = ? AND profile_id = ? AND name IS NOT NULL
            ORDER BY CASE owner WHEN ? THEN 0 WHEN person THEN 1 ELSE 2 END, id LIMIT 1
            """
        let standard = StoredBytes("default")
        if let row = try database.row(sql, person, standard, catalog.owner ?? person) { return row.text(0) }
        let someone = """
            SELECT p.name FROM identity i JOIN someone s ON s.id = i.someone JOIN profile p ON p.id = s.main
            WHERE i.person = ? AND p.name IS NOT NULL ORDER BY s.id LIMIT 1
            """
        return try database.row(someone, person)?.text(0)
    }

    // MARK: Cards

    mutating func writeContacts() throws {
        let documents = Documents(database: database, owner: catalog.owner)
        for someone in dirtyContacts {
            let number = EntryNumber(identity: "contact/\(someone)")
            let row = try database.row("SELECT is_me FROM leute WHERE someone = ?", someone)
            let isContact = row.map { ($0[0] as Int) == 0 } ?? false
            let isKnown = try database.row("SELECT 1 FROM someone WHERE id = ?", someone) != nil
            guard isContact, isKnown else {
                try remove(number)
                continue
            }
            let contact = try documents.contact(someone)
            var entry = StoredEntry(number, in: FixedEntry.contacts, .contact)
            let name = EntryName.title(contact.displayName)
            entry.base = EntryName.cut(name, extension: ".vcf", byteCount: EntryName.byteCountMax)
            entry.original = name.utf8.elementsEqual(contact.displayName.utf8) ? nil : contact.displayName
            entry.hash = someone.objectHash
            entry.byteCount = ContactCard.text(contact).utf8.count
            entry.modified = Timestamp(milliseconds: contact.modified ?? 0)
            treeChanges.insert(.content(number))
            try put(entry)
        }
        dirtyContacts = []
    }
}
