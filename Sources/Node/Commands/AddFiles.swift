package import Objects
import SystemPackage

/// Puts files and folders of this computer under `files/`.
package struct AddFiles: NodeCommand {
    package static let name = "add"
    package static var needsPeers: Bool { true }

    /// Absolute paths, as bytes: a name need not be UTF-8.
    package var paths: [[UInt8]]
    /// Folder under `files/` they go to; empty for the top.
    package var folder: String

    package init(paths: [[UInt8]], folder: String) { (self.paths, self.folder) = (paths, folder) }

    package struct Item: Codable, Sendable {
        /// Path under `files/`.
        package var path: String
        package var hash: ObjectHash
        package var byteCount: Int
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let identity = try node.requireIdentity()
        let prefix = folder.split(separator: "/").map(String.init)
        guard !prefix.contains(where: { $0 == "." || $0 == ".." }) else {
            throw CommandError("`--to \(folder)` cannot go up: name a folder under files/")
        }
        var files: [NewFile] = []
        var items: [Item] = []
        for path in paths {
            for found in try LocalFile.all(at: path) {
                guard prefix.count + found.names.count <= Author.pathDepthMax else {
                    throw CommandError(
                        "\(found.names.joined(separator: "/")) is too deep: at most \(Author.pathDepthMax) folders"
                    )
                }
                let blob = try await node.author.putFile(found.path)
                let file = NewFile(
                    path: prefix + found.names,
                    blob: blob,
                    mode: found.mode,
                    modified: found.modified
                )
                files.append(file)
                items.append(Item(path: file.path.joined(separator: "/"), hash: blob.hash, byteCount: blob.byteCount))
            }
        }
        guard !files.isEmpty else { throw CommandError("there is no file in \(paths.count) path(s)") }
        try await node.postman(identity).add(files)
        for item in items { try await emit(item) }
    }
}
