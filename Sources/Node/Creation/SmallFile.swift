import Objects
import Storage

/// A small file of the root that is read and replaced as a whole: at any instant it is the old or the new one.
struct SmallFile: Sendable {
    private let disk: any Disk
    private let directory: DiskPath
    private let place: DiskPath
    private let byteCountMax: Int

    /// `directory` is a folder of the root, `.` for the root itself.
    init(_ name: String, in directory: String = ".", on disk: any Disk, byteCountMax: Int) {
        (self.disk, self.byteCountMax) = (disk, byteCountMax)
        self.directory = DiskPath(directory)
        place = DiskPath(directory).appending(name)
    }

    /// nil: there is none.
    func read() throws -> String? {
        guard try disk.status(at: place) != nil else { return nil }
        return String(decoding: try OpenFile(place, .read, on: disk).read(0..<byteCountMax), as: UTF8.self)
    }

    /// Durable on return.
    func replace(with text: String, permissions: UInt32 = 0o600) throws {
        let incoming = Incoming(on: disk, random: SystemRandom())
        try incoming.replace(place, in: directory, with: Array(text.utf8), permissions: permissions)
    }
}
