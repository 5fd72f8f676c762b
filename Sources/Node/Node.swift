package import Catalog
package import Logging
package import Objects
package import Peers
package import Storage
import Synchronization
package import SystemPackage

/// One instance, opened: its store, what it knows, who it is, and what runs while it is served.
///
/// Holds the lock of its root for as long as it exists.
package final class Node: Sendable {
    package let root: Root
    package let configuration: Configuration
    let policies: PolicyBoard
    package let store: ObjectStore
    package let catalog: Catalog
    package let author: Author
    /// nil: the keys are sealed or missing; what is here can be read, nothing can be written or sent.
    package let identity: Identity?
    package let roll: Roll?
    package let fetcher: Fetcher
    /// What other own instances want of contacts.
    let errands: ContactErrands
    package let charge: Charge
    /// How full it is, as far as that was told.
    let gauge = Mutex(PressureGauge())
    package let links: Links
    /// The live sessions with contacts.
    package let contacts: ContactLinks
    package let days: DayFetcher
    package let outbox: Outbox
    package let events: EventLog
    package let counters = Counters()
    let census = Census()
    /// When it was opened.
    package let started: Timestamp
    /// The last snapshot, for who asks again in a moment.
    let monitor = Monitor()
    /// Whether it runs until it is told to stop, and not just for one command.
    let serving = Atomic(false)
    package let mounts = Mounts()
    /// What is used in the mounts.
    package let useWatch: UseWatch
    package let usage: UsageWatch
    /// What is expected to be used next.
    package let foresight: Foresight
    package let pins: PinBoard
    /// Who wanted what is being fetched.
    package let origins: OriginBook
    package let allowances: Allowances
    /// Who may fetch through a mount.
    package let gatekeeper: Gatekeeper
    /// What others were promised.
    let vouching: VouchingFile
    /// A wake-up whenever another instance has said what it holds.
    let holderNews = Broadcast<Void>(bufferCount: 1)
    package let invitations: Invitations
    /// Who the contacts are on a connection.
    package let contactBook: ContactBook
    /// Who becomes one with the owner.
    let unions = Unions()
    /// A wake-up whenever somebody has become a contact.
    let contactNews = Broadcast<Void>(bufferCount: 1)
    /// Whether the process before did not come to its end.
    let wasKilled: Bool
    /// Who may look at the dashboard.
    package let browserDoor: BrowserDoor
    package let time: any Timekeeper
    package let random: any RandomSource
    package let logger: Logger
    let log: LogSettings?
    /// Who may vouch for the `wss` servers that are dialled.
    package let authorities: TrustedAuthorities
    /// How it goes with the relays it listens through.
    let relays = RelayBook()
    private let lock: RootLock
    private let tenure: Tenure
    let recovery: Recovery
    private let verdicts: VerdictMemory
    /// Why there is no identity, if there is none.
    private let sealedBecause: String
    private let ownEndpoint = Mutex<String?>(nil)

    /// What a node needs of the world.
    package struct Surroundings: Sendable {
        package var time: any Timekeeper
        package var random: any RandomSource
        package var logger: Logger
        /// What the logger goes by; nil: it has a mind of its own.
        package var log: LogSettings?

        package init(time: any Timekeeper, random: any RandomSource, logger: Logger, log: LogSettings? = nil) {
            (self.time, self.random, self.logger, self.log) = (time, random, logger, log)
        }
    }

    /// Opens a root.
    ///
    /// The secret unseals its keys; where there is none, the reason is told to whoever needs them. `recoversLater`: who
    /// runs it calls `finishRecovery`.
    package init(
        root path: FilePath,
        secret: Result<String, CommandError>,
        surroundings: Surroundings,
        recoversLater: Bool = false
    ) throws {
        (time, random, logger) = (surroundings.time, surroundings.random, surroundings.logger)
        log = surroundings.log
        started = surroundings.time.now
        useWatch = UseWatch(time: surroundings.time)
        root = try Root.open(at: path)
        lock = try root.lock()
        configuration = try Configuration(in: root)
        log?.set(configuration.log)
        authorities = TrustedAuthorities(file: configuration.instance.tlsAuthorities)
        policies = PolicyBoard(configuration.policy)
        tenure = Tenure(on: try root.disk())
        let wasEndedCleanly = try tenure.begin()
        wasKilled = !wasEndedCleanly
        // In memory as well: every opening of a file asks for one.
        verdicts = VerdictMemory()
        store = try ObjectStore(root: root, disk: root.disk(), verdicts: verdicts, random: random)
        let birth = try Birth.read(in: root)
        let standard = StoredVersions(store: store, book: .standard)
        let book = birth.map { .known(to: $0.instanceID, standard) } ?? RecipeBook.standard
        let versions = StoredVersions(store: store, book: book)
        if let birth {
            try configuration.requireOwner(birth.ownerID(versions), key: birth.ownerSignKey(versions))
        }
        catalog = try Catalog(
            path: root.catalog,
            objects: store,
            owner: birth?.ownerID(versions),
            rootKeys: birth.map { [try $0.ownerSignKey(versions)] },
            book: book,
            isSparse: configuration.policy.isSparse,
            givesOutline: !configuration.policy.essentialsOnly,
            usageTime: configuration.policy.dropsObjects ? time : nil
        )
        verdicts.attach(catalog)
        usage = UsageWatch(catalog: catalog, store: store, time: time)
        if catalog.wasReset { try catalog.rebuild(from: store) }
        recovery = Recovery(isNeeded: !wasEndedCleanly)
        charge = Charge(store: store, catalog: catalog, time: time, policies: policies)
        author = Author(store: store, catalog: catalog, book: book, time: time, charge: charge)
        contactBook = ContactBook(versions: versions, catalog: catalog, owner: try birth?.ownerID(versions))
        identity = try birth?.identity(in: root, secret: try? secret.get(), versions: versions)
        if case .failure(let error) = secret { sealedBecause = error.message } else { sealedBecause = "it has no keys" }
        if let identity {
            roll = try Roll(identity: identity, catalog: catalog, versions: versions)
        } else {
            roll = nil
        }
        events = EventLog(catalog: catalog, time: time)
        let (provider, name) = (configuration.policy.provider, configuration.instance.name)
        origins = OriginBook(catalog: catalog, time: time)
        contacts = ContactLinks(catalog: catalog, events: events, time: time, own: name)
        links = Links(
            catalog: catalog,
            events: events,
            contacts: contacts,
            origins: origins,
            time: time,
            preferred: provider,
            requester: name
        )
        days = DayFetcher(
            catalog: catalog,
            store: store,
            links: links,
            time: time,
            requester: name,
            deadline: configuration.fetchDeadline,
            policies: policies,
            charge: charge
        )
        let deadline = configuration.fetchDeadline
        fetcher = Fetcher(
            store: store,
            directory: links,
            time: time,
            deadline: deadline,
            charge: charge,
            counters: counters.fetches
        )
        errands = ContactErrands(contacts: contacts, fetcher: fetcher)
        foresight = Foresight(disk: try root.disk())
        allowances = try Allowances(disk: root.disk())
        gatekeeper = Gatekeeper(
            rules: configuration.fetchRules,
            allowances: allowances,
            runs: LocalOnlyRuns(),
            origins: origins,
            events: events,
            time: time
        )
        outbox = try Outbox(disk: root.disk())
        vouching = try VouchingFile(on: root.disk(), random: random)
        pins = try PinBoard(disk: root.disk(), random: random, tree: catalog)
        invitations = Invitations(random: random, time: time)
        browserDoor = BrowserDoor(on: try root.disk(), random: random, time: time)
        if recovery.isNeeded { try beginRecovery(all: !recoversLater) }
        // On a full disk it is done another time.
        if !wasEndedCleanly, let identity { try? postman(identity).forgetPosted() }
    }

    deinit {
        verdicts.detach()
        if !recovery.isNeeded { tenure.end() }
    }

    /// Who this is; an error for people where it has no keys.
    package func requireIdentity() throws -> Identity {
        guard let identity else {
            throw CommandError(
                "the keys of this instance are sealed: \(sealedBecause); --secret-file names another file"
            )
        }
        return identity
    }

    /// Bytes by hash, from here or from another instance.
    package var reader: StoreElsePeers { StoreElsePeers(store: store, fetcher: fetcher, directory: links, days: days) }

    /// Where other instances can dial this one now; nil while it does not listen.
    package var endpoint: String? { ownEndpoint.withLock { $0 } }

    /// It listens now: the address to give to others, unless the configuration names another, or a relay, by which it
    /// can be reached from everywhere.
    func bound(host: String, port: Int) {
        let isAny = host == "0.0.0.0" || host == "::"
        let name = isAny ? LocalAddress.reachable ?? "127.0.0.1" : host.contains(":") ? "[\(host)]" : host
        let scheme = configuration.instance.tlsCertificate == nil ? "ws" : "wss"
        reachable(at: "\(scheme)://\(name):\(port)")
    }

    /// It listens here, or through relays only.
    func reachable(at address: String?) {
        let instance = configuration.instance
        ownEndpoint.withLock { $0 = instance.endpoint ?? instance.relays?.first ?? address }
        publishAddress()
    }
}
