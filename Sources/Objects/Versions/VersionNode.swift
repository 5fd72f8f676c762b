/// A version of a thing: a place in its history and the object that was current there (one-format 2.4).
package struct VersionNode: Hashable, Sendable {
    /// Where it stands in the history.
    package enum Link: Hashable, Sendable {
        /// The start of a branch.
        case edge
        /// The version after this one.
        case change(previous: ObjectHash?)
        /// Brings branches together.
        case merge([ObjectHash])
    }

    package var link: Link
    package var data: ObjectHash
    /// Steps from the start of the branch; for a merge the greatest of the merged plus one.
    package var depth: Double
    /// Milliseconds since 1970.
    package var creationTime: Double

    package init(link: Link, data: ObjectHash, depth: Double, creationTime: Double) {
        (self.link, self.data, self.depth, self.creationTime) = (link, data, depth, creationTime)
    }

    /// The node of a version that is made here: it follows the current one, or starts the history.
    package init(of data: ObjectHash, after head: ObjectHash?, _ current: Self?, at milliseconds: Double) {
        self.init(
            link: head.map { .change(previous: $0) } ?? .edge,
            data: data,
            depth: current.map { $0.depth + 1 } ?? 0,
            creationTime: milliseconds
        )
    }

    /// nil: not a version node.
    package init?(object: OneObject) {
        guard case .reference(let data) = object["data"], case .number(let depth) = object["depth"],
            case .number(let creationTime) = object["creationTime"]
        else { return nil }
        switch object.type {
        case "VersionNodeEdge": self.init(link: .edge, data: data, depth: depth, creationTime: creationTime)
        case "VersionNodeChange":
            var previous: ObjectHash?
            if case .reference(let hash) = object["prev"] { previous = hash }
            self.init(link: .change(previous: previous), data: data, depth: depth, creationTime: creationTime)
        case "VersionNodeMerge":
            guard case .list(let items) = object["nodes"] else { return nil }
            var nodes: [ObjectHash] = []
            for item in items {
                guard case .reference(let hash) = item else { return nil }
                nodes.append(hash)
            }
            self.init(link: .merge(nodes), data: data, depth: depth, creationTime: creationTime)
        default: return nil
        }
    }

    /// The ONE object.
    package var object: OneObject {
        let fields: [(String, Value?)] = [
            ("data", .reference(data)), ("depth", .number(depth)), ("creationTime", .number(creationTime)),
        ]
        return switch link {
        case .edge: OneObject("VersionNodeEdge", fields)
        case .change(let previous):
            OneObject("VersionNodeChange", [("prev", previous.map { .reference($0) })] + fields)
        case .merge(let nodes):
            OneObject("VersionNodeMerge", [("nodes", .list(nodes.map { .reference($0) }))] + fields)
        }
    }

    /// The nodes this one follows directly, in stored order.
    package var predecessors: [ObjectHash] {
        switch link {
        case .edge, .change(previous: nil): []
        case .change(let previous?): [previous]
        case .merge(let nodes): nodes
        }
    }
}
