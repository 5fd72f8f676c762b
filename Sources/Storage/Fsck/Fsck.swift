import Glibc
package import Objects
import Synchronization
import SystemPackage

/// The check of everything in a store.
///
/// Reads only, unless it is to repair.
package struct Fsck: Sendable {
    /// How closely it looks.
    package enum Depth: String, Sendable, Codable {
        /// Every object is hashed, and every reference followed.
        case full
        /// Only files that are not as they were when last hashed are hashed; references are not followed.
        case fast
    }

    let store: ObjectStore
    let book: RecipeBook
    let depth: Depth
    let repairs: Bool
    /// Whether an object that is not here is known to be somewhere else, so that it may be missing here.
    let isKnown: @Sendable (ObjectHash) -> Bool

    package init(
        _ store: ObjectStore,
        _ book: RecipeBook = .standard,
        depth: Depth = .full,
        repairs: Bool = false,
        isKnown: @escaping @Sendable (ObjectHash) -> Bool = { _ in false }
    ) {
        (self.store, self.book, self.depth, self.repairs, self.isKnown) = (store, book, depth, repairs, isKnown)
    }

    /// Runs on all processors.
    ///
    /// `progress` is told how many objects of how many are hashed, from any of them.
    package func run(progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }) async throws -> FsckReport {
        var report = FsckReport(depth: depth)
        var survey = try surveyObjects()
        report.findings = survey.findings
        try await checkObjects(&survey, &report, progress)
        var nodes: [ObjectHash: VersionNode] = [:]
        if depth == .full { nodes = try await followReferences(survey, &report) }
        try checkHeads(survey, nodes, &report)
        return report
    }

    /// What is in the store, found by listing it and then by hashing.
    struct Survey: Sendable {
        /// The objects that are here, in order; those found damaged are taken out.
        var present: Set<ObjectHash> = []
        /// Microdata, whose references can be followed.
        var microdata: [ObjectHash] = []
        var findings: [FsckReport.Finding] = []

        /// Whether an object is here and whole.
        func has(_ hash: ObjectHash) -> Bool { present.contains(hash) }
    }

    /// Handles items on all processors, in batches, so that tasks of others get their turn.
    func concurrently<Item: Sendable, Outcome: Sendable>(
        _ items: [Item],
        _ body: @escaping @Sendable (Item) throws -> Outcome
    ) async throws -> [Outcome] {
        let next = Counter()
        return try await withThrowingTaskGroup { group in
            for _ in 0..<Self.processorCount {
                group.addTask {
                    var outcomes: [Outcome] = []
                    while let item = next.take(from: items) {
                        try Task.checkCancellation()
                        outcomes.append(try body(item))
                        await Task.yield()
                    }
                    return outcomes
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}

/// A number several tasks count up.
final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    /// The new value.
    func add(_ count: Int) -> Int { value.wrappingAdd(count, ordering: .relaxed).newValue }

    /// The next of these nobody has taken.
    func take<Item>(from items: [Item]) -> Item? {
        let index = value.wrappingAdd(1, ordering: .relaxed).oldValue
        return index < items.count ? items[index] : nil
    }
}
