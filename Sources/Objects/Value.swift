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
