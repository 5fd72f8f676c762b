import Objects
import Storage
import Synchronization
import SystemPackage

/// One who reads a large object of which only parts are here; what it reads in order is fetched ahead of it.
final class LargeReader: ArrivingObject {
    private let assembly: Assembly
    private let store: ObjectStore
    private let number: Int
    /// Files whose descriptors were given out: they are kept open, whatever becomes of them.
    private let files = Mutex<[PartialFile]>([])

    init(_ assembly: Assembly, store: ObjectStore) {
        (self.assembly, self.store) = (assembly, store)
        number = assembly.enter()
    }

    deinit { assembly.leave(number) }

    func local(_ range: Range<Int>) -> FileDescriptor? {
        guard let file = assembly.local(range, by: number) else { return nil }
        files.withLock { files in
            if files.last !== file { files.append(file) }
        }
        return file.descriptor
    }

    func read(_ range: Range<Int>) async throws(ObjectError) -> [UInt8] {
        let range = range.clamped(to: 0..<assembly.known.byteCount)
        guard !range.isEmpty else { return [] }
        if let bytes = try await assembly.read(range, by: number) { return bytes }
        return try await store.read(range, of: assembly.hash)
    }
}
