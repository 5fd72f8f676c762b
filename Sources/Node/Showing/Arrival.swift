package import Catalog
package import Objects

/// An object that has come from another instance.
package struct Arrival: Hashable, Sendable {
    package var hash: ObjectHash
    package var byteCount: Int
    /// The instance that gave it.
    package var holder: String
    /// Why it was fetched; nil: nobody said.
    package var reason: ObjectOrigin.Reason?
    /// As in `ObjectOrigin`.
    package var cause: String?
}

/// An object that is on its way here.
package struct Underway: Hashable, Sendable {
    package var hash: ObjectHash
    /// nil: not known yet.
    package var byteCount: Int?
    /// What of it is here already; of small ones nothing is, until all is.
    package var localByteCount: Int
}

extension Node {
    /// What is being fetched, in order of hash; no more than so many.
    package func underway(limit: Int) -> [Underway] {
        fetcher.underway.sorted { $0.key < $1.key }.prefix(limit).map { hash, byteCount in
            let isLarge = byteCount.map { $0 > Fetcher.memoryByteCountMax } ?? false
            let local = isLarge ? reader.partialByteCount(of: hash) : 0
            return Underway(hash: hash, byteCount: byteCount, localByteCount: local)
        }
    }

    /// What comes from now on, in batches; a listener that is slow loses the oldest.
    package func arrivals() -> AsyncStream<[Arrival]> { origins.news.listen() }
}
