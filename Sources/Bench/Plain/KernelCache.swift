import SystemPackage

/// What the kernel keeps in memory of files of the whole machine (proc_sys_vm(5), drop_caches).
enum KernelCache {
    /// Only root can empty it.
    static let canBeEmptied = Machine.isRoot

    /// Forgets bytes, names and attributes of everything that is on disk already.
    static func empty() throws {
        guard canBeEmptied else { return }
        let file = try FileDescriptor.open("/proc/sys/vm/drop_caches", .writeOnly)
        defer { try? file.close() }
        try file.writeAll([UInt8(ascii: "3")])
    }
}
