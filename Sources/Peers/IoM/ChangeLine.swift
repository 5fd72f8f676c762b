package import Objects

/// Changes of a feed in one piece; registrations come before the changes that need them.
package struct FeedBatch: Hashable, Sendable {
    package struct Item: Hashable, Sendable {
        package var sequence: Int64
        package var change: Change

        package init(sequence: Int64, change: Change) { (self.sequence, self.change) = (sequence, change) }
    }

    package var proofs: [RegistrationProof]
    package var changes: [Item]

    package init(proofs: [RegistrationProof] = [], changes: [Item] = []) {
        (self.proofs, self.changes) = (proofs, changes)
    }
}

/// A feed as it arrives.
package typealias FeedStream = LineStream<FeedBatch>

extension FeedBatch: LineBatch {
    package init(lines: some Sequence<Substring>) throws(CallError) {
        self.init()
        for line in lines {
            switch ChangeLine(text: line) {
            case .proof(let proof): proofs.append(proof)
            case .change(let item): changes.append(item)
            case nil: throw .violated("a line of the feed that is not one")
            }
        }
    }
}

/// A line of the feed (service 36): a change with its number, or a registration with its proof.
///
///     {"sequence":12,"hash":"…","kind":0,"type":"ChatMessage","byteCount":123,"held":true}
///     {"sequence":13,"id":"…","node":"…"}
///     {"proof":{"registration":"…","certificate":"…","signature":"…","license":"…"}}
package enum ChangeLine: Hashable, Sendable {
    case change(FeedBatch.Item)
    case proof(RegistrationProof)

    static let byteCountMax = 512 << 10
    /// Larger objects are not believed: sums of sizes have to fit, whatever is said.
    static let objectByteCountMax = 1 << 40
    static let typeByteCountMax = 255

    private struct Members: Codable {
        var sequence: Int64?
        var hash: ObjectHash?
        var kind: ObjectKind?
        var type: String?
        var byteCount: Int?
        var held: Bool?
        var id: IDHash?
        var node: ObjectHash?
        var proof: ProofText?
    }

    /// The line without its end.
    package var text: String {
        var members = Members()
        switch self {
        case .proof(let proof): members.proof = ProofText(proof)
        case .change(let item):
            members.sequence = item.sequence
            switch item.change {
            case .object(let object, let held):
                (members.hash, members.kind, members.type) = (object.hash, object.kind, object.type)
                (members.byteCount, members.held) = (object.byteCount, held)
            case .head(let id, let node): (members.id, members.node) = (id, node)
            }
        }
        return JSONText.encode(members)
    }

    /// nil if it is no such line.
    package init?(text: some StringProtocol) {
        guard text.utf8.count <= Self.byteCountMax, let members = JSONText.decode(Members.self, from: String(text))
        else { return nil }
        if let proof = members.proof?.proof {
            self = .proof(proof)
            return
        }
        guard let sequence = members.sequence, sequence >= 0, let change = Self.change(members) else { return nil }
        self = .change(FeedBatch.Item(sequence: sequence, change: change))
    }

    private static func change(_ members: Members) -> Change? {
        if let id = members.id, let node = members.node { return .head(id, node: node) }
        guard let hash = members.hash, let kind = members.kind, let byteCount = members.byteCount,
            (0...objectByteCountMax).contains(byteCount), let held = members.held,
            members.type?.utf8.count ?? 0 <= typeByteCountMax
        else { return nil }
        return .object(KnownObject(hash: hash, kind: kind, type: members.type, byteCount: byteCount), held: held)
    }
}
