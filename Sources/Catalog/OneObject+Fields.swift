internal import Objects

/// Properties by the type they are expected to have; nil for anything else.
extension OneObject {
    func text(_ name: String) -> String? {
        guard case .string(let text) = self[name] else { return nil }
        return text
    }

    func number(_ name: String) -> Double? {
        guard case .number(let number) = self[name] else { return nil }
        return number
    }

    func reference(_ name: String) -> ObjectHash? { self[name]?.reference }

    func idReference(_ name: String) -> IDHash? { reference(name).map { IDHash($0) } }

    /// The references of a list; what is none is left out.
    func references(_ name: String) -> [ObjectHash] { list(name).compactMap(\.reference) }

    func list(_ name: String) -> [Value] {
        guard case .list(let items) = self[name] else { return [] }
        return items
    }
}

extension Value {
    var reference: ObjectHash? {
        guard case .reference(let hash) = self else { return nil }
        return hash
    }
}
