import Objects
import Views

/// Lists a folder as the mount shows it.
package struct ListEntries: NodeCommand {
    package static let name = "ls"

    /// Relative to the top of the tree.
    package var path: String

    package init(path: String) { self.path = path }

    package enum Kind: String, Codable, Sendable { case directory, file, link }

    package struct Item: Codable, Sendable {
        package var name: String
        package var kind: Kind
        package var byteCount: Int
        /// UTC.
        package var modified: String
        /// Whether all bytes are on this device.
        package var isLocal: Bool
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let walk = TreeWalk(view: node.view())
        guard case .entry(let entry) = try Target(path, on: node, walk) else {
            throw CommandError("`\(path)` is a hash, not a path: `iom get` prints its bytes")
        }
        guard entry.kind == .directory else { return try await emit(Item(entry)) }
        for entry in try walk.entries(in: entry) { try await emit(Item(entry)) }
    }
}

extension ListEntries.Item {
    fileprivate init(_ entry: Entry) {
        let kind: ListEntries.Kind =
            switch entry.kind {
            case .directory: .directory
            case .link: .link
            case .object, .document: .file
            }
        let time = CivilTime(milliseconds: entry.modified.milliseconds)
        self.init(
            name: entry.name,
            kind: kind,
            byteCount: entry.byteCount,
            modified: "\(time.dayText) \(time.clockText)",
            isLocal: entry.localByteCount >= entry.byteCount
        )
    }
}
