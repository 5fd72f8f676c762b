import Catalog
import Objects
import Peers
import Storage
import Synchronization

/// On an instance that keeps only part of the messages: what of the granted is here with all it leads to.
///
/// Only that is offered to contacts, who would take anything less for damage. The rest is brought from the owner's other
/// instances and offered when it is here; while none of those is in reach it stays unsaid. Contacts are not left to an
/// instance that keeps everything: that one may not have the owner's key, and could not prove to them who it is.
final class ExportStock: Sendable {
    /// Hashes that are remembered; beyond that all are looked at again.
    private static let walkedMax = 1_000_000
    /// Roots that wait to be brought.
    private static let pendingMax = 10_000

    private let node: Node
    private let state = Mutex(State())
    private let (news, more) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    private struct State {
        /// What was here with all it leads to when it was looked at.
        var walked: Set<ObjectHash> = []
        /// By their roots.
        var pending: [ObjectHash: Walk] = [:]
    }

    /// How far something was followed.
    private struct Walk {
        var open: [ObjectHash]
        var seen: Set<ObjectHash> = []
        /// What was not here.
        var absent: Set<ObjectHash> = []
    }

    init(node: Node) { self.node = node }

    /// Whether something with these bytes can be offered; if not, what is missing is brought while `run` runs.
    func isWhole(_ hash: ObjectHash, bytes: [UInt8]) -> Bool {
        guard state.withLock({ !$0.walked.contains(hash) && $0.pending[hash] == nil }) else {
            return state.withLock { $0.walked.contains(hash) }
        }
        var walk = Walk(open: Self.references(in: bytes))
        do {
            try advance(&walk)
        } catch {
            return false
        }
        guard !walk.absent.isEmpty else {
            finish(walk, of: hash)
            return true
        }
        state.withLock { if $0.pending.count < Self.pendingMax { $0.pending[hash] = walk } }
        more.yield()
        return false
    }

    /// This is not here: if it was, all is looked at again.
    func missed(_ hash: ObjectHash) { state.withLock { if $0.walked.contains(hash) { $0.walked = [] } } }

    /// Brings what is missing, until cancelled.
    func run() async {
        for await _ in news {
            while !Task.isCancelled, let (hash, walk) = state.withLock({ $0.pending.first }) {
                var walk = walk
                let isWhole = (try? await complete(&walk)) ?? false
                // Who asks again has what is still missing brought again.
                if isWhole {
                    finish(walk, of: hash)
                } else {
                    state.withLock { _ = $0.pending.removeValue(forKey: hash) }
                }
            }
        }
    }

    /// False: some of it is nowhere in reach.
    private func complete(_ walk: inout Walk) async throws -> Bool {
        while !walk.absent.isEmpty {
            for session in node.links.sessionsWithDetails {
                let missing = try walk.absent.filter { try node.store.localByteCount(of: $0) == nil }
                guard !missing.isEmpty else { break }
                let own = Hello(name: node.configuration.instance.name, role: "", feed: "")
                // One that does not answer keeps nobody from asking the next.
                try? await Follower(node: node, session: session, own: own).bring(missing.sorted())
            }
            let before = walk.absent
            try advance(&walk)
            guard before.isDisjoint(with: walk.absent) else { return false }
        }
        return true
    }

    /// Goes on as far as objects are here.
    private func advance(_ walk: inout Walk) throws {
        walk.open += walk.absent
        walk.absent = []
        while let hash = walk.open.popLast() {
            guard !walk.seen.contains(hash), !state.withLock({ $0.walked.contains(hash) }) else { continue }
            guard let bytes = try node.store.localBytes(of: hash) else {
                walk.absent.insert(hash)
                continue
            }
            walk.seen.insert(hash)
            walk.open += Self.references(in: bytes)
            guard walk.seen.count <= Self.walkedMax else { throw ObjectError.noSpace }
        }
    }

    private func finish(_ walk: Walk, of hash: ObjectHash) {
        state.withLock { state in
            state.pending[hash] = nil
            if state.walked.count + walk.seen.count >= Self.walkedMax { state.walked = [] }
            state.walked.formUnion(walk.seen)
            state.walked.insert(hash)
        }
    }

    /// Blobs and clobs are brought when somebody reads them.
    private static func references(in bytes: [UInt8]) -> [ObjectHash] {
        let references = (try? Microdata.references(in: bytes, .standard)) ?? []
        return references.filter { $0.kind == .object || $0.kind == .id }.map(\.hash)
    }
}
