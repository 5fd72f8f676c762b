import Foundation
import Node
import Objects
import SystemPackage

/// The directory of one run and what works in it, each made when a row first needs it.
final class Site {
    let scale: Scale
    let rounds: Int
    /// Whether others take part.
    let hasPeers: Bool
    /// Plain files are put here.
    let plain: FilePath
    private let directory: FilePath
    private var workshop: Node?
    private var archive: Archive?
    /// The one that stays.
    private var laptop: Laptop?
    private var laptops: [Laptop] = []
    private var largeWorld: WorldInstance?
    private var idleMinutes: [IdleMinute]?
    private lazy var party = PeerParty(site: self)

    init(in directory: FilePath, scale: Scale, rounds: Int, hasPeers: Bool) throws {
        (self.scale, self.rounds, self.hasPeers) = (scale, rounds, hasPeers)
        var template = Array(directory.appending("iom-bench-XXXXXX").string.utf8CString)
        guard let made = mkdtemp(&template) else { throw Errno(rawValue: errno) }
        self.directory = FilePath(String(cString: made))
        plain = self.directory.appending("plain")
        try PlainFile.makeDirectory(plain)
    }

    /// Ends every instance and peer, and removes the directory.
    func close() async {
        party.close()
        workshop = nil
        for laptop in laptops { await laptop.companion.end() }
        await archive?.companion.end()
        await largeWorld?.companion.end()
        do { try PlainTree.remove(directory) } catch { print("\(directory) could not be removed: \(error)") }
    }

    func path(_ name: String) -> FilePath { directory.appending(name) }

    /// An instance opened in this process, for what needs neither mount nor peers.
    func node() throws -> Node {
        if let workshop { return workshop }
        let node = try newNode("store")
        workshop = node
        return node
    }

    /// An empty one; its root and secret are in a folder of this name.
    func newNode(_ name: String) throws -> Node {
        try PlainFile.makeDirectory(path(name))
        let founder = Founder(root: path(name).appending("root"), secret: path(name).appending("secret"))
        try founder.found(name: name)
        return try founder.open()
    }

    /// The instance with everything, served and mounted by a process of its own.
    func mounted() async throws -> Archive {
        if let archive { return archive }
        let archive = try await Archive(site: self)
        self.archive = archive
        try await archive.mount()
        return archive
    }

    /// The tree as IoM in its modes, ext4 and these peers show it.
    func gallery(_ peers: [Peer]) async throws -> Gallery {
        let archive = try await mounted()
        let others = try await party.showings(peers, source: archive.copy)
        return Gallery(showings: archive.showings + others.showings, notes: archive.notes + others.notes)
    }

    /// An instance that has joined the archive and knows everything, but holds no file.
    func joined() async throws -> Laptop {
        if let laptop { return laptop }
        let laptop = try await newLaptop()
        try await laptop.follow()
        self.laptop = laptop
        return laptop
    }

    /// The same, mounted.
    func joinedAndMounted() async throws -> Laptop {
        let laptop = try await joined()
        try await laptop.mount()
        return laptop
    }

    /// The instance of many objects.
    func world() async throws -> WorldInstance {
        if let largeWorld { return largeWorld }
        let world = try await WorldInstance(site: self)
        largeWorld = world
        return world
    }

    /// What these used while nobody asked them for anything; once for all rows.
    func idleMinute(_ companions: Companion...) async throws -> [IdleMinute] {
        if let idleMinutes { return idleMinutes }
        let minutes = try await IdleMinute.measure(companions)
        idleMinutes = minutes
        return minutes
    }

    /// One that is only just joining.
    func newLaptop() async throws -> Laptop {
        let laptop = try await Laptop(of: mounted(), number: laptops.count, site: self)
        laptops.append(laptop)
        return laptop
    }
}
