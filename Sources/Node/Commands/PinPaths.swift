import Objects
import Storage
import Views

/// Keeps paths or hashes on this device from now on, or no longer; without any, tells what is kept.
package struct PinPaths: NodeCommand {
    package static let name = "pin"

    /// Paths in the tree, or hashes.
    package var names: [String]
    /// False: no longer.
    package var isPinned: Bool

    package init(names: [String], isPinned: Bool) { (self.names, self.isPinned) = (names, isPinned) }

    package enum Item: Codable, Sendable {
        case pin(PinReport)
        case unpinned(String)
        /// Not all of what is pinned can be kept: why, and the way out.
        case shortage(String)
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        guard isPinned else {
            for name in names { try await emit(.unpinned(unpin(name, node))) }
            return
        }
        let walk = TreeWalk(view: node.view())
        // A name that is wrong is told before anything is pinned.
        let targets = try names.map { try ($0, Target($0, on: node, walk)) }
        for (name, target) in targets { try pin(target, name, node) }
        let pinned = try PinnedFiles(node: node)
        let wanted = Set(targets.compactMap { node.pins.pin(of: $0.1.pinTarget) })
        for holding in pinned.holdings where names.isEmpty || wanted.contains(holding.pin) {
            try await emit(.pin(PinReport(holding)))
        }
        if let words = pinned.shortage.words { try await emit(.shortage(words)) }
    }

    private func pin(_ target: Target, _ name: String, _ node: Node) throws {
        if case .entry(let entry) = target, !node.view().isPinnable(entry) {
            throw CommandError("`\(name)` cannot be pinned: pin conversations, contacts, files, or what is in them")
        }
        try node.pins.set(true, target.pinTarget)
    }

    private func unpin(_ name: String, _ node: Node) throws -> String {
        // By its own words too: what it names may be gone.
        if let pin = Pins.Pin(name), try node.pins.remove(pin) { return name }
        let target = try Target(name, on: node, TreeWalk(view: node.view())).pinTarget
        guard let pin = node.pins.pin(of: target) else {
            guard let holder = try node.pins.pin(holding: target) else { throw CommandError("`\(name)` is not pinned") }
            throw CommandError("`\(name)` is kept because `\(holder)` is pinned: `iom unpin` that")
        }
        _ = try node.pins.remove(pin)
        return pin.description
    }
}

/// A pin and how much of what it holds is here.
package struct PinReport: Codable, Sendable, Hashable {
    package var pin: String
    /// null: what it names is not known on this device.
    package var files: Int?
    package var byteCount: Int?
    package var localFiles: Int?
    package var localByteCount: Int?

    init(_ holding: PinnedFiles.Holding) {
        pin = holding.pin.description
        (files, byteCount) = (holding.files?.fileCount, holding.files?.byteCount)
        (localFiles, localByteCount) = (holding.files?.localFileCount, holding.files?.localByteCount)
    }

    /// For people.
    package var words: String {
        guard let files, let byteCount, let localFiles, let localByteCount else {
            return "nothing of this name is known"
        }
        guard localFiles < files else { return "\(files) file(s), \(ByteCount(byteCount)), all here" }
        return "\(localFiles) of \(files) file(s) here, \(ByteCount(localByteCount)) of \(ByteCount(byteCount))"
    }
}

/// Tells which pin holds something.
package struct ExplainPin: NodeCommand {
    package static let name = "pin-why"

    /// A path in the tree, or a hash.
    package var target: String

    package init(target: String) { self.target = target }

    package struct Item: Codable, Sendable {
        /// null: it is not pinned.
        package var pin: String?
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let target = try Target(target, on: node, TreeWalk(view: node.view())).pinTarget
        try await emit(Item(pin: node.pins.pin(holding: target)?.description))
    }
}
