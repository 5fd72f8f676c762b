import Foundation
package import Objects

extension LoggedEvent {
    /// For people, on one line.
    package var line: String {
        var words = [CivilTime(milliseconds: Double(lastTimestamp)).text, type]
        if status != "ok" { words[1] += " (\(status))" }
        words += [source, target].compactMap(\.self)
        var line = words.joined(separator: "  ")
        if let details { line += ": \(details)" }
        if count > 1 { line += " (\(count) times since \(CivilTime(milliseconds: Double(timestamp)).text))" }
        return line
    }
}

extension ReadEvents.Start {
    /// A place (`1204`), a while ago (`2h`), or a time in UTC (`2026-11-22`, `2026-11-22T14:03:22`); nil for anything else.
    package init?(words: String, now: Timestamp) {
        if let change = Int64(words) {
            self = .change(change)
        } else if let age = Duration(words: words) {
            self = .time(now.wholeMilliseconds - Int64(age / .milliseconds(1)))
        } else if let date = Self.date(words) {
            self = .time(Int64(date.timeIntervalSince1970 * 1_000))
        } else {
            return nil
        }
    }

    private static func date(_ words: String) -> Date? {
        let time = words.contains("T") ? words : words + "T00:00:00"
        return try? Date(time.hasSuffix("Z") ? time : time + "Z", strategy: .iso8601)
    }
}
