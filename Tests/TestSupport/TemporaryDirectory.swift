import Glibc
package import SystemPackage

/// A directory of its own for a test, removed with everything in it when the value is given up.
package final class TemporaryDirectory: Sendable {
    package let path: FilePath

    package init() {
        var template = Array("/tmp/iom-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { preconditionFailure("no room for a test: \(Errno(rawValue: errno))") }
        path = FilePath(String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: FilePath) {
        var status = stat()
        guard lstat(path.string, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR, let directory = opendir(path.string) {
            var names: [String] = []
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { names.append(name) }
            }
            closedir(directory)
            for name in names { remove(path.appending(name)) }
            rmdir(path.string)
        } else {
            unlink(path.string)
        }
    }
}
