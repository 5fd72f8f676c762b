import CFuse
import Glibc
import Synchronization
import SystemPackage
import Views

/// A session of libfuse from its mount to its end, with the threads that answer the kernel.
///
/// `end` is called once, when nobody uses the session any more and every request is answered.
final class FuseSession: Sendable {
    /// libfuse's session may be used from many threads between `fuse_session_new` and `fuse_session_destroy`; the
    /// pointer itself never changes.
    nonisolated(unsafe) private let session: OpaquePointer
    private let handler: FuseHandler
    private let descriptor: Int32
    private let wake: (readEnd: FileDescriptor, writeEnd: FileDescriptor)
    private let threads = Mutex<[pthread_t]>([])
    /// An element for each thread that ended: the file system was unmounted, or `end` was called.
    let threadEnds: AsyncStream<Void>
    private let threadEnded: AsyncStream<Void>.Continuation

    /// Mounts (`fuse_session_new`, `fuse_session_mount`).
    init(_ handler: FuseHandler, at mountPoint: FilePath, options: FuseOptions) throws(FuseError) {
        self.handler = handler
        do { wake = try FileDescriptor.pipe() } catch { throw .system(error as? Errno ?? .ioError, "pipe") }
        guard let session = Self.make(handler, options) else {
            Self.close(wake)
            throw .refused(mountPoint, .invalidArgument)
        }
        guard fuse_session_mount(session, mountPoint.string) == 0 else {
            let reason = Errno(rawValue: errno == 0 ? EPERM : errno)
            fuse_session_destroy(session)
            Self.close(wake)
            throw .refused(mountPoint, reason)
        }
        self.session = session
        descriptor = fuse_session_fd(session)
        var calls = KernelCalls.table()
        fuse_session_custom_io(session, &calls, descriptor)
        handler.session.set(session)
        // Of the threads that wake for one request all but one must come back from reading it.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        (threadEnds, threadEnded) = AsyncStream.makeStream()
    }

    private static func make(_ handler: FuseHandler, _ options: FuseOptions) -> OpaquePointer? {
        var operations = FuseOperations.table()
        let texts: [UnsafeMutablePointer<CChar>?] = ["iom", "-o", options.text].map { (text: String) in strdup(text) }
        defer { for text in texts { free(text) } }
        var pointers = texts
        return pointers.withUnsafeMutableBufferPointer { buffer in
            var arguments = fuse_args(argc: Int32(buffer.count), argv: buffer.baseAddress, allocated: 0)
            defer { fuse_opt_free_args(&arguments) }
            return fuse_session_new(
                &arguments,
                &operations,
                MemoryLayout<fuse_lowlevel_ops>.size,
                Unmanaged.passUnretained(handler).toOpaque()
            )
        }
    }

    /// On more processors than this, a thread on each would wake for every request for nothing.
    private static let ownProcessorCountMax = 4
    /// One that answers, and those who do while it waits for the disk.
    private static let threadsPerTurn = 4

    /// What a thread is started with.
    private final class Start: Sendable {
        let session: FuseSession
        let turn: Turn

        init(_ session: FuseSession, _ turn: Turn) { (self.session, self.turn) = (session, turn) }
    }

    /// Starts the threads.
    func start() throws(FuseError) {
        let processors = Processors.allowed().numbers
        let isOnOwn = (1...Self.ownProcessorCountMax).contains(processors.count)
        let places: [Int?] = isOnOwn ? processors : Array(repeating: nil, count: Self.ownProcessorCountMax)
        for place in places {
            let turn = Turn(processor: place)
            for _ in 0..<Self.threadsPerTurn { try start(Start(self, turn)) }
        }
    }

    private func start(_ start: Start) throws(FuseError) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(start)
        let result = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                start.session.answer(by: AnsweringThread(start.turn))
                return nil
            },
            context.toOpaque()
        )
        guard result == 0 else {
            context.release()
            throw .system(Errno(rawValue: result), "pthread_create")
        }
        threads.withLock { $0.append(thread) }
    }

    /// Tells the kernel to drop something it remembers (`fuse_lowlevel_notify_*`).
    ///
    /// Never from within a request.
    func drop(_ invalidation: Invalidation) {
        switch invalidation {
        case .attributes(let number): _ = fuse_lowlevel_notify_inval_inode(session, number, -1, 0)
        case .content(let number): _ = fuse_lowlevel_notify_inval_inode(session, number, 0, 0)
        case .name(let name, let directory):
            let count = name.utf8.count
            // Asked again at the next look: a directory that is still the same stays the working directory of those in it.
            guard fuse_lowlevel_notify_expire_entry(session, directory, name, count, FUSE_LL_EXPIRE_ONLY) == -ENOSYS
            else { return }
            _ = fuse_lowlevel_notify_inval_entry(session, directory, name, count)
        }
    }

    /// Stops the threads, unmounts (lazily if busy) and frees the session.
    func end() {
        fuse_session_exit(session)
        _ = try? wake.writeEnd.writeAll([0])
        for thread in threads.withLock({ $0 }) { pthread_join(thread, nil) }
        // Not what somebody else has mounted there since: libfuse looks whether this connection still lives.
        fuse_session_unmount(session)
        fuse_session_destroy(session)
        Self.close(wake)
    }

    /// Answers the kernel until the end: what one thread runs.
    private func answer(by thread: AnsweringThread) {
        Self.leaveSignalsToOthers()
        var buffer = fuse_buf()
        defer {
            free(buffer.mem)
            // Nobody has to go on when one found the end.
            fuse_session_exit(session)
            _ = try? wake.writeEnd.writeAll([0])
            thread.passTurn()
            threadEnded.yield()
        }
        while fuse_session_exited(session) == 0 {
            if !thread.hasTurn { thread.takeTurn() }
            // First without asking whether there is one: after an answer there often is.
            let count = fuse_session_receive_buf(session, &buffer)
            if count == -EAGAIN {
                guard waitForRequest() else { return }
                continue
            }
            if count == -EINTR { continue }
            guard count > 0 else { return }
            fuse_session_process_buf(session, &buffer)
        }
    }

    /// False: it is over.
    private func waitForRequest() -> Bool {
        let events = Int16(POLLIN)
        var waiting = (
            pollfd(fd: descriptor, events: events, revents: 0),
            pollfd(fd: wake.readEnd.rawValue, events: events, revents: 0)
        )
        let count = withUnsafeMutableBytes(of: &waiting) {
            poll($0.baseAddress?.assumingMemoryBound(to: pollfd.self), 2, -1)
        }
        return (count >= 0 || errno == EINTR) && waiting.1.revents == 0
    }

    /// All but those that tell of a crash.
    private static func leaveSignalsToOthers() {
        var signals = sigset_t()
        sigfillset(&signals)
        for signal in [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] { sigdelset(&signals, signal) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    private static func close(_ pipe: (readEnd: FileDescriptor, writeEnd: FileDescriptor)) {
        try? pipe.readEnd.close()
        try? pipe.writeEnd.close()
    }
}
