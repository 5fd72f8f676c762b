import Objects
import Storage
import SystemPackage

/// How far files have come into the store.
package struct IntakeProgress: Codable, Hashable, Sendable {
    /// Files that are stored.
    package var fileCount: Int
    /// Bytes read so far, those of files that are not stored yet included.
    package var byteCount: Int
}

/// Files of this computer on their way into the store, in bounded memory, whoever asked for it told how far it is.
struct Intake {
    /// How often progress is told.
    private static let progressPause = Duration.milliseconds(500)

    let node: Node

    /// Stores all; `stored` is told of each batch in order when it is durable and known.
    func run<Tag, Inputs: AsyncSequence>(
        _ inputs: Inputs,
        progress: @Sendable (IntakeProgress) async throws -> Void,
        stored: ([StoredObject<Tag>]) async throws -> Void
    ) async throws where Inputs.Element == NewObject<Tag> {
        let meter = IntakeMeter()
        // Ended with this function, as what is told of.
        async let _: Void = tell(meter, progress)
        try await node.author.put(all: inputs, meter: meter, stored: stored)
    }

    private func tell(
        _ meter: IntakeMeter,
        _ progress: @Sendable (IntakeProgress) async throws -> Void
    ) async throws {
        while true {
            try await node.time.sleep(for: Self.progressPause)
            try await progress(IntakeProgress(fileCount: meter.count, byteCount: meter.byteCount))
        }
    }

    /// Files that could not be read; the others are stored.
    struct Failures {
        private var first: String?
        private var count = 0
        private var storedCount = 0

        /// The object, if the file is one now.
        mutating func take<Tag>(_ stored: StoredObject<Tag>, _ path: FilePath) -> KnownObject? {
            switch stored.outcome {
            case .success(let arrival):
                storedCount += 1
                return arrival.object
            case .failure(let error):
                count += 1
                if first == nil { first = "\(path): \(CommandError.words(for: error))" }
                return nil
            }
        }

        /// Throws if there were any.
        func tell() throws {
            guard let first else { return }
            let more = count > 1 ? " (and \(count - 1) more like it)" : ""
            throw CommandError(first + more, exitCode: storedCount > 0 ? 3 : 1)
        }
    }
}
