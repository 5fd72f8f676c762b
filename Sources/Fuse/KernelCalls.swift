import CFuse
import CLinux
import Glibc

/// The system calls libfuse makes to the kernel's side of a session (`fuse_session_custom_io`), so that the greeting is
/// seen on its way.
///
/// Everything else passes as it is.
enum KernelCalls {
    static func table() -> fuse_custom_io {
        fuse_custom_io(
            writev: { descriptor, vector, count, handler in
                guard let vector, let handler = KernelCalls.handler(handler) else { return -1 }
                let pieces = UnsafeMutableBufferPointer(start: vector, count: Int(count))
                guard case .greeting(let dataPath) = handler.greeting.completeReply(pieces) else {
                    return Glibc.writev(descriptor, vector, count)
                }
                let written = Glibc.writev(descriptor, vector, count)
                if written >= 0 { handler.endGreeting(dataPath, session: descriptor) }
                return written
            },
            read: { descriptor, buffer, byteCount, handler in
                let count = Glibc.read(descriptor, buffer, byteCount)
                guard count > 0, let handler = KernelCalls.handler(handler) else { return count }
                handler.greeting.noteRequest(UnsafeRawBufferPointer(start: buffer, count: count))
                return count
            },
            splice_receive: nil,
            splice_send: { from, fromOffset, to, toOffset, byteCount, flags, _ in
                splice(from, fromOffset, to, toOffset, byteCount, flags)
            }
        )
    }

    private static func handler(_ userdata: UnsafeMutableRawPointer?) -> FuseHandler? {
        userdata.map { Unmanaged<FuseHandler>.fromOpaque($0).takeUnretainedValue() }
    }
}
