import Catalog
import Foundation
import Objects
import SystemPackage

/// What it costs to note that something came and was used, to choose what goes, and to note that it has gone; in a catalog
/// of made-up objects, by the calls that a node makes.
///
/// Without what does not depend on how many there are: asking another instance whether it has them, and unlinking files.
enum EvictionCost {
    private static let batchCount = 256
    private static let roundCount = 40

    static func print(counts: [Int]) throws {
        Swift.print("| known objects | came | used | chosen | gone | chosen and gone |")
        Swift.print("|---|---|---|---|---|---|")
        for count in counts { Swift.print(try line(count)) }
    }

    /// Microseconds an object.
    private static func line(_ count: Int) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "iom-evict-\(ProcessInfo.processInfo.processIdentifier)"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let time = SystemTime()
        let catalog = try Catalog(
            path: FilePath(folder.appending(path: "catalog.sqlite").path),
            objects: Nowhere(),
            owner: nil,
            book: .standard,
            usageTime: time
        )
        for start in stride(from: 0, to: count, by: 10_000) { try come(start..<min(start + 10_000, count), catalog) }
        var times = [Duration](repeating: .zero, count: 4)
        func measure(_ place: Int, _ body: () throws -> Void) rethrows {
            let start = time.elapsed
            try body()
            times[place] += time.elapsed - start
        }
        var next = count
        for round in 0..<roundCount {
            try measure(0) { try come(next..<next + batchCount, catalog) }
            next += batchCount
            let used = (0..<batchCount).map { number in
                (
                    hash: hash((number * 7919 + round * 104_729) % next),
                    time: Timestamp(nanoseconds: time.now.nanoseconds + Int64(round) << 40)
                )
            }
            try measure(1) { try catalog.noteUses(used) }
            var search = ReplacementSearch()
            var victims: [Victim] = []
            try measure(2) {
                victims = try catalog.victims(byteCount: .max, limit: batchCount, &search)
            }
            try measure(3) { try catalog.dropped(victims.map(\.hash)) }
        }
        let cells = (times + [times[2] + times[3]]).map { sum in
            let (seconds, attoseconds) = sum.components
            let microseconds = Double(seconds) * 1e6 + Double(attoseconds) / 1e12
            return "\((microseconds * 10 / Double(roundCount * batchCount)).rounded() / 10) µs"
        }
        return "| \(count) | " + cells.joined(separator: " | ") + " |"
    }

    private static func hash(_ number: Int) -> ObjectHash { ObjectHash(of: withUnsafeBytes(of: number) { Array($0) }) }

    private static func come(_ numbers: Range<Int>, _ catalog: Catalog) throws {
        try catalog.record(
            numbers.map { .object(KnownObject(hash: hash($0), kind: .blob, type: nil, byteCount: 4096), held: true) }
        )
    }

    /// No object is read.
    private struct Nowhere: Objects.LocalObjects {
        func localBytes(of hash: ObjectHash) throws(ObjectError) -> [UInt8]? { nil }
        func localByteCount(of hash: ObjectHash) throws(ObjectError) -> Int? { nil }
    }
}
