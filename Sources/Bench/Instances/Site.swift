import Foundation
import Node
import Objects
import SystemPackage

/// The directory of one run and the instances in it, each made when a row first needs it.
final class Site {
    let scale: Scale
    let rounds: Int
    /// Plain files are put here.
    let plain: FilePath
    private let directory: FilePath
    private var workshop: Node?
    private var archive: Archive?
    private var laptops: [Laptop] = []

    init(in directory: FilePath, scale: Scale, rounds: Int) throws {
        (self.scale, self.rounds) = (scale, rounds)
        var template = Array(directory.appending("iom-bench-XXXXXX").string.utf8CString)
        guard let made = mkdtemp(&template) else { throw Errno(rawValue: errno) }
        self.directory = FilePath(String(cString: made))
        plain = self.directory.appending("plain")
        try PlainFile.makeDirectory(plain)
    }

    /// Ends every instance, and removes the directory.
    func close() async {
        workshop = nil
        for laptop in laptops { await laptop.companion.end() }
        await archive?.companion.end()
        do { try PlainTree.remove(directory) } catch { print("\(directory) could not be removed: \(error)") }
    }

    func path(_ name: String) -> FilePath { directory.appending(name) }

    /// An instance opened in this process, for what needs neither mount nor peers.
    func node() throws -> Node {
        if let workshop { return workshop }
        let root = path("store")
        let founder = Founder(root: root, secret: path("store-secret"))
        try founder.found(name: "store")
        let node = try founder.open()
        workshop = node
        return node
    }

    /// The instance with everything, served and mounted by a process of its own.
    func mounted() async throws -> Archive {
        if let archive { return archive }
        let archive = try await Archive(site: self)
        self.archive = archive
        try await archive.mount()
        try archive.copyTree()
        return archive
    }

    /// An instance that has joined the archive and knows everything, but holds no file.
    func joined() async throws -> Laptop {
        if let laptop = laptops.first { return laptop }
        let laptop = try await newLaptop()
        try await laptop.follow()
        return laptop
    }

    /// One that is only just joining.
    func newLaptop() async throws -> Laptop {
        let laptop = try await Laptop(of: mounted(), number: laptops.count, site: self)
        laptops.append(laptop)
        return laptop
    }
}
