import CFuse
import Synchronization

/// The first exchange with the kernel (FUSE_INIT), completed by what libfuse 3.14 does not know: passthrough.
///
/// Offsets of `struct fuse_init_in` and `struct fuse_init_out`, numbers of linux/fuse.h from protocol 7.40 on.
final class Greeting: Sendable {
    private enum State {
        case expected
        /// The kernel's request of this number is being answered.
        case asked(unique: UInt64, offersPassthrough: Bool)
        case over
    }

    private enum Flags {
        /// FUSE_INIT_EXT: there is a second word of flags.
        static let hasSecondWord: UInt32 = 1 << 30
        /// FUSE_PASSTHROUGH, bit 37 of both words.
        static let passthrough: UInt32 = 1 << 5
    }

    /// Why passthrough is not wanted; nil: it is.
    private let instead: DataPath.Reason?
    private let state = Mutex(State.expected)

    init(instead: DataPath.Reason?) { self.instead = instead }

    /// Sees a request as it comes from the kernel.
    func noteRequest(_ bytes: UnsafeRawBufferPointer) {
        let body = MemoryLayout<fuse_in_header>.size
        guard bytes.count >= body + 16 else { return }
        let header = bytes.loadUnaligned(as: fuse_in_header.self)
        guard header.opcode == FUSE_INIT.rawValue else { return }
        // major, minor, max_readahead, flags, flags2
        let flags = bytes.loadUnaligned(fromByteOffset: body + 12, as: UInt32.self)
        var second: UInt32 = 0
        if flags & Flags.hasSecondWord != 0, bytes.count >= body + 20 {
            second = bytes.loadUnaligned(fromByteOffset: body + 16, as: UInt32.self)
        }
        let offersPassthrough = second & Flags.passthrough != 0
        state.withLock { $0 = .asked(unique: header.unique, offersPassthrough: offersPassthrough) }
    }

    /// What a reply turned out to be.
    enum Reply {
        case other
        /// The answer to FUSE_INIT, and which way is possible as far as the kernel's offer goes.
        case greeting(DataPath)
    }

    /// Sees a reply before it goes to the kernel; writes into the answer to FUSE_INIT what libfuse cannot.
    func completeReply(_ vector: UnsafeMutableBufferPointer<iovec>) -> Reply {
        state.withLock { state in
            guard case .asked(let unique, let offersPassthrough) = state, vector.count == 2,
                let header = vector[0].iov_base, vector[0].iov_len == MemoryLayout<fuse_out_header>.size,
                header.loadUnaligned(as: fuse_out_header.self).unique == unique, let body = vector[1].iov_base
            else { return .other }
            state = .over
            if let instead { return .greeting(.splice(instead)) }
            guard offersPassthrough, vector[1].iov_len >= 40 else { return .greeting(.splice(.unknownToKernel)) }
            // flags, flags2, max_stack_depth: the store is on a file system that is itself on none.
            Self.add(Flags.hasSecondWord, to: body + 12)
            Self.add(Flags.passthrough, to: body + 32)
            (body + 36).storeBytes(of: 1, as: UInt32.self)
            return .greeting(.passthrough)
        }
    }

    private static func add(_ flags: UInt32, to place: UnsafeMutableRawPointer) {
        place.storeBytes(of: place.loadUnaligned(as: UInt32.self) | flags, as: UInt32.self)
    }
}
