import Objects

/// Replays the reads of a trace on a device with a quota, as pressure keeps it: from 0.96 of it down to 0.92.
struct EvictionReplay {
    /// A program that reads everything takes so long for each thing, a person so long.
    private static let secondsPerScanned = 0.02
    private static let secondsPerRead = 5.0
    private static let scanHour = 3.0
    private static let (highMark, lowMark) = (0.96, 0.92)

    struct Result: Sendable {
        var readCount = 0
        var hitCount = 0
        var byteCount = 0
        var hitByteCount = 0

        static func + (left: Self, right: Self) -> Self {
            Self(
                readCount: left.readCount + right.readCount,
                hitCount: left.hitCount + right.hitCount,
                byteCount: left.byteCount + right.byteCount,
                hitByteCount: left.hitByteCount + right.hitByteCount
            )
        }
    }

    private struct Read {
        var time: Double
        var object: Int
        var isScan: Bool
    }

    private let reads: [Read]
    private let charges: [Int]

    /// With a scan of everything there is every so many days; nil: none.
    init(_ trace: Trace, scanEveryDays: Int?) {
        charges = trace.objects.map { Allocation.byteCount(of: $0.byteCount) }
        var reads: [Read] = []
        for visit in trace.visits where visit.cause != .scan {
            for (position, object) in visit.reads.enumerated() {
                let time = visit.time + Double(position) * Self.secondsPerRead
                reads.append(Read(time: time, object: object, isScan: false))
            }
        }
        if let scanEveryDays {
            for day in stride(from: scanEveryDays, to: trace.plan.dayCount, by: scanEveryDays) {
                let start = Double(day) * Trace.secondsPerDay + Self.scanHour * 3600
                let there = trace.contents.joined().filter { trace.objects[$0].created < start }
                for (position, object) in there.enumerated() {
                    let time = start + Double(position) * Self.secondsPerScanned
                    reads.append(Read(time: time, object: object, isScan: true))
                }
            }
        }
        self.reads = reads.sorted { $0.time < $1.time }
    }

    /// The second half of the trace counts.
    func run(_ contents: some Contents, quota: Int) throws -> Result {
        var (contents, result) = (contents, Result())
        let start = (reads.last?.time ?? 0) / 2
        for read in reads {
            if !read.isScan, read.time >= start {
                result.readCount += 1
                result.byteCount += charges[read.object]
                if contents.contains(read.object) {
                    result.hitCount += 1
                    result.hitByteCount += charges[read.object]
                }
            }
            guard charges[read.object] < quota else { continue }
            contents.read(read.object, charge: charges[read.object], at: read.time)
            guard contents.chargedByteCount > Int(Double(quota) * Self.highMark) else { continue }
            while contents.chargedByteCount > Int(Double(quota) * Self.lowMark) { try contents.evict() }
        }
        return result
    }
}
