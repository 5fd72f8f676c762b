import Catalog
package import Objects

extension Author {
    /// What became of a head another instance has.
    package enum HeadOutcome: Hashable, Sendable {
        /// It is the current version now, or was followed by it.
        case adopted, alreadyKnown
        /// Both had changes: a version with both is the head now.
        case merged
        /// Something it is made of is not here yet.
        case incomplete
        /// It is no version of this thing.
        case unusable
    }

    /// Takes over heads of another own instance, all made durable together; tells what became of each.
    ///
    /// A head goes forward if it descends from the one here, else both are united. The result depends only on the two
    /// versions, so that two instances that exchange heads end at the same one.
    package func adopt(_ heads: [(id: IDHash, node: ObjectHash)]) throws -> [HeadOutcome] {
        guard !heads.isEmpty else { return [] }
        let isSparse = catalog.isSparse
        return try commit { draft in
            try advance(heads.map { ($0.id, $0.node) }, in: &draft) { (lineage, node) throws(MergeError) in
                try lineage.adopt(node, isSparse: isSparse)
            }
        }
    }

    /// Takes in versions of somebody else, by the nodes they gave, which are in the draft or stored here as plain
    /// objects; tells what became of those of each thing (`Lineage.importing`).
    ///
    /// All of one thing that came together belong into one item: then their order does not matter.
    package func importVersions(
        _ offers: [(id: IDHash, nodes: [ObjectHash])],
        into draft: inout Draft
    ) throws -> [HeadOutcome] {
        try advance(offers.map { ($0.id, $0.nodes) }, in: &draft) { (lineage, nodes) throws(MergeError) in
            try lineage.importing(nodes)
        }
    }

    private func advance<Offer>(
        _ offers: [(IDHash, Offer)],
        in draft: inout Draft,
        by step: (inout Lineage, Offer) throws(MergeError) -> Lineage.Outcome
    ) throws -> [HeadOutcome] {
        try offers.map { id, offer in
            var lineage = try draft.lineage(of: id)
            do throws(MergeError) {
                let outcome = try step(&lineage, offer)
                draft.add(lineage)
                return HeadOutcome(outcome)
            } catch {
                return try HeadOutcome(error)
            }
        }
    }
}

extension Author.HeadOutcome {
    fileprivate init(_ outcome: Lineage.Outcome) {
        self =
            switch outcome {
            case .exists: .alreadyKnown
            case .advanced: .adopted
            case .merged: .merged
            }
    }

    /// Throws what is wrong here, and not with what was offered.
    fileprivate init(_ error: MergeError) throws {
        switch error {
        case .unreadable(.unreachable), .unreadable(.unknown): self = .incomplete
        case .unreadable(.damaged), .damaged, .impossible: self = .unusable
        case .unreadable(let error): throw error
        }
    }
}
