internal import GRDB
package import Objects
internal import Synchronization
package import SystemPackage

/// The index of what is known (design 4): objects, heads, holders, the feed, conversations, people, and the tree made of
/// them, in SQLite.
///
/// Derived: everything in it comes from objects and heads it was told of, and the same objects and heads give the same
/// tree in whatever order they came. All calls may come from any thread; reading never waits for writing.
package final class Catalog: Sendable {
    let database: any DatabaseWriter
    let objects: any LocalObjects
    package let owner: IDHash?
    let rootKeys: Set<[UInt8]>?
    let book: RecipeBook
    /// So many entries of lists are walked in one transaction; a longer list goes on in the next.
    let walkCountMax: Int
    /// Whether others may ask it for its outline.
    let givesOutline: Bool
    private let sparse: Atomic<Bool>
    /// Tells when something came; nil: nothing is ever dropped here, so nobody needs to know.
    let usageTime: (any Timekeeper)?
    /// Path of the journal; nil: it has none.
    let journal: String?
    let watchers = Watchers()
    let verdicts = VerdictBuffer()

    /// Whether it does not hold everything: it is new, or a damaged or foreign file was moved aside, or a rebuild was
    /// cut short.
    ///
    /// `rebuild` is due.
    package let wasReset: Bool

    /// Where a damaged file was moved to.
    package let movedAside: FilePath?

    /// Opens the catalog at a path, or makes one; nil is one in memory.
    ///
    /// `isSparse` says whether it is to be so; nil: it stays as it was. One that is otherwise has to be rebuilt.
    /// A catalog of another owner is moved aside. `rootKeys` are the owner's own public sign keys, which trust starts from
    /// (one-protocol 7.1); nil takes those that both the owner's Profile and a Keys object name, which is right only where
    /// nobody else can add objects.
    /// With a `usageTime` it keeps in mind what is used of what is here, and what came when.
    package init(
        path: FilePath?,
        objects: any LocalObjects,
        owner: IDHash?,
        rootKeys: Set<[UInt8]>? = nil,
        book: RecipeBook,
        isSparse: Bool? = false,
        givesOutline: Bool = true,
        walkCountMax: Int = 20_000,
        usageTime: (any Timekeeper)? = nil
    ) throws {
        (self.objects, self.owner, self.rootKeys, self.book) = (objects, owner, rootKeys, book)
        (self.givesOutline, self.walkCountMax, self.usageTime) = (givesOutline, walkCountMax, usageTime)
        journal = path.map { $0.string + "-wal" }
        let opened = try CatalogFile.open(path, owner: owner, isSmall: !givesOutline)
        (database, movedAside) = (opened.database, opened.movedAside)
        // What was left out before is needed now, or the other way round.
        let wasSparse = try database.read { try Meta.value("sparse", $0) != nil }
        wasReset = !opened.isComplete || wasSparse != isSparse ?? wasSparse
        sparse = Atomic(isSparse ?? wasSparse)
        if !wasReset { try resumeInterrupted() }
    }

    deinit { try? flushVerdicts() }

    /// Forgets the pages it has in memory; they come back as they are read.
    package func releaseMemory() {
        if let pool = database as? DatabasePool { pool.releaseMemory() }
    }

    /// Whether most of the tree is known from another's outline, not from objects that are here.
    package var isSparse: Bool { sparse.load(ordering: .relaxed) }

    /// From now on most of the tree is known from another's outline; what is here stays.
    package func becomeSparse() throws {
        try write { database in
            try Meta.set("sparse", [1], database)
            // What comes by days comes with everything it needs.
            let tasks = [Indexer.Task.walk, .message, .files].map(\.rawValue)
            for task in tasks { try database.run("DELETE FROM waiting WHERE task = ?", task) }
        }
        sparse.store(true, ordering: .relaxed)
    }

    /// Reads from one consistent state, saying everything that goes wrong as an `ObjectError`.
    func answer<Answer>(_ body: (Database) throws -> Answer) throws(ObjectError) -> Answer {
        try Self.named { try database.read(body) }
    }

    /// The same for a single query, which is consistent by itself: no transaction, half the time.
    func answerOne<Answer>(_ body: (Database) throws -> Answer) throws(ObjectError) -> Answer {
        try Self.named { try database.unsafeRead(body) }
    }

    /// Changes it in one transaction.
    func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try CatalogFile.naming { try database.write(body) }
    }

    private static func named<Answer>(_ body: () throws -> Answer) throws(ObjectError) -> Answer {
        do {
            return try body()
        } catch let error as ObjectError {
            throw error
        } catch {
            throw .system(.ioError, "catalog: \(error)")
        }
    }
}
