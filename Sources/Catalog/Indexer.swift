internal import GRDB
internal import Objects

/// Brings what an object means into the tables, in one transaction: facts first, then everything derived from the facts
/// that changed.
///
/// What is derived depends on the facts alone, never on the order in which they came.
struct Indexer {
    let database: Database
    let catalog: Catalog

    /// What to go on with when an object that was missing arrives; the raw value is stored.
    enum Task: Int {
        /// Walk on from this entry; the subject is the channel.
        case walk = 1
        /// Look at a message again; the subject is its row.
        case message = 2
        /// Look at an object again; the subject is its hash.
        case object = 3
        /// Look at a head again; the subject is its ID hash.
        case head = 4
        /// Look at a root of the file system again; the subject is its message's row.
        case files = 5
    }

    /// What is still to be walked: a channel and the entry to start from.
    var walks: [(channel: Int64, entry: ObjectHash)] = []
    /// Entries to walk on from in the next transaction.
    var interrupted: [ObjectHash] = []
    var dirtyMessages: Set<Int64> = []
    var dirtyBodies: Set<Int64> = []
    var dirtyDays: Set<DayKey> = []
    var dirtyThreads: Set<Int64> = []
    var dirtyPersons: Set<IDHash> = []
    var dirtyContacts: Set<IDHash> = []
    var dirtyDirectories: Set<EntryNumber> = []
    var dirtyGroups: Set<GroupKey> = []
    var dirtyRoots: Set<Int64> = []
    var isTrustDirty = false
    /// Whether files that are in their place may have other times or sizes.
    var mustPlaceAll = false
    var treeChanges: Set<TreeChange> = []
    var feedGrew = false
    /// Entries an outline has to tell of, and those that are no longer there.
    var movedEntries: Set<EntryNumber> = []
    var goneEntries: Set<EntryNumber> = []
    /// What was added to the totals.
    var totals = (count: 0, size: 0, heldCount: 0, heldSize: 0, heldCharge: 0, heads: 0)

    // What was looked up in this transaction already.
    let memory: IndexerMemory
    /// nil: nobody needed them yet.
    var queues: Replacement<StoredQueues>?
    var lastChange: Int64?
    var threads: [Int64: Thread] = [:]
    var types: [[UInt8]: Int64] = [:]

    struct DayKey: Hashable {
        var thread: Int64
        var day: Int
    }

    struct GroupKey: Hashable {
        var parent: EntryNumber
        var base: [UInt8]
    }

    init(_ database: Database, _ catalog: Catalog, _ contents: [ObjectHash: [UInt8]] = [:]) {
        (self.database, self.catalog, memory) = (database, catalog, IndexerMemory(contents))
    }

    /// Microdata larger than this is not looked into: a folder of 100,000 files has half of it.
    static let microdataByteCountMax = 64 << 20

    /// An object that is needed to go on.
    enum Loaded {
        case object(OneObject)
        /// Not here now.
        case missing
        /// Here, but not an object by any recipe known.
        case unreadable
    }

    /// Reads an object; unreadable bytes are nobody's error.
    func load(_ hash: ObjectHash) -> Loaded {
        if let object = memory.object(hash) { return .object(object) }
        guard let bytes = bytes(of: hash) else { return .missing }
        guard bytes.count <= Self.microdataByteCountMax,
            let object = try? Microdata.object(from: bytes, catalog.book)
        else { return .unreadable }
        memory.keep(object, hash, byteCount: bytes.count)
        return .object(object)
    }

    func bytes(of hash: ObjectHash) -> [UInt8]? {
        if let bytes = memory.contents[hash] { return bytes }
        do { return try catalog.objects.localBytes(of: hash) } catch { return nil }
    }

    /// Remembers to go on when an object arrives.
    func wait(for missing: ObjectHash, _ task: Task, _ subject: [UInt8]) throws {
        memory.hasWaiting = true
        try database.run(
            "INSERT OR IGNORE INTO waiting (missing, task, subject) VALUES (?, ?, ?)",
            missing,
            task.rawValue,
            StoredBytes(subject)
        )
    }

    /// The same for messages and roots.
    ///
    /// Where no details are kept they are brought with everything they need: nothing comes later.
    func wait(for missing: ObjectHash, _ task: Task, row: Int64) throws {
        if catalog.isSparse, task != .walk { return }
        try wait(for: missing, task, withUnsafeBytes(of: row.bigEndian) { Array($0) })
    }

    /// Takes up what waited for an object: all of it if its bytes are here, else only what needs its size.
    mutating func resume(_ hash: ObjectHash, isHeld: Bool) throws {
        guard try hasWaiting() else { return }
        for row in try database.rows("SELECT task, subject FROM waiting WHERE missing = ?", hash) {
            guard let task = Task(rawValue: row[0]) else { continue }
            let subject = row.bytes(1)
            guard isHeld || task == .message || task == .files else { continue }
            try database.run(
                "DELETE FROM waiting WHERE missing = ? AND task = ? AND subject = ?",
                hash,
                task.rawValue,
                StoredBytes(subject)
            )
            try resume(task, subject, with: hash)
        }
    }

    private func hasWaiting() throws -> Bool {
        if let known = memory.hasWaiting { return known }
        let isAny = try database.row("SELECT 1 FROM waiting LIMIT 1") != nil
        memory.hasWaiting = isAny
        return isAny
    }

    private mutating func resume(_ task: Task, _ subject: [UInt8], with hash: ObjectHash) throws {
        let row = subject.reduce(Int64(0)) { $0 << 8 | Int64($1) }
        switch task {
        case .walk: walks.append((row, hash))
        case .message: dirtyMessages.insert(row)
        case .object: if let object = ObjectHash(bytes: subject) { try look(at: object) }
        case .head: if let id = ObjectHash(bytes: subject) { try lookAtHead(IDHash(id)) }
        case .files:
            dirtyRoots.insert(row)
            mustPlaceAll = true
        }
    }

    /// Derives everything from the facts that changed.
    mutating func finish() throws {
        try walkChannels()
        try judgeTrust()
        try namePersons()
        try titleThreads()
        try indexMessages()
        try settleNames()
        try measureBodies()
        try measureDays()
        try describeThreads()
        try writeContacts()
        try placeFiles()
        try settleNames()
        try dateDirectories()
        try numberOutline()
        try writeTotals()
        try queues?.shelf.finish()
    }
}
