import Catalog
import Objects
import ServiceLifecycle
import Storage

/// Makes the lists of chunks of large objects that are here, one after the other and slowly, before anybody asks for them.
///
/// Follows the feed of this instance from where it was when it last ended, so that a start costs nothing.
struct ListKeeper: Service {
    private static let pageCount = 500
    /// So that reading a long feed for the first time is not noticed.
    private static let pagePause = Duration.milliseconds(100)
    private static let retryPause = Duration.seconds(60)
    /// What has just come is left alone for a moment: more of it may be coming.
    private static let arrivalPause = Duration.seconds(5)
    /// At half speed: the other half is for whoever waits for something.
    private static let restFactor = 1.0

    let store: ObjectStore
    let catalog: Catalog
    let time: any Timekeeper

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // A catalog or disk that cannot be read now may be readable later, and lists are made on demand anyway.
                try? await follow()
                try? await time.sleep(for: Self.retryPause)
            }
        }
    }

    private func follow() async throws {
        let generation = Hex.text(try catalog.feedGeneration())
        let pulses = catalog.feedPulses()
        var position = store.chunkLists.position(in: generation)
        while !Task.isCancelled {
            let (changes, next) = try catalog.changes(after: position, limit: Self.pageCount)
            for case (_, .object(let object, held: true)) in changes
            where object.byteCount > Fetcher.memoryByteCountMax && !store.chunkLists.has(object.hash) {
                try await makeList(of: object.hash)
            }
            if next != position {
                position = next
                store.chunkLists.setPosition(position, in: generation)
                try await time.sleep(for: Self.pagePause)
                continue
            }
            var iterator = pulses.makeAsyncIterator()
            guard await iterator.next() != nil else { return }
            try await time.sleep(for: Self.arrivalPause)
        }
    }

    private func makeList(of hash: ObjectHash) async throws {
        var last = time.elapsed
        do {
            _ = try await ChunkLists.list(of: hash, in: store) { _, _ in
                try Task.checkCancellation()
                try await time.sleep(for: (time.elapsed - last) * Self.restFactor)
                last = time.elapsed
            }
        } catch is ObjectError {
            // It is gone, or wrong; whoever reads it is told.
        }
    }
}
