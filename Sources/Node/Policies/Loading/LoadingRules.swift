/// What comes ahead when a conversation or a folder is opened, by the policy (design 9).
///
/// Attachments of up to `attachmentByteCountMax` belong to the messages that show them; larger ones, and the owner's own
/// files, are `files`, which come ahead only where the policy says so.
package struct LoadingRules: Sendable, Equatable {
    /// Messages that come first, and behind them in the background; each with the rest of the day of the oldest.
    package static let newestCount = 50
    package static let beforeCount = 200
    package static let attachmentByteCountMax = 1 << 20
    /// What one opening brings at most, in bytes, and each guess.
    package static let byteCountMax = 16 << 20
    /// Files of one folder.
    static let fileCountMax = 500
    /// Nothing comes ahead when more of the quota is used: what is used is never dropped for what only may be.
    package static let fractionMax = 0.95
    /// Whether opening a conversation brings its messages.
    package let loadsOpened: Bool
    /// Whether it goes on to the first message ever.
    package let goesBack: Bool
    /// Whether attachments of any size come, and files beside the one that is opened.
    package let bringsFiles: Bool
    /// Whether what is likely to be opened next comes, too.
    package let guesses: Bool

    package init(_ policy: Policy) {
        // Who keeps everything has everything, or is about to.
        let isAhead = !policy.keepAllObjects && policy.cacheStrategy != .never
        loadsOpened = isAhead && !policy.lazy.contains(.recentMessages)
        goesBack = loadsOpened && policy.prefetch.contains(.oldMessages)
        bringsFiles = isAhead && policy.prefetch.contains(.files)
        guesses = loadsOpened && policy.prefetch.contains(.recentMessages)
    }

    /// Whether so much may come ahead: what cannot be used although it is free is not there for it either.
    static func hasRoom(for byteCount: Int, in reading: Charge.Reading) -> Bool {
        Double(reading.committed + byteCount) <= Double(reading.limit) * fractionMax
    }

    /// Largest file that comes ahead.
    package var fileByteCountMax: Int { bringsFiles ? Self.byteCountMax : Self.attachmentByteCountMax }
}
