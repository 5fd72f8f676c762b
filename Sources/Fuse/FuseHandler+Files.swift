import CFuse
import Glibc
import Objects
import SystemPackage
import Views

extension FuseHandler {
    func open(_ number: EntryNumber, flags: Int32) throws(ObjectError) -> FuseReply {
        guard flags & O_ACCMODE == O_RDONLY, flags & O_TRUNC == 0 else { return .failed(.readOnlyFileSystem) }
        let file = try view.open(number)
        guard let handle = files.insert(file) else { return .failed(.tooManyOpenFilesInSystem) }
        let isLasting = view.lifetime(of: try view.entry(number)).isContentLasting
        return .opened(handle, isLasting ? .kept : .none)
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

    func release(_ handle: UInt64) -> FuseReply {
        files.remove(handle)
        return .done
    }
}
