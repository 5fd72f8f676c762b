/// Properties by name.
///
/// Names are compared by their bytes: `String ==` takes é and e+U+0301 for the same (one-format 10). The order in which
/// they were set means nothing (one-format 1.3).
package struct Properties: Hashable, Sendable {
    /// In any order; no name twice.
    package private(set) var items: [Item] = []

    package struct Item: Sendable {
        package var name: String
        package var value: Value
    }

    package init() {}

    /// From pairs; nil stands for a missing value.
    package init(_ pairs: [(String, Value?)]) {
        for (name, value) in pairs { self[name] = value }
    }

    package subscript(name: String) -> Value? {
        get { value(name, near: 0) }
        set {
            switch (items.firstIndex { $0.has(name) }, newValue) {
            case (let index?, let value?): items[index].value = value
            case (let index?, nil): items.remove(at: index)
            case (nil, let value?): items.append(Item(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// The value of a name that is most likely the one at this index.
    func value(_ name: String, near index: Int) -> Value? {
        if index < items.count, items[index].has(name) { return items[index].value }
        return items.first { $0.has(name) }?.value
    }

    /// Adds a property whose name is known to be new.
    mutating func append(_ name: String, _ value: Value) {
        items.append(Item(name: name, value: value))
    }

    package static func == (left: Self, right: Self) -> Bool {
        guard left.items.count == right.items.count else { return false }
        return left.items.indices.allSatisfy { right.value(left.items[$0].name, near: $0) == left.items[$0].value }
    }

    package func hash(into hasher: inout Hasher) {
        var sum = 0
        for item in items {
            var itemHasher = hasher
            itemHasher.combine(item.name)
            itemHasher.combine(item.value)
            sum ^= itemHasher.finalize()
        }
        hasher.combine(sum)
    }
}

extension Properties.Item {
    fileprivate func has(_ name: String) -> Bool {
        self.name.utf8.count == name.utf8.count && self.name.utf8.elementsEqual(name.utf8)
    }
}

/// A ONE object in memory: a type name and properties (one-format 1.1).
///
/// Whether it fits its recipe shows when it is written.
package struct OneObject: Hashable, Sendable {
    package var type: String
    package var properties: Properties

    package init(type: String, properties: Properties) {
        (self.type, self.properties) = (type, properties)
    }

    package init(_ type: String, _ pairs: [(String, Value?)]) {
        self.init(type: type, properties: Properties(pairs))
    }

    package subscript(name: String) -> Value? {
        get { properties[name] }
        set { properties[name] = newValue }
    }
}
