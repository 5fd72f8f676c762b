import Glibc
import Node
import SystemPackage

/// What came on standard input, kept in a file beside the instance until it is stored.
struct StandardInput {
    let path: FilePath

    init(besides root: FilePath) throws {
        let template = root.removingLastComponent().appending(".iom-input-XXXXXX").string
        var name = Array(template.utf8CString)
        let file = mkstemp(&name)
        guard file >= 0 else { throw CommandError("no room for standard input: \(Errno(rawValue: errno))") }
        defer { close(file) }
        path = name.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { FilePath(platformString: $0) } ?? FilePath(template)
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = read(STDIN_FILENO, &buffer, buffer.count), count != 0 {
            guard count > 0, Glibc.write(file, buffer, count) == count else {
                unlink(path.string)
                throw CommandError("standard input: \(Errno(rawValue: errno))")
            }
        }
    }

    func remove() { unlink(path.string) }
}
