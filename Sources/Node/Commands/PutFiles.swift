package import Objects
import SystemPackage

/// Stores files as objects; durable when it says so.
package struct PutFiles: NodeCommand {
    package static let name = "put"

    /// Absolute paths, as bytes.
    package var paths: [[UInt8]]

    package init(paths: [[UInt8]]) { self.paths = paths }

    package struct Item: Codable, Sendable {
        package var path: String
        package var hash: ObjectHash
        package var byteCount: Int
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        for bytes in paths {
            let path = FilePath(bytes: bytes)
            let known = try await node.author.putFile(path)
            try await emit(Item(path: path.string, hash: known.hash, byteCount: known.byteCount))
        }
    }
}
