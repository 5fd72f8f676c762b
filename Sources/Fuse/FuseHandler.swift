import CFuse
import Glibc
import Objects
import Synchronization
import SystemPackage
import Views

/// What the kernel asks, as calls of a view.
///
/// Answers without waiting for the network: what has to wait is told so.
final class FuseHandler: Sendable {
    let view: View
    let counters: FuseCounters
    let fetches: FetchQueue
    let files = HandleTable<OpenFile>(countMax: fileCountMax)
    let directories = HandleTable<Directory>(countMax: fileCountMax)
    let unopened = UnopenedFiles()
    /// Whether the kernel opens files without asking.
    let isOpenUnasked: Bool
    let modes = Mutex(ReadingModes())
    /// What the kernel can be given to read itself; nil where it may not.
    let backing = Mutex<BackingFiles?>(nil)
    let greeting: Greeting
    let memory = KernelMemory()
    /// libfuse's session, from when it is mounted.
    let session = SessionPlace()
    /// A file of the file system that the objects are on.
    private let sample: FilePath?
    /// Told once, when the kernel has said hello.
    private let greeted: AsyncStream<DataPath>.Continuation

    /// More than any system lets its programs open.
    private static let fileCountMax = 1 << 20

    init(_ view: View, _ options: FuseOptions, greeted: AsyncStream<DataPath>.Continuation) {
        (self.view, self.greeted) = (view, greeted)
        (counters, fetches) = (options.counters, FetchQueue(counters: options.counters))
        isOpenUnasked = options.isOpenUnasked
        greeting = Greeting(
            instead: options.isOpenUnasked ? .openUnasked : options.passthrough == .off ? .askedFor : nil
        )
        sample = options.sample
    }

    /// The handler a session was made with (`fuse_req_userdata`).
    static func of(_ request: fuse_req_t?) -> FuseHandler? {
        guard let request, let pointer = fuse_req_userdata(request) else { return nil }
        return Unmanaged<FuseHandler>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Answers one request: the only place where that is done.
    static func serve(
        _ request: fuse_req_t?,
        _ kind: FuseCounters.Kind,
        _ body: (FuseHandler, borrowing FuseRequest) throws(ObjectError) -> FuseReply
    ) {
        guard let request, let handler = of(request) else { return }
        let unanswered = FuseRequest(request)
        let reply: FuseReply
        do throws(ObjectError) {
            reply = try body(handler, unanswered)
        } catch {
            reply = .failed(Errno(error))
        }
        switch reply {
        case .waits(let fetch): return handler.fetches.park(unanswered, for: fetch)
        case .failed(let errno): handler.counters.add(kind, errno)
        case .absent: handler.counters.add(kind, .noSuchFileOrDirectory)
        default: handler.counters.add(kind)
        }
        if unanswered.send(reply) < 0 { handler.undo(reply) }
    }

    /// Agrees with the kernel on what both can do (FUSE_INIT).
    func greet(_ connection: inout fuse_conn_info) {
        let wanted = [
            FUSE_CAP_SPLICE_WRITE, FUSE_CAP_READDIRPLUS, FUSE_CAP_READDIRPLUS_AUTO, FUSE_CAP_PARALLEL_DIROPS,
            FUSE_CAP_CACHE_SYMLINKS, FUSE_CAP_AUTO_INVAL_DATA,
        ]
        for capability in wanted where connection.capable & UInt32(capability) != 0 {
            connection.want |= UInt32(capability)
        }
        // Reading ahead in the background has no caller who could be interrupted.
        connection.want &= ~UInt32(FUSE_CAP_ASYNC_READ)
        // Without being asked to open, nobody here would hear of a truncation.
        if isOpenUnasked { connection.want &= ~UInt32(FUSE_CAP_ATOMIC_O_TRUNC) }
        connection.time_gran = 1
        connection.max_background = Self.backgroundCountMax
        connection.congestion_threshold = Self.backgroundCountMax
    }

    /// The kernel has the answer to its hello.
    func endGreeting(_ possible: DataPath, session: Int32) {
        let files = BackingFiles(session: session)
        let dataPath = possible == .passthrough ? files.dataPath(for: sample) : possible
        if dataPath == .passthrough { backing.withLock { $0 = files } }
        greeted.yield(dataPath)
        greeted.finish()
    }

    /// Requests without a caller the kernel may have under way: stuck ones must not keep others out.
    private static let backgroundCountMax: UInt32 = 4_096

    func lookup(_ name: String?, in directory: EntryNumber) throws(ObjectError) -> FuseReply {
        // A name that is not UTF-8 is none of ours.
        guard let name else { throw .unknown }
        guard name.utf8.count <= View.nameByteCountMax else { throw .system(.fileNameTooLong, "lookup") }
        let moment = view.moment
        do throws(ObjectError) {
            let entry = try view.lookup(name, in: directory)
            return .entry(view.attributes(of: entry), view.lifetime(of: entry))
        } catch ObjectError.unknown {
            let lifetime = view.lifetimeOfAbsence(in: directory)
            guard lifetime > .zero, moment == view.moment else { throw .unknown }
            return .absent(lifetime)
        }
    }

    func attributes(_ number: EntryNumber) throws(ObjectError) -> FuseReply {
        let entry = try view.entry(number)
        return .attributes(view.attributes(of: entry), view.lifetime(of: entry))
    }

    /// The kernel knows an entry no longer.
    func forget(_ number: EntryNumber, _ count: UInt64) {
        view.forget(number, count)
        memory.forget(number)
    }

    /// access(2): nothing can be written.
    func access(_ number: EntryNumber, _ mask: Int32) throws(ObjectError) -> FuseReply {
        guard mask & W_OK == 0 else { return .failed(.readOnlyFileSystem) }
        _ = try view.entry(number)
        return .done
    }

    /// The kernel did not get an answer, so it will not give back what came with it.
    private func undo(_ reply: FuseReply) {
        switch reply {
        case .entry(let attributes, _): view.forget(attributes.number, 1)
        case .openedDirectory(let handle, _): directories.remove(handle)
        case .opened(let handle, let file, _): _ = release(handle, of: file)
        case .openedBacked(let number, _): _ = release(Self.backedHandle, of: number)
        default: break
        }
    }
}
