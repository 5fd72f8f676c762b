import Catalog
import Objects
import Peers
import Storage

/// Brings the bytes of paths or hashes to this device.
///
/// What is here already is passed over, so that it can be interrupted and begun again.
package struct FetchPaths: NodeCommand {
    package static let name = "fetch"
    package static var needsPeers: Bool { true }

    /// Paths in the tree, or hashes; folders with everything below.
    package var names: [String]

    package init(names: [String]) { self.names = names }

    /// How far it is; the last one tells the outcome.
    package struct Item: Codable, Sendable {
        package var files = 0
        package var byteCount = 0
        package var alreadyHere = 0
        package var failed = 0
        package var isLast = false
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let walk = TreeWalk(view: node.view())
        // A name that is wrong is told before anything is fetched.
        let wanted = try names.map { try Target($0, on: node, walk) }
        var tally = try await withThrowingTaskGroup(of: FetchTally.Part.self) { group in
            var tally = FetchTally(time: node.time)
            func bring(_ hash: ObjectHash, _ byteCount: Int?) async throws {
                while tally.isFull, let part = try await group.next() { tally.add(part) }
                if let item = tally.report() { try await emit(item) }
                guard try node.store.localByteCount(of: hash) == nil else { return tally.passOver() }
                guard tally.begin(hash) else { return }
                node.origins.note(hash, .command, by: "fetch")
                group.addTask { await Self.bring(hash, byteCount, node) }
            }
            for thing in wanted {
                switch thing {
                case .object(let hash):
                    try await node.find(hash)
                    try await bring(hash, nil)
                case .entry(let entry):
                    var files = walk.files(below: entry)
                    while let file = try files.next() {
                        if case .object(let hash) = file.kind { try await bring(hash, file.byteCount) }
                        if file.kind == .document, file.localByteCount < file.byteCount {
                            try await node.reader.bring(document: file.number)
                        }
                    }
                }
            }
            for try await part in group {
                tally.add(part)
                if let item = tally.report() { try await emit(item) }
            }
            return tally
        }
        tally.item.isLast = true
        try await emit(tally.item)
        guard let failure = tally.failure else { return }
        let words = CommandError.words(for: failure)
        let count = tally.item.failed + tally.item.files + tally.item.alreadyHere
        throw CommandError("\(tally.item.failed) of \(count) could not be fetched: \(words)", exitCode: 3)
    }

    /// `byteCount` is nil where only the hash is known.
    private static func bring(_ hash: ObjectHash, _ byteCount: Int?, _ node: Node) async -> FetchTally.Part {
        do throws(ObjectError) {
            guard try await node.fetcher.fetch(hash, priority: .background) == nil else {
                return .init(hash: hash, outcome: .failure(.noSpace))
            }
            if let byteCount { return .init(hash: hash, outcome: .success(byteCount)) }
            return .init(hash: hash, outcome: .success(try node.store.localByteCount(of: hash) ?? 0))
        } catch {
            return .init(hash: hash, outcome: .failure(error))
        }
    }
}

/// What a fetch of many has come to, and what of it is under way.
private struct FetchTally {
    /// Objects under way at once: so many that requests are full, and no more than fit into memory.
    private static let flightsMax = 4096
    /// How often whoever waits hears of it.
    private static let reportInterval = Duration.milliseconds(250)

    struct Part: Sendable {
        var hash: ObjectHash
        /// Size in bytes.
        var outcome: Result<Int, ObjectError>
    }

    private let time: any Timekeeper
    private var reported: Duration
    private var flying: Set<ObjectHash> = []
    var item = FetchPaths.Item()
    private(set) var failure: ObjectError?

    init(time: any Timekeeper) { (self.time, reported) = (time, time.elapsed) }

    var isFull: Bool { flying.count >= Self.flightsMax }

    /// False: it is under way for another path.
    mutating func begin(_ hash: ObjectHash) -> Bool { flying.insert(hash).inserted }

    mutating func passOver() { item.alreadyHere += 1 }

    mutating func add(_ part: Part) {
        flying.remove(part.hash)
        switch part.outcome {
        case .success(let byteCount): (item.files, item.byteCount) = (item.files + 1, item.byteCount + byteCount)
        case .failure(let error): (item.failed, failure) = (item.failed + 1, error)
        }
    }

    /// How far it is, if that was not said for a while.
    mutating func report() -> FetchPaths.Item? {
        let now = time.elapsed
        guard now - reported >= Self.reportInterval else { return nil }
        reported = now
        return item
    }
}
