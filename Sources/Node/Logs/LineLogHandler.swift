import Glibc
import Logging
import Objects

/// Writes the log to standard error, a line each: for people, for programs, and for journald.
///
/// What names files is told at debug only; texts of messages and secrets are never given to a logger.
struct LineLogHandler: LogHandler {
    /// Fields that may name what people keep.
    static let privateKeys: Set<String> = ["details", "file"]

    let settings: LogSettings
    let label: String
    var metadata: Logger.Metadata = [:]
    private var ownLevel: Logger.Level?

    init(label: String, settings: LogSettings) { (self.label, self.settings) = (label, settings) }

    var logLevel: Logger.Level {
        get { ownLevel ?? settings.values.level }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let text = Self.line(
            event,
            metadata.merging(event.metadata ?? [:]) { _, new in new },
            settings.values,
            isJournal: Self.isJournal,
            now: SystemTime().now
        )
        var bytes = Array((text + "\n").utf8)
        // One call a line: lines of several threads and processes do not mix.
        bytes.withUnsafeMutableBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    static func line(
        _ event: LogEvent,
        _ metadata: Logger.Metadata,
        _ settings: LogSettings.Values,
        isJournal: Bool,
        now: Timestamp
    ) -> String {
        var fields = [("level", event.level.rawValue), ("msg", "\(event.message)")]
        if !isJournal { fields.insert(("time", CivilTime(milliseconds: now.milliseconds).text), at: 0) }
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            guard settings.level <= .debug || !privateKeys.contains(key) else { continue }
            fields.append((key, "\(value)"))
        }
        let line = settings.format.line(fields)
        return isJournal ? "<\(priority(of: event.level))>\(line)" : line
    }

    /// As sd-daemon(3) counts; journald takes it off the line.
    private static func priority(of level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// Whether standard error goes to journald, which knows the time itself (systemd.exec(5), `$JOURNAL_STREAM`).
    private static let isJournal: Bool = {
        guard let stream = getenv("JOURNAL_STREAM").map({ String(cString: $0) }) else { return false }
        var status = stat()
        return fstat(STDERR_FILENO, &status) == 0 && stream == "\(status.st_dev):\(status.st_ino)"
    }()
}
