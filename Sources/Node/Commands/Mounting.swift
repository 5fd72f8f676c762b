import Fuse
package import SystemPackage

/// Mounts the tree of a running node.
package struct Mounting: NodeCommand {
    package static let name = "mount"

    /// Absolute path of a directory.
    package var directory: String
    package var options: MountOptions

    package init(directory: String, options: MountOptions) { (self.directory, self.options) = (directory, options) }

    /// Whether a folder is in a mount, or is one.
    package static func isMounted(around path: FilePath) -> Bool { MountPoint.isMounted(around: path) }

    package struct Item: Codable, Sendable {
        package var directory: String
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        try await node.mount(at: FilePath(directory), options)
        try await emit(Item(directory: directory))
    }
}
