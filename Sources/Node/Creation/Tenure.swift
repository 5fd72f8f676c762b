import Storage

/// The time in which a process has a root: who comes to its end leaves a mark in `incoming/`, and where there is none, the
/// process before was killed.
///
/// So that it is noticed by whatever happens: a mark is taken away, which a full disk does not prevent, before anything
/// else is done, and only set again when all is done.
struct Tenure: Sendable {
    private static let mark: DiskPath = "incoming/ended"

    private let disk: any Disk

    init(on disk: any Disk) { self.disk = disk }

    /// Takes the mark away, durably; false if there was none.
    func begin() throws -> Bool {
        guard try disk.status(at: Self.mark) != nil else { return false }
        try disk.remove(Self.mark)
        try disk.synchronizeDirectory("incoming")
        return true
    }

    /// Sets the mark.
    ///
    /// Not durably, nor if there is no room: to look once too often does no harm.
    func end() {
        guard var file = try? OpenFile(Self.mark, .create(permissions: 0o600), on: disk) else { return }
        try? file.close()
    }
}
