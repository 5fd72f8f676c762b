package import Objects
import Storage
import SystemPackage

/// Puts files and folders of this computer under `files/`.
///
/// In parts, each visible when it is told: interrupted, it can be run again, and writes only what is missing.
package struct AddFiles: NodeCommand {
    package static let name = "add"
    package static var needsPeers: Bool { true }

    /// So many files become visible together, and the rest of the folder of the last: each time the folders are written
    /// anew, and a large one costs memory.
    private static let partCountMin = 10_000

    /// Absolute paths, as bytes: a name need not be UTF-8.
    package var paths: [[UInt8]]
    /// Folder under `files/` they go to; empty for the top.
    package var folder: String

    package init(paths: [[UInt8]], folder: String) { (self.paths, self.folder) = (paths, folder) }

    package enum Item: Codable, Sendable {
        case added(File)
        case progress(IntakeProgress)
    }

    package struct File: Codable, Sendable {
        /// Path under `files/`.
        package var path: String
        package var hash: ObjectHash
        package var byteCount: Int
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let postman = try node.postman(node.requireIdentity())
        let prefix = folder.split(separator: "/").map(String.init)
        guard !prefix.contains(where: { $0 == "." || $0 == ".." }) else {
            throw CommandError("`--to \(folder)` cannot go up: name a folder under files/")
        }
        var failures = Intake.Failures()
        var part: [NewFile] = []
        func post() async throws {
            try await postman.add(part)
            for file in part { try await emit(.added(File(file))) }
            part = []
        }
        var count = 0
        let walk = try LocalFileWalk(paths, depthMax: Author.pathDepthMax - prefix.count)
        try await Intake(node: node).run(walk) { progress in
            try await emit(.progress(progress))
        } stored: { batch in
            for stored in batch {
                let found = stored.tag
                guard let blob = failures.take(stored, found.path) else { continue }
                let path = prefix + found.names
                if part.count >= Self.partCountMin, part.last?.path.dropLast() != path.dropLast() { try await post() }
                part.append(NewFile(path: path, blob: blob, mode: found.mode, modified: found.modified))
            }
            count += batch.count
        }
        guard count > 0 else { throw CommandError("there is no file in \(paths.count) path(s)") }
        if !part.isEmpty { try await post() }
        try failures.tell()
    }
}

extension AddFiles.File {
    fileprivate init(_ file: NewFile) {
        (path, hash, byteCount) = (file.path.joined(separator: "/"), file.blob.hash, file.blob.byteCount)
    }
}
