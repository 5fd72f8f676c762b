import Objects
import Synchronization

/// Documents that were rendered lately, as the tree told them.
///
/// What changed in the tree is dropped before anybody is told of it. Holds a bounded count of bytes, those used last; what
/// it does not hold is rendered again.
final class DocumentMemory: Sendable {
    static let byteCountMax = 4 << 20
    static let countMax = 64

    private struct Known {
        var bytes: [UInt8]
        /// Higher for what was used later.
        var use: UInt64
    }

    private struct State {
        var known: [EntryNumber: Known] = [:]
        var byteCount = 0
        var use: UInt64 = 0
        /// Goes up with every change.
        var moment: UInt64 = 0
        /// Whether every change comes here.
        var isTold = false

        mutating func drop(_ number: EntryNumber) {
            byteCount -= known.removeValue(forKey: number)?.bytes.count ?? 0
        }
    }

    private let state = Mutex(State())

    /// From now on every change comes here, so documents may be remembered.
    func begin() {
        state.withLock { state in
            (state.known, state.byteCount, state.isTold) = ([:], 0, true)
            state.moment += 1
        }
    }

    /// Goes up with every change of the tree.
    var moment: UInt64 { state.withLock { $0.moment } }

    subscript(number: EntryNumber) -> [UInt8]? {
        state.withLock { state in
            guard let bytes = state.known[number]?.bytes else { return nil }
            state.use += 1
            state.known[number]?.use = state.use
            return bytes
        }
    }

    /// Keeps what was rendered since a moment, unless something has changed since.
    func keep(_ bytes: [UInt8], of number: EntryNumber, since moment: UInt64) {
        state.withLock { state in
            guard state.isTold, moment == state.moment, bytes.count <= Self.byteCountMax else { return }
            state.drop(number)
            state.use += 1
            state.known[number] = Known(bytes: bytes, use: state.use)
            state.byteCount += bytes.count
            while state.byteCount > Self.byteCountMax || state.known.count > Self.countMax {
                guard let oldest = state.known.min(by: { $0.value.use < $1.value.use }) else { return }
                state.drop(oldest.key)
            }
        }
    }

    /// A document changed, or something that none may have been rendered from yet.
    func drop(_ number: EntryNumber) {
        state.withLock { state in
            state.moment += 1
            state.drop(number)
        }
    }
}
