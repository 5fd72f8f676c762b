import Glibc
import Logging
import Objects

extension Node.Surroundings {
    /// The machine's clock and random numbers, and a log on standard error.
    ///
    /// `$IOM_LOG` sets its level.
    package static func system() -> Self {
        var logger = Logger(label: "iom") { StreamLogHandler.standardError(label: $0) }
        let level = getenv("IOM_LOG").map { String(cString: $0) }.flatMap(Logger.Level.init(rawValue:))
        logger.logLevel = level ?? .warning
        return Self(time: SystemTime(), random: SystemRandom(), logger: logger)
    }
}
