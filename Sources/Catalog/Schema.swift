internal import GRDB
internal import Objects

/// The tables of the catalog.
///
/// Hashes are 32-byte blobs, texts from outside UTF-8 blobs, times milliseconds (REAL) as in ONE objects or nanoseconds
/// (INTEGER) as in files. Where a table has no rowid its key comes first: `quick_check` of SQLite 3.40 takes other
/// columns for NULL otherwise.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            for sql in [objects, feed, conversations, trust, people, tree, files, events] {
                try database.execute(sql: sql)
            }
        }
        migrator.registerMigration("2") { database in
            for sql in [feedByNumber, totals, leanEntries] { try database.execute(sql: sql) }
        }
        migrator.registerMigration("outline") { try $0.execute(sql: outline) }
        migrator.registerMigration("confirmations") { try $0.execute(sql: confirmations) }
        migrator.registerMigration("openings") { try $0.execute(sql: openings) }
        migrator.registerMigration("charge") { try $0.execute(sql: charge) }
        migrator.registerMigration("usage") { try $0.execute(sql: usage) }
        migrator.registerMigration("origins") { try $0.execute(sql: origins) }
        migrator.registerMigration("repeated events") { try $0.execute(sql: repeatedEvents) }
        migrator.registerMigration("heard names") { try $0.execute(sql: heardNames) }
        return migrator
    }

    private static let objects = """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE type (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE);
        CREATE TABLE object (
            hash BLOB PRIMARY KEY, kind INTEGER NOT NULL, type INTEGER, size INTEGER NOT NULL,
            held INTEGER NOT NULL, used INTEGER) WITHOUT ROWID;
        CREATE INDEX object_missing ON object (hash) WHERE held = 0;
        CREATE TABLE total (
            id INTEGER PRIMARY KEY, count INTEGER NOT NULL, held_count INTEGER NOT NULL, size INTEGER NOT NULL,
            held_size INTEGER NOT NULL);
        CREATE INDEX object_type ON object (type, kind, hash) WHERE type IS NOT NULL;
        CREATE TABLE verdict (
            hash BLOB PRIMARY KEY, inode INTEGER NOT NULL, size INTEGER NOT NULL,
            modified INTEGER NOT NULL, changed INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE head (id BLOB PRIMARY KEY, node BLOB NOT NULL, data BLOB, time REAL) WITHOUT ROWID;
        -- What to go on with when the bytes of an object arrive.
        CREATE TABLE waiting (
            missing BLOB NOT NULL, task INTEGER NOT NULL, subject BLOB NOT NULL,
            PRIMARY KEY (missing, task, subject)) WITHOUT ROWID;
        """

    private static let feed = """
        CREATE TABLE feed (
            number INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, key BLOB NOT NULL, UNIQUE (kind, key));
        CREATE TABLE instance (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, position INTEGER NOT NULL DEFAULT 0, generation BLOB);
        CREATE TABLE holder (
            hash BLOB NOT NULL, instance INTEGER NOT NULL, PRIMARY KEY (hash, instance)) WITHOUT ROWID;
        """

    private static let conversations = """
        -- All channels and topics of one id.
        CREATE TABLE thread (
            id INTEGER PRIMARY KEY, topic BLOB NOT NULL UNIQUE, object BLOB, name BLOB, title BLOB);
        CREATE TABLE topic (
            thread INTEGER NOT NULL, hash BLOB NOT NULL, name BLOB, PRIMARY KEY (thread, hash)) WITHOUT ROWID;
        CREATE TABLE channel (
            id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, thread INTEGER NOT NULL, owner BLOB);
        CREATE INDEX channel_thread ON channel (thread);
        CREATE TABLE list_entry (
            channel INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (channel, hash)) WITHOUT ROWID;
        CREATE TABLE message (
            id INTEGER PRIMARY KEY, channel INTEGER NOT NULL, creation BLOB NOT NULL, thread INTEGER NOT NULL,
            kind INTEGER NOT NULL, time REAL, day INTEGER, hash BLOB, author BLOB, verified INTEGER, text BLOB,
            body INTEGER, attachments INTEGER, UNIQUE (channel, creation));
        CREATE INDEX message_order ON message (thread, day, time, creation) WHERE kind = 1;
        CREATE INDEX message_unverified ON message (author) WHERE kind = 1 AND verified = 0;
        CREATE TABLE message_metadata (
            message INTEGER NOT NULL, object BLOB NOT NULL, PRIMARY KEY (message, object)) WITHOUT ROWID;
        CREATE TABLE attachment (
            message INTEGER NOT NULL, position INTEGER NOT NULL, object BLOB NOT NULL, data BLOB NOT NULL,
            name BLOB NOT NULL, type BLOB NOT NULL, size INTEGER NOT NULL, entry INTEGER NOT NULL,
            PRIMARY KEY (message, position)) WITHOUT ROWID;
        CREATE TABLE day (
            thread INTEGER NOT NULL, day INTEGER NOT NULL, messages INTEGER NOT NULL, attachments INTEGER NOT NULL,
            size INTEGER NOT NULL, first REAL NOT NULL, last REAL NOT NULL,
            PRIMARY KEY (thread, day)) WITHOUT ROWID;
        CREATE TABLE day_author (
            thread INTEGER NOT NULL, day INTEGER NOT NULL, author BLOB NOT NULL,
            PRIMARY KEY (thread, day, author)) WITHOUT ROWID;
        CREATE INDEX day_author_author ON day_author (author);
        CREATE TABLE participant (
            thread INTEGER NOT NULL, person BLOB NOT NULL, PRIMARY KEY (thread, person)) WITHOUT ROWID;
        CREATE INDEX participant_person ON participant (person);
        """

    private static let trust = """
        CREATE TABLE certificate (hash BLOB PRIMARY KEY, kind INTEGER NOT NULL, subject BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE signature (
            hash BLOB PRIMARY KEY, issuer BLOB NOT NULL, certificate BLOB NOT NULL, bytes BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE profile_version (hash BLOB PRIMARY KEY, person BLOB NOT NULL, owner BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE profile_key (
            profile BLOB NOT NULL, key BLOB NOT NULL, PRIMARY KEY (profile, key)) WITHOUT ROWID;
        CREATE TABLE owner_key (key BLOB PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE trusted_key (person BLOB NOT NULL, key BLOB NOT NULL, PRIMARY KEY (person, key)) WITHOUT ROWID;
        """

    private static let people = """
        CREATE TABLE person (id BLOB PRIMARY KEY, email BLOB, name BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE profile (
            id BLOB PRIMARY KEY, profile_id BLOB NOT NULL, person BLOB NOT NULL, owner BLOB NOT NULL,
            time REAL, name BLOB) WITHOUT ROWID;
        CREATE INDEX profile_person ON profile (person);
        CREATE TABLE profile_value (
            profile BLOB NOT NULL, kind INTEGER NOT NULL, position INTEGER NOT NULL, value BLOB NOT NULL,
            PRIMARY KEY (profile, kind, position)) WITHOUT ROWID;
        CREATE TABLE someone (id BLOB PRIMARY KEY, main BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE identity (
            someone BLOB NOT NULL, person BLOB NOT NULL, PRIMARY KEY (someone, person)) WITHOUT ROWID;
        CREATE INDEX identity_person ON identity (person);
        CREATE INDEX someone_main ON someone (main);
        CREATE TABLE leute (someone BLOB PRIMARY KEY, is_me INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE channel_access (
            access BLOB NOT NULL, person BLOB NOT NULL, channel BLOB NOT NULL,
            PRIMARY KEY (access, person)) WITHOUT ROWID;
        CREATE INDEX channel_access_channel ON channel_access (channel);
        """

    private static let tree = """
        CREATE TABLE entry (
            number INTEGER PRIMARY KEY, parent INTEGER NOT NULL, name TEXT NOT NULL, base TEXT NOT NULL,
            time REAL NOT NULL, hash BLOB, kind INTEGER NOT NULL, object BLOB, target TEXT,
            size INTEGER NOT NULL, modified INTEGER NOT NULL, original BLOB, subject INTEGER, day INTEGER);
        CREATE UNIQUE INDEX entry_name ON entry (parent, name);
        CREATE INDEX entry_order ON entry (parent, number);
        CREATE INDEX entry_base ON entry (parent, base);
        CREATE INDEX entry_object ON entry (object) WHERE object IS NOT NULL;
        CREATE INDEX entry_modified ON entry (parent, modified);
        CREATE TABLE alias (
            parent INTEGER NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL,
            PRIMARY KEY (parent, name)) WITHOUT ROWID;
        """

    private static let files = """
        CREATE TABLE file_root (
            message INTEGER PRIMARY KEY, time REAL NOT NULL, creation BLOB NOT NULL, root BLOB NOT NULL);
        CREATE INDEX file_root_order ON file_root (time, creation);
        CREATE TABLE file_seen (
            number INTEGER NOT NULL, object BLOB NOT NULL, time REAL NOT NULL,
            PRIMARY KEY (number, object)) WITHOUT ROWID;
        CREATE TABLE file_descriptor (
            blob BLOB NOT NULL, name BLOB NOT NULL, time REAL NOT NULL, modified REAL NOT NULL, size INTEGER NOT NULL,
            PRIMARY KEY (blob, name)) WITHOUT ROWID;
        """

    private static let events = """
        CREATE TABLE event (
            id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, type TEXT NOT NULL, source BLOB,
            target BLOB, details BLOB, status BLOB);
        """

    /// The feed without an index by key: an object and a head know the number of their change.
    private static let feedByNumber = """
        ALTER TABLE object ADD COLUMN change INTEGER;
        ALTER TABLE head ADD COLUMN change INTEGER;
        UPDATE object SET change = (SELECT number FROM feed WHERE kind = 0 AND key = object.hash);
        UPDATE head SET change = (SELECT number FROM feed WHERE kind = 1 AND key = head.id);
        CREATE TABLE numbered (number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, key BLOB NOT NULL);
        INSERT INTO numbered (number, kind, key) SELECT number, kind, key FROM feed ORDER BY number;
        DROP TABLE feed;
        ALTER TABLE numbered RENAME TO feed;
        """

    /// What is shown of each conversation without going through its days.
    private static let totals = """
        ALTER TABLE thread ADD COLUMN messages INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE thread ADD COLUMN attachments INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE thread ADD COLUMN first REAL;
        ALTER TABLE thread ADD COLUMN last REAL;
        UPDATE thread SET (messages, attachments, first, last) = (
            SELECT coalesce(sum(d.messages), 0), coalesce(sum(d.attachments), 0), min(d.first), max(d.last)
            FROM day d WHERE d.thread = thread.id);
        """

    /// The number is the rowid, which every index has; and nearly all entries are called what they want to be called.
    private static let leanEntries = """
        DROP INDEX entry_order;
        CREATE INDEX entry_order ON entry (parent);
        DROP INDEX entry_base;
        CREATE INDEX entry_base ON entry (parent, base) WHERE base <> name;
        -- Looked through at every start.
        CREATE INDEX waiting_walk ON waiting (missing) WHERE task = 1;
        """

    /// Whether the fixed entries are as this program makes them.
    static func hasFixedEntries(_ database: Database) throws -> Bool {
        let row = try database.row("SELECT size FROM entry WHERE number = ?", FixedEntry.readme.stored)
        return row?[0] == ReadmeText.text.utf8.count
    }

    /// The directories that are there before anything is known, and the README.
    static func makeFixedEntries(_ database: Database) throws {
        try database.run("INSERT OR IGNORE INTO total (id, count, held_count, size, held_size) VALUES (1, 0, 0, 0, 0)")
        let fixed: [(EntryNumber, EntryNumber, String, EntryKind, Int)] = [
            (FixedEntry.root, 0, "/", .directory, 0),
            (FixedEntry.readme, FixedEntry.root, "README.md", .readme, ReadmeText.text.utf8.count),
            (FixedEntry.conversations, FixedEntry.root, "conversations", .directory, 0),
            (FixedEntry.contacts, FixedEntry.root, "contacts", .directory, 0),
            (FixedEntry.files, FixedEntry.root, "files", .directory, 0),
        ]
        for (number, parent, name, kind, size) in fixed {
            try database.run(
                """
                INSERT INTO entry (number, parent, name, base, time, kind, size, modified) VALUES (?, ?, ?, ?, 0, ?, ?, 0)
                ON CONFLICT (number) DO UPDATE SET size = excluded.size
                """,
                number.stored,
                parent.stored,
                name,
                name,
                kind.rawValue,
                size
            )
        }
    }
}
