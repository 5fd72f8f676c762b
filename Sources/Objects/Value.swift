/// A value of a property, as its recipe types it (one-format 1.5).
package indirect enum Value: Hashable, Sendable {
    case string(String)
    /// `integer` and `number`: both are IEEE-754 doubles in ONE.
    case number(Double)
    case boolean(Bool)
    case json(JSON)
    /// A reference of any of the four kinds; which one says the recipe.
    case reference(ObjectHash)
    /// `array`, `bag` and `set`, in any order: writing sorts bags and sets.
    case list([Value])
    /// `map`, in insertion order.
    case map([MapEntry])
    case object(Properties)

    package struct MapEntry: Hashable, Sendable {
        package var key: Value
        package var value: Value
        package init(_ key: Value, _ value: Value) { (self.key, self.value) = (key, value) }
    }
}

extension Value {
    /// Equal are values that are written alike: strings by their bytes (`String ==` takes é and e+U+0301 for the same),
    /// NaN equals NaN.
    package static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.number(let left), .number(let right)): left == right || left.isNaN && right.isNaN
        case (.boolean(let left), .boolean(let right)): left == right
        case (.json(.number(let left)), .json(.number(let right))): left == right || left.isNaN && right.isNaN
        case (.json(let left), .json(let right)): left == right
        case (.reference(let left), .reference(let right)): left == right
        case (.list(let left), .list(let right)): left == right
        case (.map(let left), .map(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .string(let text): hasher.combine(text)
        case .number(let number): hasher.combine(number.isNaN ? .nan : number)
        case .boolean(let value): hasher.combine(value)
        case .json(let json): hasher.combine(json)
        case .reference(let hash): hasher.combine(hash)
        case .list(let items): hasher.combine(items)
        case .map(let entries): hasher.combine(entries)
        case .object(let properties): hasher.combine(properties)
        }
    }
}
