import SystemPackage

/// The mounts of this process (proc_pid_mountinfo(5)).
enum MountTable {
    private static let pieceByteCount = 1 << 16
    private static let byteCountMax = 1 << 24

    /// Whether an IoM is mounted at this real path.
    static func isMounted(_ path: FilePath) -> Bool {
        paths().contains { $0.elementsEqual(path.string.utf8) }
    }

    /// One mount of an IoM, dead or alive.
    struct Mount {
        /// The bytes of its path.
        var bytes: [UInt8]
        /// Whether other users may look in.
        var isShared: Bool
        /// Who mounted it; nil: the kernel does not tell.
        var userID: UInt32?

        var path: FilePath { FilePath(String(decoding: bytes, as: UTF8.self)) }
    }

    /// The bytes of the paths at which an IoM is mounted, dead or alive.
    static func paths() -> [[UInt8]] { mounts().map(\.bytes) }

    static func mounts() -> [Mount] {
        text().split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 5, let separator = fields.firstIndex(of: "-"), separator + 1 < fields.count,
                fields[separator + 1] == "fuse.iom"
            else { return nil }
            let options = fields.last?.split(separator: ",") ?? []
            let user = options.first { $0.hasPrefix("user_id=") }.flatMap { UInt32($0.dropFirst(8)) }
            return Mount(bytes: unescaped(fields[4]), isShared: options.contains("allow_other"), userID: user)
        }
    }

    /// `\040` and the like stand for characters that would break a line.
    private static func unescaped(_ field: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }

    private static func text() -> String {
        guard let file = try? FileDescriptor.open("/proc/self/mountinfo", .readOnly, options: [.closeOnExec]) else {
            return ""
        }
        defer { try? file.close() }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: pieceByteCount)
        while text.count < byteCountMax, let count = try? piece.withUnsafeMutableBytes({ try file.read(into: $0) }),
            count > 0
        {
            text += piece.prefix(count)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
