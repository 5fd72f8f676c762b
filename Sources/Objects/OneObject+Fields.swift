/// Properties by the type they are expected to have; nil for anything else.
extension OneObject {
    package func text(_ name: String) -> String? {
        guard case .string(let text) = self[name] else { return nil }
        return text
    }

    package func number(_ name: String) -> Double? {
        guard case .number(let number) = self[name] else { return nil }
        return number
    }

    package func reference(_ name: String) -> ObjectHash? { self[name]?.reference }

    package func idReference(_ name: String) -> IDHash? { reference(name).map { IDHash($0) } }

    /// The references of a list; what is none is left out.
    package func references(_ name: String) -> [ObjectHash] { list(name).compactMap(\.reference) }

    /// The entries of a map; none for anything else.
    package func entries(_ name: String) -> [Value.MapEntry] {
        guard case .map(let entries) = self[name] else { return [] }
        return entries
    }

    package func list(_ name: String) -> [Value] {
        guard case .list(let items) = self[name] else { return [] }
        return items
    }
}

extension Value {
    package var reference: ObjectHash? {
        guard case .reference(let hash) = self else { return nil }
        return hash
    }
}
