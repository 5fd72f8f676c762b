package import Objects
import Synchronization

/// Answers of the exporting side (one-protocol 4.3-4.5): what a person may have, and of that what it was told of.
///
/// One for all connections of an instance.
package final class Exporter: Sendable {
    /// Lists that are kept to make the next ones of, so many entries together.
    private static let keptCountMax = 1_000_000

    private static let incompleteCountMax = 10_000

    let source: any ExportSource
    private let state = Mutex(State())

    private struct State {
        var audiences: [IDHash: Audience] = [:]
        var closures: [IDHash: Closure] = [:]
        /// Versions that cannot be given now, and what is missing of each.
        var incomplete: [ObjectHash: ObjectHash] = [:]
    }

    /// A person with running sessions.
    private struct Audience {
        var sessionCount = 0
        var roots: Set<AccessibleRoot> = []
        /// What may be asked for.
        var offered: Set<ObjectHash> = []
    }

    package init(source: any ExportSource) { self.source = source }

    /// A session with a person begins.
    package func begin(_ person: IDHash) {
        state.withLock { $0.audiences[person, default: Audience()].sessionCount += 1 }
    }

    /// It has ended; with the last one what the person was told of is forgotten.
    package func end(_ person: IDHash) {
        state.withLock { state in
            state.audiences[person]?.sessionCount -= 1
            if state.audiences[person]?.sessionCount ?? 0 <= 0 { state.audiences[person] = nil }
        }
    }

    /// Service 2.
    ///
    /// What was taken back is not served any more, unlike by the reference: then the person begins anew with what is left.
    package func roots(for person: IDHash) throws -> [AccessibleRoot] {
        let roots = try source.roots(for: person).prefix(ChumService.rootCountMax).filter(isComplete)
        let current = Set(roots)
        state.withLock { state in
            guard var audience = state.audiences[person] else { return }
            let covered = Set(current.map(\.grant))
            if !audience.roots.allSatisfy({ covered.contains($0.grant) }) { audience.offered = [] }
            audience.roots = current
            for root in roots { audience.offered.formUnion(root.offered) }
            state.audiences[person] = audience
        }
        return roots
    }

    /// Services 4 and 5.
    package func children(of root: ObjectChild, for person: IDHash) throws -> [ObjectChild] {
        let code = root.kind == .id ? "CES-GIDOC1" : "CES-GOC1"
        guard isOffered(root.hash, to: person) else { throw Self.unauthorized(code, "children of", root.hash) }
        let children: [ObjectChild]
        do { children = try closure(of: root, for: person) } catch let missing as MissingPart {
            state.withLock { state in
                if state.incomplete.count >= Self.incompleteCountMax { state.incomplete = [:] }
                state.incomplete[root.hash] = missing.hash
            }
            throw CallFailure.chum("CES-MISSING", "\(missing.hash), which belongs to it, is not here")
        }
        state.withLock { $0.audiences[person]?.offered.formUnion(children.lazy.map(\.hash)) }
        return children
    }

    /// Whether nothing is known to be missing of a version: the reference ends CHUM when one cannot be given, and all
    /// others would wait for it.
    private func isComplete(_ root: AccessibleRoot) throws -> Bool {
        guard case .versionNode(let node, _, _) = root, let missing = state.withLock({ $0.incomplete[node] }) else {
            return true
        }
        guard try source.microdata(of: missing) != nil else { return false }
        state.withLock { $0.incomplete[node] = nil }
        return true
    }

    private func closure(of root: ObjectChild, for person: IDHash) throws -> [ObjectChild] {
        let thing = state.withLock { state in
            state.audiences[person]?.roots.lazy.compactMap { candidate -> IDHash? in
                if case .versionNode(root.hash, let id, _) = candidate { id } else { nil }
            }.first
        }
        guard let thing, let bytes = try source.microdata(of: root.hash),
            let node = (try? Microdata.object(from: bytes, .standard)).flatMap(VersionNode.init(object:)),
            node.predecessors.isEmpty
        else { return Array(try Closure(of: root, in: source).children.dropFirst()) }
        let former = state.withLock { $0.closures[thing] }
        let closure = try Closure(of: ObjectChild(.object, node.data), in: source, former: former)
        state.withLock { state in
            state.closures[thing] = closure
            if state.closures.values.reduce(0, { $0 + $1.children.count }) > Self.keptCountMax { state.closures = [:] }
        }
        return closure.children
    }

    /// Services 6 and 7.
    ///
    /// Who has an object may have what it refers to, listed or not: so that news can be asked for without the list of all
    /// that was there before. The reference serves what is listed only.
    package func microdata(of hash: ObjectHash, isID: Bool, for person: IDHash) throws -> String {
        let (code, word) = isID ? ("CES-GIDO", "id obj") : ("CES-GO", "obj")
        guard isOffered(hash, to: person) else { throw Self.unauthorized("\(code)1", word, hash) }
        let bytes = try source.microdata(of: hash) ?? []
        let isRight = KnownObject(hash: hash, bytes: bytes).kind == (isID ? .id : .one)
        guard isRight, let text = String(validating: bytes, as: UTF8.self) else {
            throw CallFailure.chum("\(code)2", "no \(word) \(hash)")
        }
        let references = (try? Microdata.references(in: bytes, .standard)) ?? []
        state.withLock { state in
            // It may have been taken back meanwhile.
            guard state.audiences[person]?.offered.contains(hash) == true else { return }
            state.audiences[person]?.offered.formUnion(references.lazy.map(\.hash))
        }
        return text
    }

    func requireBlob(_ hash: ObjectHash, for person: IDHash) throws {
        guard isOffered(hash, to: person) else { throw Self.unauthorized(ChumService.blobNotAccessible, "BLOB", hash) }
    }

    private func isOffered(_ hash: ObjectHash, to person: IDHash) -> Bool {
        state.withLock { $0.audiences[person]?.offered.contains(hash) ?? false }
    }

    private static func unauthorized(_ code: String, _ what: String, _ hash: ObjectHash) -> CallFailure {
        .chum(code, "Unauthorized, \(what) \(hash)")
    }
}

extension AccessibleRoot {
    /// What was granted, whatever the current version is.
    fileprivate var grant: ObjectHash {
        if case .versionNode(_, let id, _) = self { id.objectHash } else { hash }
    }
}
