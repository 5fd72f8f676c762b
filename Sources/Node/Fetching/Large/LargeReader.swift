import Objects
import Storage
import Synchronization
import SystemPackage

/// One who reads a large object of which only parts are here; what it reads in order is fetched ahead of it.
final class LargeReader: ArrivingObject {
    private let assembly: Assembly
    private let store: ObjectStore
    private let number: Int
    /// Measures a wait that begins.
    private let measure: @Sendable () -> FetchMeter
    /// Files whose descriptors were given out: they are kept open, whatever becomes of them.
    private let files = Mutex<[PartialFile]>([])

    init(_ assembly: Assembly, store: ObjectStore, measure: @escaping @Sendable () -> FetchMeter) {
        (self.assembly, self.store, self.measure) = (assembly, store, measure)
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
        let meter = measure()
        do throws(ObjectError) {
            let bytes: [UInt8]
            if let read = try await assembly.read(range, by: number) {
                bytes = read
            } else {
                bytes = try await store.read(range, of: assembly.hash)
            }
            meter.end(nil)
            return bytes
        } catch {
            meter.end(error)
            throw error
        }
    }
}
