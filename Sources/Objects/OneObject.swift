/// Properties by name. Names are compared by their bytes: `String ==` takes é and e+U+0301 for the same (one-format 10).
package struct Properties: Hashable, Sendable {
    /// In any order; no name twice.
    package private(set) var items: [Item] = []

    package struct Item: Hashable, Sendable {
        package var name: String
        package var value: Value

        package static func == (left: Self, right: Self) -> Bool {
            left.name.utf8.elementsEqual(right.name.utf8) && left.value == right.value
        }
    }

    package init() {}

    /// From pairs; nil stands for a missing value.
    package init(_ pairs: [(String, Value?)]) {
        for (name, value) in pairs { self[name] = value }
    }

    package subscript(name: String) -> Value? {
        get { items.first { $0.name.utf8.elementsEqual(name.utf8) }?.value }
        set {
            let index = items.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
            switch (index, newValue) {
            case (let index?, let value?): items[index].value = value
            case (let index?, nil): items.remove(at: index)
            case (nil, let value?): items.append(Item(name: name, value: value))
            case (nil, nil): break
            }
        }
    }
}

/// A ONE object in memory: a type name and properties (one-format 1.1). Whether it fits its recipe shows when it is written.
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
