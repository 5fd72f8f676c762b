import FoundationEssentials
package import Objects

/// Something a root leads to, as services 4 and 5 name it: every one after what refers to it (one-protocol 4.4).
package struct ObjectChild: Hashable, Sendable {
    package var kind: Reference.Kind
    package var hash: ObjectHash

    package init(_ kind: Reference.Kind, _ hash: ObjectHash) { (self.kind, self.hash) = (kind, hash) }
}

extension ObjectChild {
    /// Brackets, braces and commas for one of them.
    private static let markCount = 3

    private struct Text: Decodable {
        var type: String
        var hash: String
    }

    /// The answer of services 4 and 5; put together by hand, as there may be hundreds of thousands.
    static func text(of children: [Self]) -> String {
        var text = "["
        text.reserveCapacity(children.count * 96 + 2)
        for (index, child) in children.enumerated() {
            if index > 0 { text += "," }
            text += "{\"type\":\"\(child.kind.word)\",\"hash\":\"\(child.hash.hex)\"}"
        }
        return text + "]"
    }

    /// Reads the answer of services 4 and 5; nil if it is none.
    static func children(from text: String) -> [Self]? {
        guard JSONText.hasFewMarks(text, countMax: ChumService.childCountMax * markCount),
            let items = JSONText.decode([Text].self, from: text), items.count <= ChumService.childCountMax
        else { return nil }
        var children: [Self] = []
        children.reserveCapacity(items.count)
        for item in items {
            guard let kind = Reference.Kind(word: item.type), let hash = ObjectHash(hex: item.hash) else { return nil }
            children.append(Self(kind, hash))
        }
        return children
    }
}

extension Reference.Kind {
    fileprivate var word: String {
        switch self {
        case .object: "object"
        case .id: "id"
        case .clob: "clob"
        case .blob: "blob"
        }
    }

    fileprivate init?(word: String) {
        switch word {
        case "object": self = .object
        case "id": self = .id
        case "clob": self = .clob
        case "blob": self = .blob
        default: return nil
        }
    }
}
