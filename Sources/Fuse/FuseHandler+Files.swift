import CFuse
import Glibc
import Objects
import Synchronization
import SystemPackage
import Views

extension FuseHandler {
    /// What stands for a file that the kernel reads itself: nothing is kept for it.
    static let backedHandle = UInt64.max

    func open(_ number: EntryNumber, flags: Int32) throws(ObjectError) -> FuseReply {
        guard flags & O_ACCMODE == O_RDONLY, flags & O_TRUNC == 0 else { return .failed(.readOnlyFileSystem) }
        // Who opens what others read by passthrough reads the very file they read.
        let known = modes.withLock { $0.share(number) }
        if case .passthrough(let id) = known { return .openedBacked(number, id) }
        do throws(ObjectError) {
            return try open(view.open(number), isKnownCached: known == .cached)
        } catch {
            if known != nil { endUse(of: number) }
            throw error
        }
    }

    private func open(_ file: OpenFile, isKnownCached: Bool) -> FuseReply {
        if !isKnownCached, file.lifetime.isContentLasting {
            let mode = modes.withLock { modes in
                if let mode = modes.share(file.number) { return mode }
                let mode = firstMode(of: file)
                modes.begin(file.number, mode)
                return mode
            }
            if case .passthrough(let id) = mode { return .openedBacked(file.number, id) }
        }
        guard let handle = files.insert(file) else {
            if file.lifetime.isContentLasting { endUse(of: file.number) }
            return .failed(.tooManyOpenFilesInSystem)
        }
        return .opened(handle, file.number, isKept: file.lifetime.isContentLasting)
    }

    /// How a file is to be read that nobody has open.
    private func firstMode(of file: OpenFile) -> ReadingModes.Mode {
        guard let backing = backing.withLock({ $0 }), let descriptor = file.localDescriptor,
            // Not for want of memory or open files: then it is read the other way.
            let id = try? backing.open(descriptor.rawValue)
        else { return .cached }
        return .passthrough(id)
    }

    func read(
        _ handle: UInt64,
        offset: Int,
        count: Int,
        _ request: borrowing FuseRequest
    ) throws(ObjectError) -> FuseReply {
        guard let file = files[handle] else { return .failed(.badFileDescriptor) }
        guard offset >= 0, case let (end, isOver) = offset.addingReportingOverflow(count), !isOver else {
            return .failed(.invalidArgument)
        }
        let threadID = request.threadID
        let caller = Caller { CallerProgram.name(ofThread: threadID) }
        switch try view.read(offset..<end, of: file, by: caller) {
        case .local(let descriptor, let range): return .local(descriptor, range, file)
        case .bytes(let bytes, let range): return .bytes(bytes, range)
        case .absent(let hash, let range): return .waits(FetchRequest(file: file, hash: hash, range: range))
        }
    }

    func release(_ handle: UInt64, of number: EntryNumber) -> FuseReply {
        let file = files.remove(handle)
        if file?.lifetime.isContentLasting ?? (handle == Self.backedHandle) { endUse(of: number) }
        return .done
    }

    private func endUse(of number: EntryNumber) {
        guard let id = modes.withLock({ $0.release(number) }) else { return }
        backing.withLock { $0 }?.close(id)
    }
}
