import CFuse
import SystemPackage

/// A request of the kernel that is not answered yet.
///
/// Answered exactly once: answering consumes it, and one that is dropped is answered EIO.
struct FuseRequest: ~Copyable {
    private let request: fuse_req_t

    init(_ request: fuse_req_t) { self.request = request }

    deinit { _ = fuse_reply_err(request, Errno.ioError.rawValue) }

    /// Answers it.
    ///
    /// Negative: nobody wanted the answer any more.
    @discardableResult
    consuming func send(_ reply: FuseReply) -> Int32 {
        let request = release()
        return reply.send(request)
    }

    /// Hands over the duty to answer.
    consuming func release() -> fuse_req_t {
        let request = request
        discard self
        return request
    }

    /// Thread of the calling program.
    var threadID: Int32 { fuse_req_ctx(request)?.pointee.pid ?? 0 }
}
