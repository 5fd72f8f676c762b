import Glibc
import Node
import SystemPackage

/// Paths from the command line as they were typed, byte for byte: a name need not be UTF-8.
enum Arguments {
    /// Absolute paths of arguments.
    ///
    /// Swift repairs bytes that are no UTF-8, so each is found again among the raw ones.
    static func paths(_ arguments: [String]) throws -> [[UInt8]] {
        let raw = try rawArguments()
        return arguments.map { argument in
            let bytes = raw.first { String(decoding: $0, as: UTF8.self) == argument } ?? Array(argument.utf8)
            guard bytes.first != UInt8(ascii: "/"), let directory = getcwd(nil, 0) else { return bytes }
            defer { free(directory) }
            return Array(String(cString: directory).utf8) + [UInt8(ascii: "/")] + bytes
        }
    }

    /// Names of things in the tree: whoever stands in a mount may name what is there from where they are.
    static func names(_ given: [String]) -> [String] {
        guard let directory = getcwd(nil, 0) else { return given }
        defer { free(directory) }
        let place = FilePath(platformString: directory)
        guard Mounting.isMounted(around: place) else { return given }
        return given.map { name in
            var found = stat()
            return name.hasPrefix("/") || name.isEmpty || lstat(name, &found) != 0 ? name : "\(place)/\(name)"
        }
    }

    /// `/proc/self/cmdline`: the arguments, each ended by NUL (proc(5)).
    private static func rawArguments() throws -> [[UInt8]] {
        guard let file = fopen("/proc/self/cmdline", "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer.prefix(count) }
        return bytes.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
    }
}
