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
        /// Of a reader or a command; null: not known, or brought ahead.
        package var program: String?
        /// Why it was brought ahead; null: it was not, or that is not known.
        package var because: String?
        /// Who gave it; null: several, or not known.
        package var holder: String?
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
        var ahead: AheadLedger<Foresight.Thing>.Item?
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
            if entry.kind == .document { ahead = node.foresight.origin(of: .document(entry.number))?.item }
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
        if let ahead, item.localFiles == item.files { item.origin = .init(ahead) }
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
        (holder, time) = (origin.holder, origin.time.wholeMilliseconds)
        switch origin.reason {
        case .reader: (reason, program) = ("reader", origin.cause)
        case .command: (reason, program) = ("command", origin.cause)
        case .pin: (reason, because) = ("pin", origin.cause.map { "of the pin `\($0)`" })
        case .policy: (reason, because) = ("policy", origin.cause.map { "of the rule `\($0)`" })
        case .prefetch: (reason, because) = ("prefetch", origin.cause)
        }
    }

    /// Of something that is no object of its own.
    fileprivate init(_ ahead: AheadLedger<Foresight.Thing>.Item) {
        (reason, because) = ("prefetch", ahead.why.words)
        time = Timestamp(milliseconds: ahead.time * 1_000).wholeMilliseconds
    }

    /// For people.
    fileprivate var words: String {
        let why =
            switch reason {
            case "reader": "read by \(program ?? "a program")"
            case "command": "by `iom \(program ?? "fetch")`"
            case "pin": "brought ahead because \(because ?? "it was pinned")"
            case "policy": "brought ahead because \(because ?? "the configuration asks for it")"
            default: "brought ahead because \(because ?? "it was likely to be read next")"
            }
        return "\(Timestamp(wholeMilliseconds: time).words), \(why)" + (holder.map { ", from \($0)" } ?? "")
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
                holder.name
                    + (holder.verified.map { " (verified \(Timestamp(wholeMilliseconds: $0).words))" }
                        ?? " (not verified)")
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
        return "yes, \(ByteCount(byteCount))"
            + (since.map { ", since \(Timestamp(wholeMilliseconds: $0).words)" } ?? "")
    }
}
