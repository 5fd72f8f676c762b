import Glibc
import Logging
import Objects

extension Node.Surroundings {
    /// The machine's clock and random numbers, and a log on standard error.
    ///
    /// `$IOM_LOG` sets its level, else `log.level` of `iom.toml`.
    package static func system() -> Self {
        let log = LogSettings(level: getenv("IOM_LOG").map { String(cString: $0) })
        let logger = Logger(label: "iom") { LineLogHandler(label: $0, settings: log) }
        return Self(time: SystemTime(), random: SystemRandom(), logger: logger, log: log)
    }
}
