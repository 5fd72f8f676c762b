package import Objects

/// The wish that two persons, each with instances of their own, be one human from now on (one-protocol 7.3, `IoMRequest`).
///
/// It holds once both have affirmed it.
package struct UnionRequest: Hashable, Sendable {
    /// Milliseconds since 1970.
    package var timestamp: Double
    package var initiator: IDHash
    /// Who both are towards others.
    package var mainID: IDHash
    package var alternateID: IDHash
    /// Whether both sides become both persons; else only the alternate's side does.
    package var isFull: Bool

    private static let type = "IoMRequest"

    package init(timestamp: Double, initiator: IDHash, mainID: IDHash, alternateID: IDHash, isFull: Bool = true) {
        (self.timestamp, self.initiator) = (timestamp, initiator)
        (self.mainID, self.alternateID, self.isFull) = (mainID, alternateID, isFull)
    }

    /// nil: no request, or one that makes no sense: of one person alone, or begun by a third.
    package init?(_ object: OneObject) {
        guard object.type == Self.type, case .number(let timestamp)? = object["timestamp"],
            let initiator = object.reference("initiator"), let main = object.reference("mainId"),
            let alternate = object.reference("alternateId"), let mode = object.text("mode"),
            main != alternate, [main, alternate].contains(initiator)
        else { return nil }
        self.init(
            timestamp: timestamp,
            initiator: IDHash(initiator),
            mainID: IDHash(main),
            alternateID: IDHash(alternate),
            isFull: mode == "full"
        )
    }

    package var object: OneObject {
        OneObject(
            Self.type,
            [
                ("timestamp", .number(timestamp)), ("initiator", .reference(initiator.objectHash)),
                ("mainId", .reference(mainID.objectHash)), ("alternateId", .reference(alternateID.objectHash)),
                ("mode", .string(isFull ? "full" : "light")),
            ]
        )
    }

    package var persons: Set<IDHash> { [mainID, alternateID] }

    /// The person this one would become one with; nil if it is about others.
    package func other(than person: IDHash) -> IDHash? {
        persons.contains(person) ? persons.subtracting([person]).first : nil
    }

    /// Whether a side becomes the other person, too.
    package func takesOn(_ person: IDHash) -> Bool { isFull || person == mainID }
}
