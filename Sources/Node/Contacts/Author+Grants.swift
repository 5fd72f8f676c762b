package import Objects

/// What may be granted to people (one-protocol 5.1).
package enum Shareable: Hashable, Sendable {
    /// One object.
    case object(ObjectHash)
    /// A thing with all its versions, also those to come.
    case versions(of: IDHash)

    /// A grant of it to nobody.
    fileprivate var grant: OneObject {
        let (type, name, hash) =
            switch self {
            case .object(let hash): ("Access", "object", hash)
            case .versions(let id): ("IdAccess", "id", id.objectHash)
            }
        return OneObject(type, [(name, .reference(hash)), ("person", .list([])), ("group", .list([]))])
    }
}

extension Author {
    /// Who a thing is granted to.
    package func persons(granted thing: Shareable, in draft: borrowing Draft) throws -> Set<IDHash> {
        try Set(grant(of: thing, in: draft).references("person").map(IDHash.init))
    }

    /// Grants a thing to more persons.
    package func share(_ thing: Shareable, with persons: some Sequence<IDHash>, into draft: inout Draft) throws {
        try setPersons(of: thing, try self.persons(granted: thing, in: draft).union(persons), into: &draft)
    }

    /// Takes a grant back from a person; nobody left is an empty grant, which counts as none.
    package func unshare(_ thing: Shareable, with person: IDHash, into draft: inout Draft) throws {
        try setPersons(of: thing, try persons(granted: thing, in: draft).subtracting([person]), into: &draft)
    }

    private func setPersons(of thing: Shareable, _ persons: Set<IDHash>, into draft: inout Draft) throws {
        var grant = try grant(of: thing, in: draft)
        guard Set(grant.references("person").map(IDHash.init)) != persons else { return }
        grant["person"] = .list(persons.sorted().map { .reference($0.objectHash) })
        try draft.change(grant, at: time.now)
    }

    private func grant(of thing: Shareable, in draft: borrowing Draft) throws -> OneObject {
        let empty = thing.grant
        return try draft.version(of: Microdata.idHash(of: empty, book)) ?? empty
    }
}
