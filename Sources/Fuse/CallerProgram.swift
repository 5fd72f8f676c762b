import SystemPackage

/// Names of programs, from /proc.
enum CallerProgram {
    private static let fileByteCountMax = 4_096

    /// The name of the program a thread belongs to (proc_pid_comm(5)): of the process, because programs name their
    /// threads as they like.
    static func name(ofThread threadID: Int32) -> String? {
        guard threadID > 0, let status = text(FilePath("/proc/\(threadID)/status")),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Tgid:") }),
            let processID = Int32(line.dropFirst("Tgid:".count).drop(while: { $0 == "\t" || $0 == " " })),
            let name = text(FilePath("/proc/\(processID)/comm"))
        else { return nil }
        return String(name.prefix { $0 != "\n" })
    }

    private static func text(_ path: FilePath) -> String? {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) else { return nil }
        defer { try? file.close() }
        let bytes = [UInt8](unsafeUninitializedCapacity: fileByteCountMax) { buffer, count in
            count = (try? file.read(into: UnsafeMutableRawBufferPointer(buffer))) ?? 0
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
