import FoundationEssentials
package import Objects

/// Something a person may have with all it leads to (one-protocol 4.4).
package enum AccessibleRoot: Hashable, Sendable {
    case unversioned(ObjectHash, type: String)
    case versioned(ObjectHash, id: IDHash, type: String)
    case id(IDHash, type: String)
    case versionNode(ObjectHash, id: IDHash, type: String)

    /// What is asked for: an object, or for `id` an ID object.
    package var hash: ObjectHash {
        switch self {
        case .unversioned(let hash, _), .versioned(let hash, _, _), .versionNode(let hash, _, _): hash
        case .id(let id, _): id.objectHash
        }
    }

    package var type: String {
        switch self {
        case .unversioned(_, let type), .versioned(_, _, let type), .id(_, let type), .versionNode(_, _, let type): type
        }
    }

    /// What the other side may ask for once it was told of this root.
    var offered: [ObjectHash] {
        switch self {
        case .versioned(let hash, let id, _): [hash, id.objectHash]
        default: [hash]
        }
    }
}

/// The JSON of a root; which members it has depends on `type`.
private struct RootText: Codable {
    var type: String
    var hash: String?
    var node: String?
    var idHash: String?
    var dataIdHash: String?
    var oneType: String?
    var dataType: String?
}

extension AccessibleRoot {
    /// The answer of service 2.
    static func text(of roots: [Self]) -> String { JSONText.encode(roots.map(\.wire)) }

    /// Brackets, braces and commas for one of them.
    private static let markCount = 5

    /// Reads the answer of service 2; nil if it is none.
    static func roots(from text: String) -> [Self]? {
        guard JSONText.hasFewMarks(text, countMax: ChumService.rootCountMax * markCount),
            let items = JSONText.decode([RootText].self, from: text), items.count <= ChumService.rootCountMax
        else { return nil }
        let roots = items.compactMap(Self.init)
        return roots.count == items.count ? roots : nil
    }

    private var wire: RootText {
        switch self {
        case .unversioned(let hash, let type): RootText(type: "unversioned", hash: hash.hex, oneType: type)
        case .versioned(let hash, let id, let type):
            RootText(type: "versioned", hash: hash.hex, idHash: id.hex, oneType: type)
        case .id(let id, let type): RootText(type: "id", idHash: id.hex, oneType: type)
        case .versionNode(let node, let id, let type):
            RootText(type: "version_node", node: node.hex, dataIdHash: id.hex, dataType: type)
        }
    }

    private init?(_ text: RootText) {
        let hash = text.hash.flatMap { ObjectHash(hex: $0) }
        let id = text.idHash.flatMap { IDHash(hex: $0) }
        switch text.type {
        case "unversioned":
            guard let hash, let type = text.oneType else { return nil }
            self = .unversioned(hash, type: type)
        case "versioned":
            guard let hash, let id, let type = text.oneType else { return nil }
            self = .versioned(hash, id: id, type: type)
        case "id":
            guard let id, let type = text.oneType else { return nil }
            self = .id(id, type: type)
        case "version_node":
            guard let node = text.node.flatMap({ ObjectHash(hex: $0) }),
                let id = text.dataIdHash.flatMap({ IDHash(hex: $0) }), let type = text.dataType
            else { return nil }
            self = .versionNode(node, id: id, type: type)
        default: return nil
        }
    }
}
