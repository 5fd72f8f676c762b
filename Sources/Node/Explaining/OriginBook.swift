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
        var program: String?
    }

    private struct State {
        var wishes: [ObjectHash: Wish] = [:]
        var older: [ObjectHash: Wish] = [:]
    }

    private let catalog: Catalog
    private let time: any Timekeeper
    private let state = Mutex(State())

    package init(catalog: Catalog, time: any Timekeeper) { (self.catalog, self.time) = (catalog, time) }

    /// Somebody wants an object; who wanted it first counts.
    package func note(_ hash: ObjectHash, _ reason: ObjectOrigin.Reason, by program: String? = nil) {
        state.withLock { state in
            guard state.wishes[hash] == nil, state.older[hash] == nil else { return }
            if state.wishes.count >= Self.wishCountMax {
                state.older = state.wishes
                state.wishes.removeAll(keepingCapacity: true)
            }
            state.wishes[hash] = Wish(reason: reason, program: program)
        }
    }

    /// Objects are here now, each from this holder; called behind whoever reads them.
    func arrived(_ objects: [(hash: ObjectHash, holder: String)]) {
        let now = time.now
        let origins = state.withLock { state in
            guard !state.wishes.isEmpty || !state.older.isEmpty else { return [(ObjectHash, ObjectOrigin)]() }
            return objects.compactMap { object in
                guard
                    let wish = state.wishes.removeValue(forKey: object.hash)
                        ?? state.older.removeValue(forKey: object.hash)
                else { return nil }
                let origin = ObjectOrigin(reason: wish.reason, program: wish.program, holder: object.holder, time: now)
                return (object.hash, origin)
            }
        }
        // What cannot be written down is here all the same.
        if !origins.isEmpty { try? catalog.record(origins: origins) }
    }
}
