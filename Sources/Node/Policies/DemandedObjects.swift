package import Catalog
package import Objects

/// Everything a demand asks for of what a catalog knows, in the order in which it is brought: contacts, then messages and
/// files, each the newest first.
package struct DemandedObjects: Sendable {
    /// An object that must be here.
    package struct Item: Sendable {
        package var object: PlacedObject
        package var ground: Ground
    }

    private let catalog: Catalog
    private let demand: Demand
    private let isExhaustive: Bool

    /// An exhaustive one looks at everything there is, also where a look at the newest is enough: to check the others.
    package init(of demand: Demand, in catalog: Catalog, isExhaustive: Bool = false) {
        (self.demand, self.catalog, self.isExhaustive) = (demand, catalog, isExhaustive)
    }

    /// A day of a conversation that must be here.
    package struct Day: Hashable, Sendable {
        package var place: DayPlace
        package var ground: Ground
    }

    /// The days of conversations that must be here, the newest first.
    package func days() throws(ObjectError) -> [Day] {
        var days: [Day] = []
        for thread in try catalog.activities().keys.sorted() {
            for place in try catalog.days(of: thread, limit: dayCountMax) {
                if let ground = demand.ground(of: .message(place)) { days.append(Day(place: place, ground: ground)) }
            }
        }
        return days.sorted { left, right in
            let (left, right) = (left.place, right.place)
            return (right.last, right.thread, right.day) < (left.last, left.thread, left.day)
        }
    }

    private var dayCountMax: Int { isExhaustive ? .max : demand.dayCountMax ?? .max }

    package func contacts() throws(ObjectError) -> [Item] { items(try catalog.contactObjects()) }

    package func messages() throws(ObjectError) -> [Item] {
        var all: [Item] = []
        for day in try days() { all += items(try catalog.objects(of: day.place)) }
        return all
    }

    package func files(missingOnly: Bool) throws(ObjectError) -> [Item] {
        // Nobody goes through all files for nothing.
        guard isExhaustive || demand.ground(of: .file(demand.now)) != nil else { return [] }
        return items(try catalog.fileObjects(missingOnly: missingOnly))
    }

    private func items(_ objects: [PlacedObject]) -> [Item] {
        objects.compactMap { object in demand.ground(of: object.part).map { Item(object: object, ground: $0) } }
    }
}
