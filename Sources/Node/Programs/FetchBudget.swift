package import Objects

/// How much each program may still fetch: a bucket of files and one of bytes for each, filled evenly (token bucket,
/// RFC 2697 has the idea), full after a minute.
///
/// Knows no clock and no process: it is told both.
package struct FetchBudget: Sendable {
    /// What a program may fetch in a minute; nil: as much as it likes.
    package struct Limits: Hashable, Sendable {
        package var fileCount: Int?
        package var byteCount: Int?

        package init(fileCount: Int?, byteCount: Int?) { (self.fileCount, self.byteCount) = (fileCount, byteCount) }
    }

    package enum Verdict: Hashable, Sendable {
        case allowed
        /// `isFirst`: it was not refused since its buckets were full.
        case refused(isFirst: Bool)
    }

    /// Programs that are remembered; who was quiet longest is forgotten first.
    private static let programCountMax = 256
    /// Files of a program whose reading goes on: each is counted once.
    private static let openCountMax = 64

    private struct Bucket {
        var fileCount: Double
        var byteCount: Double
        var filled: Duration
        var isTold = false
        var open: [ObjectHash] = []
    }

    package let limits: Limits
    private var buckets: [String: Bucket] = [:]

    package init(_ limits: Limits) { self.limits = limits }

    /// A program wants so many bytes of a file; `isWhole`: with them it gets all of it.
    ///
    /// A file may be larger than what is left: then what follows has to wait until that is made up for.
    package mutating func take(
        _ byteCount: Int,
        of file: ObjectHash,
        isWhole: Bool,
        by program: String,
        at now: Duration
    ) -> Verdict {
        var bucket = filled(buckets[program], at: now)
        let isOpen = bucket.open.contains(file)
        // What was paid for as a whole is read in pieces.
        guard !isOpen || !isWhole else { return .allowed }
        let files = isOpen ? 0.0 : 1
        guard bucket.fileCount >= files, bucket.byteCount > 0 else {
            defer {
                bucket.isTold = true
                keep(bucket, of: program)
            }
            return .refused(isFirst: !bucket.isTold)
        }
        bucket.fileCount -= files
        bucket.byteCount -= Double(byteCount)
        if !isOpen {
            if bucket.open.count >= Self.openCountMax { bucket.open.removeFirst() }
            bucket.open.append(file)
        }
        keep(bucket, of: program)
        return .allowed
    }

    private func filled(_ bucket: Bucket?, at now: Duration) -> Bucket {
        let (files, bytes) = (limits.fileCount.map(Double.init), limits.byteCount.map(Double.init))
        guard var bucket else {
            return Bucket(fileCount: files ?? .infinity, byteCount: bytes ?? .infinity, filled: now)
        }
        let minutes = max(0, (now - bucket.filled) / .seconds(60))
        bucket.filled = max(now, bucket.filled)
        if let files { bucket.fileCount = min(files, bucket.fileCount + files * minutes) }
        if let bytes { bucket.byteCount = min(bytes, bucket.byteCount + bytes * minutes) }
        if bucket.fileCount == files ?? .infinity, bucket.byteCount == bytes ?? .infinity { bucket.isTold = false }
        return bucket
    }

    private mutating func keep(_ bucket: Bucket, of program: String) {
        if buckets[program] == nil, buckets.count >= Self.programCountMax,
            let quiet = buckets.min(by: { ($0.value.filled, $0.key) < ($1.value.filled, $1.key) })?.key
        {
            buckets[quiet] = nil
        }
        buckets[program] = bucket
    }
}
