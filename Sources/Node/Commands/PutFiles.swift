package import Objects
import Storage
import SystemPackage

/// Stores files as objects; durable when it says so.
package struct PutFiles: NodeCommand {
    package static let name = "put"

    /// Absolute paths, as bytes.
    package var paths: [[UInt8]]

    package init(paths: [[UInt8]]) { self.paths = paths }

    package enum Item: Codable, Sendable {
        case stored(File)
        case progress(IntakeProgress)
    }

    package struct File: Codable, Sendable {
        package var path: String
        package var hash: ObjectHash
        package var byteCount: Int
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let inputs = Supply(
            paths.lazy.map { bytes in
                let path = FilePath(bytes: bytes)
                return NewObject(.file(path), tag: path, likelyByteCount: LocalFile.byteCount(of: path))
            }
        )
        var failures = Intake.Failures()
        let intake = Intake(node: node)
        try await intake.run(inputs) { progress in
            try await emit(.progress(progress))
        } stored: { batch in
            for stored in batch {
                guard let object = failures.take(stored, stored.tag) else { continue }
                let file = File(path: stored.tag.string, hash: object.hash, byteCount: object.byteCount)
                try await emit(.stored(file))
            }
        }
        try failures.tell()
    }
}
