import Storage

/// The time in which a process has a root, marked in `incoming/`: a mark that is there at the start was left by a process
/// that did not come to its end.
struct Tenure: Sendable {
    private static let mark: DiskPath = "incoming/running"

    private let disk: any Disk

    init(on disk: any Disk) { self.disk = disk }

    /// Whether the process before came to its end.
    ///
    /// Ask before `incoming/` is emptied.
    var wasEndedCleanly: Bool {
        get throws { try disk.status(at: Self.mark) == nil }
    }

    /// Sets the mark, durably.
    func begin() throws {
        var file = try OpenFile(Self.mark, .create(permissions: 0o600), on: disk)
        try file.synchronize()
        try file.close()
        try disk.synchronizeDirectory("incoming")
    }

    /// Takes the mark away.
    ///
    /// Not durably: to look once too often does no harm.
    func end() { try? disk.remove(Self.mark) }
}
