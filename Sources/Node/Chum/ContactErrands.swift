import Objects
import Synchronization

/// Fetches from contacts what other own instances ask this one for: they have met nobody (design 5), and cannot ask
/// themselves.
///
/// What was begun goes on when who asked gives up waiting: a contact gives no parts, and would have to begin anew.
final class ContactErrands: Sendable {
    /// More at once than this are not gone; who asks is told that it is not here.
    private static let underwayMax = 256

    private let contacts: ContactLinks
    private let fetcher: Fetcher
    private let underway = Mutex<Set<ObjectHash>>([])
    private let (errands, submit) = AsyncStream<ObjectHash>.makeStream()

    init(contacts: ContactLinks, fetcher: Fetcher) { (self.contacts, self.fetcher) = (contacts, fetcher) }

    /// Until cancelled.
    func run() async {
        await withDiscardingTaskGroup { tasks in
            for await hash in errands {
                tasks.addTask {
                    // Why it failed is in the event log.
                    _ = try? await self.fetcher.fetch(hash)
                    self.underway.withLock { _ = $0.remove(hash) }
                }
            }
            tasks.cancelAll()
        }
    }

    /// Brings those of these that a connected contact has; returns when they are here or did not come.
    func bring(_ hashes: [ObjectHash]) async {
        await withDiscardingTaskGroup { tasks in
            for hash in hashes where begin(hash) {
                tasks.addTask { _ = try? await self.fetcher.fetch(hash) }
            }
        }
    }

    /// False: nobody has it, or too much is under way.
    private func begin(_ hash: ObjectHash) -> Bool {
        guard !contacts.holders(of: hash).isEmpty else { return false }
        let (isTaken, isNew) = underway.withLock { underway in
            if underway.contains(hash) { return (true, false) }
            guard underway.count < Self.underwayMax else { return (false, false) }
            return (true, underway.insert(hash).inserted)
        }
        if isNew { submit.yield(hash) }
        return isTaken
    }
}
