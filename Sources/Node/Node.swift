package import Catalog
package import Logging
package import Objects
package import Storage
import Synchronization
package import SystemPackage

/// One instance, opened: its store, what it knows, who it is, and what runs while it is served.
///
/// Holds the lock of its root for as long as it exists.
package final class Node: Sendable {
    package let root: Root
    package let configuration: Configuration
    package let store: ObjectStore
    package let catalog: Catalog
    package let author: Author
    package let identity: Identity?
    package let roll: Roll
    package let fetcher: Fetcher
    package let links: Links
    package let outbox: Outbox
    package let events: EventLog
    package let mounts: Mounts
    package let invitations: Invitations
    package let time: any Timekeeper
    package let random: any RandomSource
    package let logger: Logger
    private let lock: RootLock

    /// What a node needs of the world.
    package struct Surroundings: Sendable {
        package var time: any Timekeeper
        package var random: any RandomSource
        package var logger: Logger

        package init(time: any Timekeeper, random: any RandomSource, logger: Logger) {
            (self.time, self.random, self.logger) = (time, random, logger)
        }
    }

    /// Opens a root. `secret` unseals its keys; without it nothing can be written in the owner's name or sent to anybody.
    package init(root path: FilePath, secret: String?, surroundings: Surroundings) throws {
        (time, random, logger) = (surroundings.time, surroundings.random, surroundings.logger)
        root = try Root.open(at: path)
        lock = try root.lock()
        configuration = try Configuration(in: root)
        let book = RecipeBook.standard
        let verdicts = LateVerdicts()
        store = try ObjectStore(root: root, disk: root.disk(), verdicts: verdicts, random: random)
        let versions = StoredVersions(store: store, book: book)
        let birth = try Birth.read(in: root)
        let ownerID = try birth.map { try $0.ownerID(versions) }
        catalog = try Catalog(path: root.catalog, objects: store, owner: ownerID, book: book)
        verdicts.become(catalog)
        author = Author(store: store, catalog: catalog, book: book, time: time)
        if catalog.wasReset { try Rebuild(store: store, catalog: catalog).run { _ in } }
        identity = try birth.flatMap { try $0.identity(in: root, secret: secret, versions: versions) }
        events = EventLog(catalog: catalog, time: time)
        roll = try Roll(identity: identity, catalog: catalog, book: book)
        links = Links(catalog: catalog, events: events, preferred: configuration.loadOnDemand.provider)
        fetcher = Fetcher(store: store, directory: links, time: time, deadline: configuration.fetchDeadline)
        outbox = try Outbox(disk: root.disk())
        mounts = Mounts()
        invitations = Invitations(random: random, time: time)
    }

    /// Who this is; an error for people where it has no keys.
    package func requireIdentity() throws -> Identity {
        guard let identity else {
            throw CommandError("the keys of this instance are sealed: give the file with its secret (--secret-file)")
        }
        return identity
    }

    /// Bytes by hash, from here or from another instance.
    package var reader: StoreElsePeers { StoreElsePeers(store: store, fetcher: fetcher, directory: links) }
}

/// Passes verdicts on to a log that exists only later: the store needs the catalog's verdicts, and the catalog the store.
private final class LateVerdicts: VerdictLog {
    private let log = Mutex<(any VerdictLog)?>(nil)

    func become(_ log: any VerdictLog) { self.log.withLock { $0 = log } }

    func verdict(of hash: ObjectHash) -> FileStamp? { log.withLock { $0 }?.verdict(of: hash) }

    func record(_ stamp: FileStamp, of hash: ObjectHash) { log.withLock { $0 }?.record(stamp, of: hash) }
}
