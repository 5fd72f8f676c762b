import Catalog
import Objects
import Peers
import Views

/// Tells what reading paths to the end would fetch: how much, from whom, and how long it may take.
package struct EstimateCost: NodeCommand {
    package static let name = "cost"
    package static var needsPeers: Bool { true }

    /// Paths in the tree, or hashes.
    package var names: [String]

    package init(names: [String]) { self.names = names }

    package struct Item: Codable, Sendable, Hashable {
        package struct Holder: Codable, Sendable, Hashable {
            package var name: String
            package var files: Int
            package var byteCount: Int
            package var isConnected: Bool
        }

        package var path: String
        package var files = 0
        package var byteCount = 0
        /// Of those, not here.
        package var missingFiles = 0
        package var missingByteCount = 0
        /// Who is known to have what is missing.
        package var holders: [Holder] = []
        /// Of the missing files, those that nobody who is connected has.
        package var unreachableFiles = 0
        /// null: too little was fetched lately from whoever would be asked.
        package var expectedSeconds: Double?

        init(path: String) { self.path = path }
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let walk = TreeWalk(view: node.view())
        let targets = try names.map { try ($0, Target($0, on: node, walk)) }
        for (name, target) in targets {
            var estimate = Estimate(of: name, on: node)
            switch target {
            case .object(let hash):
                guard let known = try node.catalog.known(hash) else { throw ObjectError.unknown }
                try estimate.add(hash, known.object.byteCount, localByteCount: known.held ? known.object.byteCount : 0)
            case .entry(let entry):
                var files = walk.files(below: entry)
                while let file = try files.next() {
                    var hash: ObjectHash?
                    if case .object(let own) = file.kind { hash = own }
                    try estimate.add(hash, file.byteCount, localByteCount: file.localByteCount)
                }
            }
            try await emit(estimate.item)
        }
    }
}

/// The cost of one path, added up file by file.
private struct Estimate {
    private let node: Node
    /// Connected instances, the best to ask first.
    private let connected: [String]
    private var sum: EstimateCost.Item
    private var held: [String: (files: Int, byteCount: Int)] = [:]
    private var work: [String: RateBook.Work] = [:]

    init(of path: String, on node: Node) {
        (self.node, sum) = (node, EstimateCost.Item(path: path))
        connected = node.links.sessionsWithDetails.map(\.member.name)
    }

    /// `hash` is nil for a document.
    mutating func add(_ hash: ObjectHash?, _ byteCount: Int, localByteCount: Int) throws {
        sum.files += 1
        sum.byteCount += byteCount
        let missing = byteCount - min(byteCount, localByteCount)
        guard missing > 0 else { return }
        sum.missingFiles += 1
        sum.missingByteCount += missing
        // A document is made of messages that whoever keeps details has.
        let names = try hash.map { try node.catalog.holders(of: $0) } ?? connected
        for name in names {
            held[name, default: (0, 0)].files += 1
            held[name, default: (0, 0)].byteCount += missing
        }
        guard let holder = connected.first(where: names.contains) else { return sum.unreachableFiles += 1 }
        work[holder, default: RateBook.Work()].add(missing)
    }

    var item: EstimateCost.Item {
        var item = sum
        item.holders = held.map { name, share in
            .init(name: name, files: share.files, byteCount: share.byteCount, isConnected: connected.contains(name))
        }
        item.holders.sort { ($1.files, $0.name) < ($0.files, $1.name) }
        if sum.unreachableFiles == 0 {
            // Different instances are asked at once.
            let seconds = work.map { node.links.rates.seconds(for: $1, from: $0) }
            if !seconds.contains(nil) { item.expectedSeconds = seconds.compactMap(\.self).max() ?? 0 }
        }
        return item
    }
}

extension EstimateCost.Item {
    /// For people.
    package var lines: [String] {
        guard missingFiles > 0 else { return ["\(path): all \(files) file(s) are here, \(ByteCount(byteCount))"] }
        var lines = [
            "\(path): \(missingFiles) of \(files) file(s) not here, \(ByteCount(missingByteCount)) of \(ByteCount(byteCount))"
        ]
        for holder in holders {
            let state = holder.isConnected ? "" : ", not connected"
            lines.append("  \(holder.name) has \(holder.files) file(s), \(ByteCount(holder.byteCount))\(state)")
        }
        if unreachableFiles > 0 {
            lines.append("  \(unreachableFiles) file(s) cannot be fetched now: nobody who has them is connected")
        }
        lines.append(
            "  expected: \(expectedSeconds.map(Self.words(forSeconds:)) ?? "unknown, too little was fetched lately to tell")"
        )
        return lines
    }

    private static func words(forSeconds seconds: Double) -> String {
        switch seconds {
        case ..<1: "less than a second"
        case ..<100: "about \(Int(seconds.rounded(.up))) s"
        case ..<6_000: "about \(Int((seconds / 60).rounded(.up))) minutes"
        default: "about \(Int((seconds / 3_600).rounded(.up))) hours"
        }
    }
}
