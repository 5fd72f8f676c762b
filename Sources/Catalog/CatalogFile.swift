internal import GRDB
internal import Glibc
internal import Objects
internal import SystemPackage

/// The file of a catalog: opened if it is sound and ours, else moved aside, because it can always be made again.
enum CatalogFile {
    struct Opened {
        var database: any DatabaseWriter
        var movedAside: FilePath?
        /// Whether everything known was ever fed to it.
        var isComplete: Bool
    }

    /// "IoM" and the format's number, in `PRAGMA application_id`.
    private static let applicationID = 0x496F_4D01

    /// Up to this size the whole file is checked at start; it takes a tenth of a second.
    private static let checkedByteCountMax = 16 << 20

    /// Memory of one connection for pages.
    private static let writerCacheKibibytes = 16_000
    private static let readerCacheKibibytes = 4_000
    /// A longer journal is cut when all of it is in the file: it is read at the next start.
    private static let journalByteCountMax = 32 << 20
    /// The same where there is little room.
    private static let smallJournalByteCountMax = 2 << 20

    /// `isSmall`: what it takes on the disk counts more than how quickly it is written.
    static func open(_ path: FilePath?, owner: IDHash?, isSmall: Bool = false) throws -> Opened {
        try naming { try openOrMake(path, owner: owner, isSmall: isSmall) }
    }

    /// Says the one thing of SQLite that people can do something about as the rest of the program does.
    static func naming<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
            throw ObjectError.noSpace
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_IOERR_SHMSIZE {
            throw ObjectError.noSpace
        }
    }

    private static func openOrMake(_ path: FilePath?, owner: IDHash?, isSmall: Bool) throws -> Opened {
        let configuration = configuration(isSmall: isSmall)
        guard let path else {
            let queue = try DatabaseQueue(configuration: configuration)
            try prepare(queue, owner: owner)
            return Opened(database: queue, isComplete: false)
        }
        do {
            return try open(path, owner: owner, movedAside: nil, configuration)
        } catch let error as DatabaseError where isDamage(error) {
            return try open(path, owner: owner, movedAside: moveAside(path), configuration)
        } catch is Foreign {
            return try open(path, owner: owner, movedAside: moveAside(path), configuration)
        }
    }

    private struct Foreign: Error {}

    private static func open(
        _ path: FilePath,
        owner: IDHash?,
        movedAside: FilePath?,
        _ configuration: Configuration
    ) throws -> Opened {
        let pool = try DatabasePool(path: path.string, configuration: configuration)
        try check(pool, owner: owner)
        try prepare(pool, owner: owner)
        let isComplete = try pool.read { try Meta.value("complete", $0) != nil }
        return Opened(database: pool, movedAside: movedAside, isComplete: isComplete)
    }

    private static func configuration(isSmall: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { database in
            // What does not fit is in the kernel's cache, which counts as nobody's memory.
            let kibibytes = database.configuration.readonly ? readerCacheKibibytes : writerCacheKibibytes
            try database.execute(
                sql: """
                    PRAGMA synchronous = NORMAL; PRAGMA cache_size = -\(kibibytes); PRAGMA temp_store = MEMORY;
                    PRAGMA journal_size_limit = \(isSmall ? smallJournalByteCountMax : journalByteCountMax)
                    """
            )
        }
        return configuration
    }

    /// Refuses what is not a catalog of this owner, newer than this program, or damaged.
    private static func check(_ pool: DatabasePool, owner: IDHash?) throws {
        try pool.read { database in
            let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            if tables == 0 { return }
            guard try Int.fetchOne(database, sql: "PRAGMA application_id") == applicationID,
                try !Schema.migrator.hasBeenSuperseded(database)
            else { throw Foreign() }
            if let stored = try Meta.value("owner", database), let owner, stored != owner.objectHash.bytes {
                throw Foreign()
            }
            let byteCount = try Int.fetchOne(
                database,
                sql: "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
            )
            if byteCount ?? 0 <= checkedByteCountMax, try !isSound(database) { throw Foreign() }
        }
    }

    /// Reads the whole file.
    static func isSound(_ database: Database) throws -> Bool {
        try String.fetchOne(database, sql: "PRAGMA quick_check(1)") == "ok"
    }

    private static func prepare(_ writer: any DatabaseWriter, owner: IDHash?) throws {
        // A full disk is no reason not to read what is there.
        guard try !writer.read({ try isPrepared($0, owner: owner) }) else { return }
        try Schema.migrator.migrate(writer)
        try writer.write { database in
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            if let owner { try Meta.set("owner", owner.objectHash.bytes, database) }
            if try Meta.value("generation", database) == nil {
                try Meta.set("generation", SystemRandom().bytes(16), database)
            }
            try Schema.makeFixedEntries(database)
        }
    }

    private static func isPrepared(_ database: Database, owner: IDHash?) throws -> Bool {
        guard try Schema.migrator.hasCompletedMigrations(database),
            try Int.fetchOne(database, sql: "PRAGMA application_id") == applicationID,
            try Meta.value("generation", database) != nil, try Schema.hasFixedEntries(database)
        else { return false }
        return try owner == nil || Meta.value("owner", database) == owner?.objectHash.bytes
    }

    private static func isDamage(_ error: DatabaseError) -> Bool {
        [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_FORMAT, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH]
            .contains(error.resultCode)
    }

    /// Renames the file to `….damaged`, replacing an older one, and removes what SQLite keeps beside it.
    private static func moveAside(_ path: FilePath) throws -> FilePath {
        let target = path.string + ".damaged"
        guard rename(path.string, target) == 0 else {
            throw ObjectError.system(Errno(rawValue: errno), "move \(path) aside")
        }
        for suffix in ["-wal", "-shm", "-journal"] { unlink(path.string + suffix) }
        return FilePath(target)
    }
}

/// Single values the catalog keeps about itself.
enum Meta {
    static func value(_ key: String, _ database: Database) throws -> [UInt8]? {
        try database.row("SELECT value FROM meta WHERE key = ?", key)?.bytes(0)
    }

    /// Sets a value; nil removes it.
    static func set(_ key: String, _ value: [UInt8]?, _ database: Database) throws {
        guard let value else { return try database.run("DELETE FROM meta WHERE key = ?", key) }
        try database.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, StoredBytes(value))
    }
}
