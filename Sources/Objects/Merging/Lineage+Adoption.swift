extension Lineage {
    /// Takes over the head that another instance of the same owner has, with its history.
    ///
    /// It goes forward if one comes from the other. Else both are united, the earlier one being the first: the result,
    /// node and data, depends only on the two nodes, so that two instances that exchange heads end at the same one.
    ///
    /// `isSparse`: not all nodes are kept here, and those before the older of the two are not asked for.
    package mutating func adopt(_ remote: ObjectHash, isSparse: Bool) throws(MergeError) -> Outcome {
        let remoteNode = try node(remote)
        _ = try version(remoteNode.data)
        guard let head, let headNode = try headNode() else {
            setHead(remote)
            return .advanced
        }
        if head == remote { return .exists }
        if try isAncestor(remote, of: head, above: isSparse ? remoteNode.depth : -.infinity) { return .exists }
        if try isAncestor(head, of: remote, above: isSparse ? headNode.depth : -.infinity) {
            setHead(remote)
            return .advanced
        }
        let isHeadEarlier = (headNode.creationTime, head) < (remoteNode.creationTime, remote)
        let (first, second) = isHeadEarlier ? (head, remote) : (remote, head)
        var next = self
        try next.add(merged: next.mergeData(first, second), of: first, second)
        self = next
        return .merged
    }
}
