import Foundation
import Node
import Objects
import SystemPackage

/// The directory of one run and what works in it, each made when a row first needs it.
final class Site {
    let scale: Scale
    let rounds: Int
    /// Who of others takes part.
    let peers: Peer.Choice
    /// Plain files are put here.
    let plain: FilePath
    private let directory: FilePath
    /// What takes long to make is here.
    private let kept: FilePath
    /// What the rows of this run compare.
    private let shown: [Need]
    private var workshop: Node?
    private var opened: Archive?
    /// The one that stays.
    private var laptop: Laptop?
    private var laptops: [Laptop] = []
    private var largeWorld: WorldInstance?
    /// By how long their conversations are.
    private var meetings: [Int: Meeting] = [:]
    private var idleMinutes: [IdleMinute]?
    private lazy var party = PeerParty(site: self)

    /// For these rows; `kept` stays, if it is given, for the next run.
    init(in directory: FilePath, for rows: [Row], scale: Scale, rounds: Int, peers: Peer.Choice, kept: FilePath?) throws
    {
        (self.scale, self.rounds, self.peers) = (scale, rounds, peers)
        shown = SampleTree.Shown.allCases.map(Need.shown).filter { need in rows.contains { $0.needs.contains(need) } }
        var template = Array(directory.appending("iom-bench-XXXXXX").string.utf8CString)
        guard let made = mkdtemp(&template) else { throw Errno(rawValue: errno) }
        self.directory = FilePath(String(cString: made))
        self.kept = kept ?? self.directory
        try PlainFile.makeDirectory(self.kept)
        plain = self.directory.appending("plain")
        try PlainFile.makeDirectory(plain)
    }

    /// Ends every instance and peer, and removes the directory.
    func close() async {
        party.close()
        workshop = nil
        for laptop in laptops { await laptop.companion.end() }
        await opened?.companion.end()
        await largeWorld?.companion.end()
        for meeting in meetings.values { await meeting.end() }
        do { try PlainTree.remove(directory) } catch { print("\(directory) could not be removed: \(error)") }
    }

    func path(_ name: String) -> FilePath { directory.appending(name) }

    /// The path of something that is kept for the next run.
    func keptPath(_ name: String) -> FilePath { kept.appending(name) }

    /// Makes what a row needs and is not there yet.
    ///
    /// What is compared is made for all rows at once: peers show it as it was when they were started.
    func make(_ needs: [Need]) async throws {
        if needs.contains(.world) { try world().makeIfAbsent() }
        let fetched = needs.filter { if case .fetched = $0 { true } else { false } }
        let isShowing = needs.contains { if case .shown = $0 { true } else { false } }
        guard isShowing || !fetched.isEmpty else { return }
        try await archive().make((isShowing ? shown : []) + fetched)
    }

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

    /// The instance with everything, served by a process of its own.
    private func archive() async throws -> Archive {
        if let opened { return opened }
        let archive = try await Archive(site: self)
        opened = archive
        return archive
    }

    /// The same, mounted.
    func mounted() async throws -> Archive {
        let archive = try await archive()
        if archive.modes.isEmpty { try await archive.mount() }
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
        let laptop = if let laptop { laptop } else { try await newLaptop() }
        self.laptop = laptop
        try await laptop.follow()
        return laptop
    }

    /// The same, mounted.
    func joinedAndMounted() async throws -> Laptop {
        let laptop = try await joined()
        try await laptop.mount()
        return laptop
    }

    /// The root of many objects.
    private func world() -> World {
        World(directory: keptPath("world"), plan: ScalePlan(objectCount: scale.worldObjectCount))
    }

    /// Its instance, mounted by a process of its own.
    func worldInstance() async throws -> WorldInstance {
        if let largeWorld { return largeWorld }
        let instance = try await WorldInstance(world: world(), mountPoint: path("world-mount"))
        largeWorld = instance
        return instance
    }

    /// Two people of whom one has taken a conversation of this length from the other.
    func meeting(messageCount: Int) async throws -> Meeting {
        if let meeting = meetings[messageCount] { return meeting }
        let folder = path("meeting-\(messageCount)")
        let meeting = try await Meeting(in: folder, messageCount: messageCount)
        meetings[messageCount] = meeting
        _ = try await meeting.synchronize()
        // What belongs to the first sync is over when nothing goes to and fro any more.
        _ = try await Loopback.count {}
        return meeting
    }

    /// What these used while nobody asked them for anything; once for all rows.
    func idleMinute(_ companions: Companion...) async throws -> [IdleMinute] {
        if let idleMinutes { return idleMinutes }
        let minutes = try await IdleMinute.measure(companions, after: scale.settlingTime)
        idleMinutes = minutes
        return minutes
    }

    /// One that is only just joining.
    func newLaptop() async throws -> Laptop {
        let laptop = try await Laptop(of: archive(), number: laptops.count, site: self)
        laptops.append(laptop)
        return laptop
    }
}
