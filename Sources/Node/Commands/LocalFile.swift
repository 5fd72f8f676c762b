import Glibc
import Objects
import SystemPackage

/// A regular file of this computer, found at or below a path a person named.
struct LocalFile: Sendable {
    let path: FilePath
    /// From the named file or folder down, each valid UTF-8.
    let names: [String]
    let mode: UInt32
    let modified: Timestamp
    let byteCount: Int

    init(path: FilePath, names: [String], status: stat) {
        (self.path, self.names, mode, byteCount) = (path, names, UInt32(status.st_mode), Int(status.st_size))
        let (seconds, nanoseconds) = (Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec))
        // The file system may say anything.
        modified = Timestamp(nanoseconds: seconds &* 1_000_000_000 &+ nanoseconds)
    }

    /// The one file at a path; nil if it is no regular file.
    static func one(at path: FilePath) throws -> Self? {
        guard let name = path.lastComponent else { return nil }
        let status = try status(of: path)
        return status.st_mode & S_IFMT == S_IFREG ? Self(path: path, names: [text(of: name)], status: status) : nil
    }

    /// Size of what lies there; 0 if it cannot be told.
    static func byteCount(of path: FilePath) -> Int {
        var result = stat()
        return path.withPlatformString { stat($0, &result) } == 0 ? Int(result.st_size) : 0
    }

    static func status(of path: FilePath) throws -> stat {
        var status = stat()
        guard path.withPlatformString({ lstat($0, &status) }) == 0 else {
            throw CommandError("\(path): \(Errno(rawValue: errno))")
        }
        return status
    }

    static func children(of path: FilePath) throws -> [FilePath.Component] {
        guard let directory = path.withPlatformString({ opendir($0) }) else {
            throw CommandError("\(path): \(Errno(rawValue: errno))")
        }
        defer { closedir(directory) }
        var names: [FilePath.Component] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CInterop.PlatformChar.self, capacity: 256) {
                    FilePath.Component(platformString: $0)
                }
            }
            if let name, name.kind == .regular { names.append(name) }
        }
        return names.sorted { $0.string.utf8.lexicographicallyPrecedes($1.string.utf8) }
    }

    /// Each name with its text; where a name that is not UTF-8 would have that of another, it gets ` ~`.
    static func apart(_ names: [FilePath.Component]) -> [(FilePath.Component, String)] {
        var taken = Set(names.filter { Array(text(of: $0).utf8) == bytes(of: $0) }.map { bytes(of: $0) })
        return names.map { name in
            var text = text(of: name)
            guard Array(text.utf8) != bytes(of: name) else { return (name, text) }
            while !taken.insert(Array(text.utf8)).inserted { text += " ~" }
            return (name, text)
        }
    }

    /// The name as text; bytes that are not UTF-8 become `%` and two digits, so that names stay apart.
    static func text(of name: FilePath.Component) -> String {
        text(of: bytes(of: name))
    }

    private static func bytes(of name: FilePath.Component) -> [UInt8] {
        name.withPlatformString { UnsafeBufferPointer(start: $0, count: strlen($0)).map { UInt8(bitPattern: $0) } }
    }

    static func text(of bytes: [UInt8]) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var result = ""
        var rest = bytes[...]
        while let first = rest.first {
            let length = (1...4).first { String(validating: rest.prefix($0), as: UTF8.self) != nil }
            if let length {
                result += String(decoding: rest.prefix(length), as: UTF8.self)
                rest = rest.dropFirst(length)
            } else {
                result += "%" + Hex.text([first])
                rest = rest.dropFirst()
            }
        }
        return result
    }
}

extension FilePath {
    /// A path of any bytes but NUL.
    init(bytes: [UInt8]) {
        self = (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { FilePath(platformString: $0) } ?? FilePath()
        }
    }
}
