/// One thing that was looked at: how it is, and what mends it.
package struct Finding: Codable, Hashable, Sendable {
    package enum Severity: String, Codable, Hashable, Sendable {
        case ok
        /// It works, and may not for long, or not as well as it could.
        case warning
        case problem
        /// It could not be found out.
        case unknown
    }

    package enum Subject: String, Codable, Hashable, Sendable {
        case fuse, mounts, versions, programs, root, configuration, disk, limits, keys, node, port, clock, catalog
    }

    package var severity: Severity
    package var subject: Subject
    /// One sentence: what is, and of what.
    package var words: String
    /// The command that mends it; null: there is none, or nothing to mend.
    @Nullable package var mend: String? = nil

    package static func ok(_ subject: Subject, _ words: String) -> Self {
        Self(severity: .ok, subject: subject, words: words)
    }

    package static func warning(_ subject: Subject, _ words: String, mend: String? = nil) -> Self {
        Self(severity: .warning, subject: subject, words: words, mend: mend)
    }

    package static func problem(_ subject: Subject, _ words: String, mend: String? = nil) -> Self {
        Self(severity: .problem, subject: subject, words: words, mend: mend)
    }

    package static func unknown(_ subject: Subject, _ words: String, mend: String? = nil) -> Self {
        Self(severity: .unknown, subject: subject, words: words, mend: mend)
    }
}
