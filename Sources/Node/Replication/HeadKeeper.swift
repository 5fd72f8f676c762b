import Catalog
import Objects

extension Author {
    /// What became of a head another own instance has.
    enum HeadOutcome: Hashable {
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
    func adopt(_ heads: [(id: IDHash, node: ObjectHash)]) throws -> [HeadOutcome] {
        guard !heads.isEmpty else { return [] }
        return try commit { draft in
            try heads.map { head in
                do {
                    return try adopt(head: head.node, of: head.id, into: &draft)
                } catch ObjectError.unreachable {
                    return .incomplete
                } catch ObjectError.damaged {
                    return .unusable
                } catch is MicrodataError {
                    return .unusable
                }
            }
        }
    }

    private func adopt(head remote: ObjectHash, of idHash: IDHash, into draft: inout Draft) throws -> HeadOutcome {
        let remoteNode = try draft.node(remote)
        let remoteVersion = try draft.object(remoteNode.data)
        guard try EncodedObject(remoteVersion, book).idHash == idHash else { return .unusable }
        guard let local = try draft.head(of: idHash) else {
            draft.setHead(remote, of: idHash)
            return .adopted
        }
        if local == remote { return .alreadyKnown }
        let nodes = draft
        let read = { (hash: ObjectHash) throws(ObjectError) in try nodes.storedNode(hash) }
        let localNode = try draft.node(local)
        // Where not all versions are kept, those before the older one are not asked for.
        let (localDepth, remoteDepth) =
            catalog.isSparse ? (localNode.depth, remoteNode.depth) : (-.infinity, -.infinity)
        if try VersionNode.isAncestor(remote, of: local, above: remoteDepth, node: read) { return .alreadyKnown }
        if try VersionNode.isAncestor(local, of: remote, above: localDepth, node: read) {
            draft.setHead(remote, of: idHash)
            return .adopted
        }
        let merged = try unite(draft.object(localNode.data), localNode, remoteVersion, remoteNode, &draft)
        // Both sides make the same node, whichever is local (one-format 2.4).
        let node = VersionNode(
            link: .merge([local, remote].sorted()),
            data: merged,
            depth: max(localNode.depth, remoteNode.depth) + 1,
            creationTime: max(localNode.creationTime, remoteNode.creationTime)
        )
        try draft.add(node, headOf: idHash)
        return .merged
    }

    /// The data of a version that unites two: for a channel all entries of both, else the later one as a whole.
    private func unite(
        _ local: OneObject,
        _ localNode: VersionNode,
        _ remote: OneObject,
        _ remoteNode: VersionNode,
        _ draft: inout Draft
    ) throws -> ObjectHash {
        guard local.type == "ChannelInfo" else {
            let isLocalLater =
                (localNode.creationTime, localNode.depth, localNode.data)
                > (remoteNode.creationTime, remoteNode.depth, remoteNode.data)
            return isLocalLater ? localNode.data : remoteNode.data
        }
        func head(_ object: OneObject) -> ObjectHash? {
            if case .reference(let hash)? = object["head"] { hash } else { nil }
        }
        var merged = local
        merged["head"] = try ChannelList.merge(head(local), head(remote), into: &draft).map(Value.reference)
        return try draft.add(merged).hash
    }
}
