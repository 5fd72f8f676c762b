package import Objects

/// What was used within a short time, looked at together: who reads so much reads everything, and what is read by a scan
/// is not used.
package struct UseRound: Sendable {
    /// How long a round lasts.
    private static let nanosecondsMax: Int64 = 10_000_000_000
    /// Nobody looks at more in one round.
    package static let countMax = 100
    /// Programs that read whatever there is: for copies, to compare, to search.
    static let scanners: Set<String> = [
        "rsync", "tar", "grep", "egrep", "rg", "ag", "find", "restic", "borg", "duplicity", "rclone", "unison",
        "sha256sum", "md5sum", "updatedb", "baloo_file_extr", "tracker-extract",
    ]

    /// When it began; nil: nothing was used.
    package private(set) var start: Timestamp?
    private var uses: [ObjectHash: Timestamp] = [:]
    private var scanned: Set<ObjectHash> = []
    private var isScan = false

    package init() {}

    /// Whether it has lasted long enough.
    package func isOver(at time: Timestamp) -> Bool {
        start.map { time.nanoseconds - $0.nanoseconds >= Self.nanosecondsMax } ?? false
    }

    /// Something was used; by this program, if that is known.
    package mutating func add(_ hash: ObjectHash, at time: Timestamp, by program: String?) {
        start = start ?? time
        if let program, Self.scanners.contains(program) {
            scanned.insert(hash)
        } else if isScan || uses.count >= Self.countMax && uses[hash] == nil {
            isScan = true
            scanned.insert(hash)
        } else {
            uses[hash] = time
        }
    }

    /// What counts as used, and what does not.
    package func result() -> (used: [(hash: ObjectHash, time: Timestamp)], scanned: [ObjectHash]) {
        guard !isScan else { return ([], Array(scanned.union(uses.keys)).sorted()) }
        let used = uses.filter { !scanned.contains($0.key) }.map { (hash: $0.key, time: $0.value) }
        return (used.sorted { ($0.time, $0.hash) < ($1.time, $1.hash) }, scanned.sorted())
    }
}
