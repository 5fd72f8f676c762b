import Catalog
package import Objects
import Storage
import Views

/// Tells of paths whether they are here and why: since when, who fetched them, which rule keeps or drops them, who has
/// them.
package struct ExplainPaths: NodeCommand {
    package static let name = "why"

    /// Paths in the tree, or hashes.
    package var names: [String]

    package init(names: [String]) { self.names = names }

    package struct Origin: Codable, Sendable, Hashable {
        /// reader, command, pin, policy or prefetch.
        package var reason: String
        package var program: String?
        package var holder: String
        /// Milliseconds since 1970.
        package var time: Int64
    }

    package struct Holder: Codable, Sendable, Hashable {
        package var name: String
        /// Milliseconds since 1970; null: it was not asked to prove it.
        package var verified: Int64?
    }

    package struct Item: Codable, Sendable, Hashable {
        package var path: String
        /// null: it is no file of one object.
        package var hash: ObjectHash?
        package var files: Int
        package var localFiles: Int
        package var byteCount: Int
        package var localByteCount: Int
        /// Since when all of it is here, in milliseconds since 1970; null: it is not, or that is not known.
        package var since: Int64?
        package var origin: Origin?
        /// The rule that keeps it here or lets it go.
        package var rule: String?
        package var pin: String?
        package var holders: [Holder]
        /// Why its last fetch failed.
        package var error: String?
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let walk = TreeWalk(view: node.view())
        let targets = try names.map { try ($0, Target($0, on: node, walk)) }
        for (name, target) in targets { try await emit(Explanation(node: node, walk: walk).item(name, target)) }
    }
}

/// Looks up what is known of one thing.
private struct Explanation {
    let node: Node
    let walk: TreeWalk

    func item(_ name: String, _ target: Target) throws -> ExplainPaths.Item {
        var counts = FileCounts()
        var hash: ObjectHash?
        switch target {
        case .object(let own):
            guard let known = try node.catalog.known(own) else { throw ObjectError.unknown }
            hash = own
            let byteCount = known.object.byteCount
            counts.add(
                byteCount: byteCount,
                localByteCount: known.held ? byteCount : node.reader.partialByteCount(of: own)
            )
        case .entry(let entry):
            if case .object(let own) = entry.kind { hash = own }
            var files = walk.files(below: entry)
            while let file = try files.next() {
                counts.add(byteCount: file.byteCount, localByteCount: localByteCount(of: file))
            }
        }
        var item = ExplainPaths.Item(
            path: name,
            hash: hash,
            files: counts.fileCount,
            localFiles: counts.localFileCount,
            byteCount: counts.byteCount,
            localByteCount: counts.localByteCount,
            pin: try node.pins.pin(holding: target.pinTarget)?.description,
            holders: []
        )
        if let hash { try describe(hash, &item) }
        return item
    }

    private func localByteCount(of file: Entry) -> Int {
        guard case .object(let hash) = file.kind, file.localByteCount < file.byteCount else {
            return file.localByteCount
        }
        return node.reader.partialByteCount(of: hash)
    }

    private func describe(_ hash: ObjectHash, _ item: inout ExplainPaths.Item) throws {
        if item.localFiles == item.files {
            item.origin = try node.catalog.origin(of: hash).map(ExplainPaths.Origin.init)
            item.since = item.origin?.time ?? node.catalog.verdict(of: hash)?.changed.wholeMilliseconds
        }
        item.rule = try node.rule(for: hash)
        item.holders = try node.confirmedHolders(of: hash)
        item.error = node.errorText(of: hash)
    }
}

extension Node {
    /// Why an object that is not here could not be read last, in words.
    func errorText(of hash: ObjectHash) -> String? {
        guard let words = gatekeeper.errorText(of: hash) else { return links.errorText(of: hash) }
        return (try? catalog.known(hash))??.held == true ? nil : words
    }

    /// The rule that keeps an object here or lets it go, in words.
    fileprivate func rule(for hash: ObjectHash) throws -> String? { try grounds(of: [hash])[hash].map { "\($0)" } }

    /// Who is known to have an object, and who of them has proven it.
    fileprivate func confirmedHolders(of hash: ObjectHash) throws -> [ExplainPaths.Holder] {
        let proofs = try catalog.confirmations(of: [hash])[hash] ?? []
        let names = Set(try catalog.holders(of: hash)).union(proofs.map(\.instance)).sorted()
        return names.map { name in
            .init(name: name, verified: proofs.first { $0.instance == name }?.time.wholeMilliseconds)
        }
    }
}

extension ExplainPaths.Origin {
    fileprivate init(_ origin: ObjectOrigin) {
        (program, holder, time) = (origin.program, origin.holder, origin.time.wholeMilliseconds)
        reason =
            switch origin.reason {
            case .reader: "reader"
            case .command: "command"
            case .pin: "pin"
            case .policy: "policy"
            case .prefetch: "prefetch"
            }
    }

    /// For people.
    fileprivate var words: String {
        let why =
            switch reason {
            case "reader": "read by \(program ?? "a program")"
            case "command": "`iom \(program ?? "fetch")`"
            case "pin": "because it is pinned"
            case "policy": "because the configuration asks for it"
            default: "because it was likely to be read next"
            }
        return "\(ExplainPaths.Item.words(forTime: time)), \(why), from \(holder)"
    }
}

extension ExplainPaths.Item {
    /// For people: a title, then lines of a label and what it says.
    package var lines: [String] {
        var facts = [("local", localWords)]
        if let origin { facts.append(("fetched", origin.words)) }
        if let rule = rule ?? pin.map({ "pinned by `\($0)`" }) { facts.append(("rule", rule)) }
        if hash != nil {
            let names = holders.map { holder in
                holder.name + (holder.verified.map { " (verified \(Self.words(forTime: $0)))" } ?? " (not verified)")
            }
            facts.append(("holders", names.isEmpty ? "nobody else is known to have it" : names.joined(separator: ", ")))
        }
        if let error { facts.append(("error", error)) }
        return [path] + facts.map { "  " + $0.0 + String(repeating: " ", count: 9 - $0.0.count) + $0.1 }
    }

    private var localWords: String {
        if hash == nil, files != 1 {
            return "\(localFiles) of \(files) file(s), \(ByteCount(localByteCount)) of \(ByteCount(byteCount))"
        }
        guard localFiles == files else {
            return localByteCount > 0
                ? "\(ByteCount(localByteCount)) of \(ByteCount(byteCount))" : "no, \(ByteCount(byteCount))"
        }
        return "yes, \(ByteCount(byteCount))" + (since.map { ", since \(Self.words(forTime: $0))" } ?? "")
    }

    fileprivate static func words(forTime milliseconds: Int64) -> String {
        let time = CivilTime(milliseconds: Double(milliseconds))
        return "\(time.dayText) \(time.clockText) UTC"
    }
}

extension Timestamp {
    fileprivate var wholeMilliseconds: Int64 { nanoseconds / 1_000_000 }
}
