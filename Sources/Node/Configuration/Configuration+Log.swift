import Logging

extension Configuration {
    /// `[log]`: what is told on standard error.
    package struct Log: Decodable, Sendable, Equatable {
        /// trace, debug, info, notice, warning, error or critical.
        package var level: String?
        /// logfmt or json.
        package var format: String?

        enum CodingKeys: String, CodingKey, CaseIterable { case level, format }
    }

    func checkLog() throws(ConfigurationError) {
        let levels = Logger.Level.allCases.map(\.rawValue)
        if let level = log.level, !levels.contains(level) {
            let words = "`log.level` cannot be \"\(level)\": it is one of \(levels.joined(separator: ", "))"
            throw ConfigurationError(line: lines["log.level"], words)
        }
        if let format = log.format, LogFormat(rawValue: format) == nil {
            let words = "`log.format` cannot be \"\(format)\": it is logfmt or json"
            throw ConfigurationError(line: lines["log.format"], words)
        }
    }

    var logSettings: [(key: String, value: Setting.Value)] {
        [
            ("log.level", .word(log.level ?? LogSettings.usualLevel.rawValue)),
            ("log.format", .word(log.format ?? LogFormat.logfmt.rawValue)),
        ]
    }
}
