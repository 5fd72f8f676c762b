package import Catalog
package import Objects
import Synchronization

/// Who wanted what is being fetched, noted when it is asked for and written down when it is here.
///
/// Bounded: of too many wishes at once the oldest are forgotten, and what they bring has no origin.
package final class OriginBook: Sendable {
    /// Wishes of one generation; two are kept.
    private static let wishCountMax = 4_096

    private struct Wish {
        var reason: ObjectOrigin.Reason
        var cause: String?
    }

    private struct State {
        var wishes: [ObjectHash: Wish] = [:]
        var older: [ObjectHash: Wish] = [:]
    }

    private let catalog: Catalog
    private let time: any Timekeeper
    private let state = Mutex(State())
    /// Tells of everything that comes.
    let news = Broadcast<[Arrival]>(bufferCount: 64)

    package init(catalog: Catalog, time: any Timekeeper) { (self.catalog, self.time) = (catalog, time) }

    /// Somebody wants an object, for `cause` (`ObjectOrigin`); who wanted it first counts.
    package func note(_ hash: ObjectHash, _ reason: ObjectOrigin.Reason, by cause: String? = nil) {
        state.withLock { state in
            guard state.wishes[hash] == nil, state.older[hash] == nil else { return }
            if state.wishes.count >= Self.wishCountMax {
                state.older = state.wishes
                state.wishes.removeAll(keepingCapacity: true)
            }
            state.wishes[hash] = Wish(reason: reason, cause: cause)
        }
    }

    /// Objects are here now, each from this holder; called behind whoever reads them.
    func arrived(_ objects: [(object: KnownObject, holder: String)]) {
        let now = time.now
        let wishes = state.withLock { state -> [Wish?] in
            guard !state.wishes.isEmpty || !state.older.isEmpty else { return [] }
            return objects.map { arrival in
                let hash = arrival.object.hash
                return state.wishes.removeValue(forKey: hash) ?? state.older.removeValue(forKey: hash)
            }
        }
        let origins = zip(objects, wishes).compactMap { arrival, wish -> (ObjectHash, ObjectOrigin)? in
            guard let wish else { return nil }
            let origin = ObjectOrigin(reason: wish.reason, cause: wish.cause, holder: arrival.holder, time: now)
            return (arrival.object.hash, origin)
        }
        // What cannot be written down is here all the same.
        if !origins.isEmpty { try? catalog.record(origins: origins) }
        tell(of: objects, wishes)
    }

    private func tell(of objects: [(object: KnownObject, holder: String)], _ wishes: [Wish?]) {
        guard news.listenerCount > 0 else { return }
        news.tell(
            objects.enumerated().map { index, arrival in
                let wish = index < wishes.count ? wishes[index] : nil
                return Arrival(
                    hash: arrival.object.hash,
                    byteCount: arrival.object.byteCount,
                    holder: arrival.holder,
                    reason: wish?.reason,
                    cause: wish?.cause
                )
            }
        )
    }
}
