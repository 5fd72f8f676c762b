import Logging
import Synchronization

/// What is logged and how, for every logger of the process; may change while it runs.
package final class LogSettings: Sendable {
    static let usualLevel = Logger.Level.warning

    struct Values: Hashable, Sendable {
        var level = LogSettings.usualLevel
        var format = LogFormat.logfmt
    }

    /// Said in the environment, which counts more than `iom.toml`.
    private let givenLevel: Logger.Level?
    private let state = Mutex(Values())

    /// `level` and `format` as words of the environment; what they do not say `iom.toml` says.
    package init(level: String? = nil) {
        givenLevel = level.flatMap(Logger.Level.init(rawValue:))
        if let givenLevel { state.withLock { $0.level = givenLevel } }
    }

    var values: Values { state.withLock { $0 } }

    /// From now on this counts.
    func set(_ log: Configuration.Log) {
        let level = givenLevel ?? log.level.flatMap(Logger.Level.init(rawValue:)) ?? Self.usualLevel
        let format = log.format.flatMap(LogFormat.init(rawValue:)) ?? .logfmt
        state.withLock { $0 = Values(level: level, format: format) }
    }
}
