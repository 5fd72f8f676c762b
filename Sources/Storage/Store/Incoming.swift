package import Objects
import Synchronization
package import SystemPackage

/// The staging directory: files that are not yet what they will be.
///
/// Nothing in it survives a start.
package final class Incoming: Sendable {
    private let disk: any Disk
    private let directory: DiskPath
    private let prefix: String
    private let count = Atomic<UInt64>(0)

    package init(on disk: any Disk, random: any RandomSource, in directory: DiskPath = Root.Place.incoming) {
        (self.disk, self.directory) = (disk, directory)
        prefix = Hex.text(random.bytes(8)) + "-"
    }

    /// A name nothing has.
    func newPath() -> DiskPath {
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        return directory.appending(prefix + String(number))
    }

    /// Removes what a process that ended left.
    ///
    /// What cannot be removed is in nobody's way.
    func empty() throws(Errno) {
        for entry in try disk.list(directory) {
            try? disk.remove(directory.appending(name: entry.name))
        }
    }

    /// Puts a small file in place of what has its name: whole, in its old or its new form, at any instant; durable on return.
    package func replace(
        _ path: DiskPath,
        in parent: DiskPath,
        with bytes: [UInt8],
        permissions: UInt32
    ) throws(Errno) {
        let temporary = newPath()
        do throws(Errno) {
            var file = try OpenFile(temporary, .create(permissions: permissions), on: disk)
            try file.append(bytes)
            try file.synchronize()
            try file.close()
            try disk.replace(path, by: temporary)
        } catch {
            try? disk.remove(temporary)
            throw error
        }
        try disk.synchronizeDirectory(parent)
    }

    /// The same for what may be lost or damaged by a power cut, because nobody relies on it.
    func replaceHint(_ path: DiskPath, with bytes: [UInt8]) throws(Errno) {
        let temporary = newPath()
        do throws(Errno) {
            var file = try OpenFile(temporary, .create(permissions: 0o644), on: disk)
            try file.append(bytes)
            try file.close()
            try disk.replace(path, by: temporary)
        } catch {
            try? disk.remove(temporary)
            throw error
        }
    }
}
