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
        // Said once, then the kernel opens every file without asking.
        guard !isOpenUnasked else { return .failed(.noFunction) }
        // Who opens what others read by passthrough reads the very file they read.
        let known = modes.withLock { $0.share(number) }
        if case .passthrough(let id) = known { return .openedBacked(number, id) }
        do throws(ObjectError) {
            let moment = view.moment
            let entry = try view.entry(number)
            if View.mayOpenSlowly(entry) { AnsweringThread.stepAside() }
            return try open(view.open(entry), isKnownCached: known == .cached, asOf: moment)
        } catch {
            if known != nil { endUse(of: number) }
            throw error
        }
    }

    private func open(_ file: OpenFile, isKnownCached: Bool, asOf moment: UInt64) -> FuseReply {
        guard file.lifetime.isContentLasting else { return opened(file, isKept: false) }
        var isFirst = false
        if !isKnownCached {
            let mode: ReadingModes.Mode
            (mode, isFirst) = modes.withLock { modes in
                if let mode = modes.share(file.number) { return (mode, false) }
                let mode = firstMode(of: file)
                modes.begin(file.number, mode)
                return (mode, true)
            }
            if case .passthrough(let id) = mode { return .openedBacked(file.number, id) }
        }
        let isCurrent = memory.open(file.number, file.hash, isShared: !isFirst)
        if isFirst, isCurrent { store(file) }
        // What has changed since it was asked for may be other than what the kernel was given last.
        return opened(file, isKept: isCurrent && moment == view.moment)
    }

    private func opened(_ file: OpenFile, isKept: Bool) -> FuseReply {
        guard let handle = files.insert(file) else {
            if file.lifetime.isContentLasting { endUse(of: file.number) }
            return .failed(.tooManyOpenFilesInSystem)
        }
        return .opened(handle, file.number, file.lifetime.isContentLasting ? (isKept ? .kept : .anew) : .none)
    }

    /// Gives the kernel the bytes of a small file.
    private func store(_ file: OpenFile) {
        guard (1...KernelMemory.storedByteCountMax).contains(file.objectByteCount),
            let descriptor = file.localDescriptor,
            !memory.isWhole(file.number), let session = session.pointer
        else { return }
        memory.store(file.number, descriptor, byteCount: file.objectByteCount, to: session)
    }

    /// How a file is to be read that nobody has open.
    ///
    /// A small one is better remembered: by passthrough each read makes the kernel ask for its attributes again.
    private func firstMode(of file: OpenFile) -> ReadingModes.Mode {
        guard file.objectByteCount > KernelMemory.storedByteCountMax, let descriptor = file.localDescriptor,
            let backing = backing.withLock({ $0 }),
            // Not for want of memory or open files: then it is read the other way.
            let id = try? backing.open(descriptor.rawValue)
        else { return .cached }
        return .passthrough(id)
    }

    func read(
        _ handle: UInt64,
        of number: EntryNumber,
        offset: Int,
        count: Int,
        _ request: borrowing FuseRequest
    ) throws(ObjectError) -> FuseReply {
        guard let file = try file(handle, number) else { return .failed(.badFileDescriptor) }
        memory.noteRead(number)
        guard offset >= 0, case let (end, isOver) = offset.addingReportingOverflow(count), !isOver else {
            return .failed(.invalidArgument)
        }
        let threadID = request.threadID
        let caller = Caller { Processes.program(ofThread: threadID) }
        switch try view.read(offset..<end, of: file, by: caller) {
        case .local(let descriptor, let range): return .local(descriptor, range, file)
        case .bytes(let bytes, let range): return .bytes(bytes, range)
        case .absent(let hash, let range): return .waits(FetchRequest(file: file, hash: hash, range: range))
        }
    }

    private func file(_ handle: UInt64, _ number: EntryNumber) throws(ObjectError) -> OpenFile? {
        guard isOpenUnasked else { return files[handle] }
        return try unopened.file(of: view.entry(number)) { entry throws(ObjectError) in
            if View.mayOpenSlowly(entry) { AnsweringThread.stepAside() }
            return try view.open(entry)
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
