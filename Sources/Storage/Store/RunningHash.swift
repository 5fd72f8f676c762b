import Objects
import Synchronization

/// The hash, size and kind of bytes that come in pieces, one after the other, from whichever thread.
final class RunningHash: Sendable {
    private struct State: ~Copyable {
        var hasher: SHA256? = SHA256()
        var prefix: [UInt8] = []
        var byteCount = 0
    }

    // Never contended: the pieces have an order.
    private let state = Mutex(State())

    var byteCount: Int { state.withLock { $0.byteCount } }

    func take(_ bytes: UnsafeRawBufferPointer) {
        let head = byteCount < ObjectKind.sniffByteCount ? Array(bytes.prefix(ObjectKind.sniffByteCount)) : []
        // As a number, because the lock takes no pointers; they are read before this returns.
        let (address, count) = (UInt(bitPattern: bytes.baseAddress), bytes.count)
        state.withLock { state in
            state.hasher?.update(UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count))
            state.byteCount += count
            state.prefix += head.prefix(ObjectKind.sniffByteCount - state.prefix.count)
        }
    }

    /// Once, after the last piece.
    func finish() -> KnownObject {
        state.withLock { state in
            guard let hash = state.hasher.take()?.finish() else { preconditionFailure("finished twice") }
            let (kind, type) = ObjectKind.sniff(prefix: state.prefix)
            return KnownObject(hash: hash, kind: kind, type: type, byteCount: state.byteCount)
        }
    }
}
