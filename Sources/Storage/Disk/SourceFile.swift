import Glibc
import SystemPackage

/// A file that is read to be stored, of this disk or any other.
extension FileDescriptor {
    /// Fills the buffer from this offset, less only at the end of the file (pread(2)).
    func read(into buffer: UnsafeMutableRawBufferPointer, from offset: Int) -> Result<Int, Errno> {
        var done = 0
        do {
            while done < buffer.count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
                let count = try read(fromAbsoluteOffset: Int64(offset + done), into: rest)
                if count == 0 { break }
                done += count
            }
        } catch {
            return .failure(error as? Errno ?? .ioError)
        }
        return .success(done)
    }

    /// All bytes; nil if there are more than this.
    func bytes(atMost countMax: Int) throws(Errno) -> [UInt8]? {
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: countMax + 1) { buffer, count in
            let buffer = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: countMax + 1)
            switch read(into: buffer, from: 0) {
            case .success(let read): count = read
            case .failure(let error): failure = error
            }
        }
        if let failure { throw failure }
        return bytes.count <= countMax ? bytes : nil
    }

    /// Tells the kernel that all will be read once, from start to end (posix_fadvise(2)).
    func adviseSequential() { _ = posix_fadvise(rawValue, 0, 0, POSIX_FADV_SEQUENTIAL) }
}
