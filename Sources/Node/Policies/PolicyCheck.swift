package import Catalog
package import Objects

/// Whether a device has what its policy demands, computed anew from everything that is known.
package struct PolicyCheck: Codable, Sendable {
    /// Something that must be here and is not.
    package struct Missing: Codable, Sendable, Hashable {
        package var hash: ObjectHash
        package var byteCount: Int
        package var reason: String
    }

    /// Objects that must be here.
    package private(set) var demanded = 0
    package private(set) var demandedByteCount = 0
    /// So many of them by each rule.
    package private(set) var reasons: [String: Int] = [:]
    /// Those that are not here; of very many the first.
    package private(set) var missing: [Missing] = []
    package private(set) var missingCount = 0
    /// Messages of days that must be here of which nothing but the number is known.
    package private(set) var untoldMessages = 0
    /// Objects and messages that would have to be here if there were room for them.
    package private(set) var withoutRoom = 0

    private static let missingMax = 1_000

    package var isMet: Bool { missingCount == 0 && untoldMessages == 0 }

    /// `catalog` may be another device's, one that knows more; `room` and `isHere` tell of the device in question.
    package init(
        _ demand: Demand,
        in catalog: Catalog,
        room: SupplyRoom,
        isHere: (PlacedObject) throws -> Bool = { $0.isHere }
    ) throws {
        let objects = DemandedObjects(of: demand, in: catalog, isExhaustive: true)
        var (room, seen) = (room, Set<ObjectHash>())
        func count(_ items: [DemandedObjects.Item]) throws {
            for item in items where seen.insert(item.object.hash).inserted {
                add(item, isHere: try isHere(item.object), &room)
            }
        }
        try count(objects.contacts())
        for day in try objects.days() {
            let count = try catalog.untoldMessageCount(of: day.place)
            if count > 0, room.take(messageCount: count, for: day.ground) {
                untoldMessages += count
            } else {
                withoutRoom += count
            }
        }
        try count(objects.messages())
        try count(objects.files(missingOnly: false))
    }

    private mutating func add(_ item: DemandedObjects.Item, isHere: Bool, _ room: inout SupplyRoom) {
        demanded += 1
        demandedByteCount += item.object.byteCount
        reasons[item.ground.description, default: 0] += 1
        guard !isHere else { return }
        guard room.take(item.object.byteCount, for: item.ground) else { return withoutRoom += 1 }
        missingCount += 1
        guard missing.count < Self.missingMax else { return }
        let reason = item.ground.description
        missing.append(Missing(hash: item.object.hash, byteCount: item.object.byteCount, reason: reason))
    }
}
