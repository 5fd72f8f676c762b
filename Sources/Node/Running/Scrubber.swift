import Catalog
import Objects
import ServiceLifecycle
import Storage

/// Hashes every object again, one after another: so slowly that nobody notices, and all within 30 days of running
/// (design 3, promise 7).
///
/// What is found wrong goes to quarantine, and is fetched again from whoever has it.
struct Scrubber: Service {
    /// Aimed at half of the promise, so that pauses of the machine do not break it.
    private static let round = Duration.seconds(15 * 86_400)
    private static let bytesPerSecondMax = 4 << 20
    /// Objects are hashed in bursts with pauses of at least this between them: an idle machine is not woken for each.
    private static let pauseMin = Duration.seconds(30)
    private static let pageCount = 256

    let store: ObjectStore
    let catalog: Catalog
    let time: any Timekeeper
    let random: any RandomSource

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Where a round was broken off is not remembered: starting anywhere gives every object its turn.
            var prefix = UInt8(truncatingIfNeeded: random.number(below: 256))
            while !Task.isCancelled {
                do {
                    try await scrub(prefix)
                } catch {
                    // A disk that cannot be read now may be readable later.
                    try? await time.sleep(for: .seconds(60))
                }
                prefix &+= 1
            }
        }
    }

    private func scrub(_ prefix: UInt8) async throws {
        let count = max(256, try catalog.statistics().heldCount)
        var last: ObjectHash?
        var owed = Duration.zero
        while true {
            let page = try catalog.objects(prefix: prefix, after: last, limit: Self.pageCount)
            guard let end = page.last else { break }
            last = end.hash
            for object in page where try store.rehash(object.hash) {
                let forBytes = Duration.seconds(Double(object.byteCount) / Double(Self.bytesPerSecondMax))
                owed += max(forBytes, Self.round / count)
                guard owed >= Self.pauseMin else { continue }
                try await time.sleep(for: owed)
                owed = .zero
            }
        }
        if last == nil { owed = Self.round / count }
        try await time.sleep(for: max(owed, .milliseconds(100)))
    }
}
