import Objects
import Synchronization

/// What goes and is shown in no folder, such as what a message is made of: too many to tell of one by one.
package final class EvictedCrowd: Sendable {
    private struct Group: Hashable {
        var rule: String
        var holder: String?
    }

    private struct Share {
        var count = 0
        var byteCount = 0
        /// Since when who has them has proven to have all of them.
        var verified: Int64?
    }

    private let shares = Mutex<[Group: Share]>([:])

    package init() {}

    /// Whether it is one of them; then it is counted.
    package func takes(_ outcome: EvictPaths.Outcome) -> Bool {
        guard outcome.isEvicted, outcome.path == outcome.hash.hex, outcome.used != nil else { return false }
        shares.withLock { shares in
            var share = shares[Group(rule: outcome.rule, holder: outcome.holder)] ?? Share()
            share.count += 1
            share.byteCount += outcome.byteCount
            share.verified = [share.verified, outcome.verified].compactMap(\.self).min()
            shares[Group(rule: outcome.rule, holder: outcome.holder)] = share
        }
        return true
    }

    /// For people: a line for each rule and holder.
    package func words(isRehearsal: Bool) -> [String] {
        let lines = shares.withLock { $0 }.map { group, share in
            var words = "\(share.count) object(s) that no folder shows: \(isRehearsal ? "would free" : "freed") "
            words += "\(ByteCount(share.byteCount)); \(group.rule)"
            if let holder = group.holder, let verified = share.verified {
                words += "; \(holder) has them (verified \(Timestamp(wholeMilliseconds: verified).words))"
            }
            return words
        }
        return lines.sorted()
    }
}
