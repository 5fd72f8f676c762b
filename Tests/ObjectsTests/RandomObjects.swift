import Objects

/// Makes random recipes and objects that fit them, the same from the same seed.
struct RandomObjects {
    private let random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    func number(below bound: Int) -> Int { Int(random.number(below: UInt64(bound))) }
    func chance(_ percent: Int) -> Bool { number(below: 100) < percent }
    func pick<Element>(_ choices: [Element]) -> Element { choices[number(below: choices.count)] }

    /// A valid recipe without inheritance.
    func recipe() -> Recipe {
        Recipe(name: pick(["Fuzz", "Füzz$1", "数", "F\u{1F600}"]), rules: rules(isTopLevel: true, depth: 0))
    }

    private func rules(isTopLevel: Bool, depth: Int) -> [Recipe.Rule] {
        let names = ["a", "b", "text", "имя", "é", "e\u{301}", "x-1", "\u{1F600}", "\\", "'", "$type", "&amp;"]
        var used: Set<[UInt8]> = []
        return (0..<(1 + number(below: 5))).compactMap { _ in
            let name = pick(names)
            guard used.insert(Array(name.utf8)).inserted else { return nil }
            return Recipe.Rule(
                name,
                chance(15) ? nil : type(depth: depth),
                optional: pick([nil, true, true, false]),
                isID: isTopLevel ? pick([nil, true, false]) : nil
            )
        }
    }

    private func type(depth: Int) -> ValueType {
        let deep = depth < 3 ? 15 : 9
        return switch number(below: deep) {
        case 0: .string(pattern: nil)
        case 1: .integer(min: nil, max: nil)
        case 2: .number(min: 0, max: 1)
        case 3: .boolean
        case 4: .stringifiable
        case 5: .objectReference(allowed: ["*"])
        case 6: .idReference(allowed: ["Person", "Keys"])
        case 7: .clobReference
        case 8: .blobReference
        case 9: .array(type(depth: depth + 1))
        case 10: .bag(type(depth: depth + 1))
        case 11: .set(type(depth: depth + 1))
        case 12: .map(key: keyType(), value: type(depth: depth + 1))
        default: .object(rules(isTopLevel: false, depth: depth + 1))
        }
    }

    private func keyType() -> ValueType {
        pick([
            .string(pattern: nil), .integer(min: nil, max: nil), .number(min: nil, max: nil), .boolean,
            .idReference(allowed: ["*"]), .blobReference,
        ])
    }
}

extension RandomObjects {
    func object(_ recipe: Recipe) -> OneObject {
        OneObject(type: recipe.name, properties: properties(recipe.rules))
    }

    private func properties(_ rules: [Recipe.Rule]) -> Properties {
        var properties = Properties()
        for rule in chance(20) ? rules.reversed() : rules {
            guard rule.isOptional != true || chance(60) else { continue }
            properties[rule.name] = value(rule.type ?? .string(pattern: nil))
        }
        return properties
    }

    private func value(_ type: ValueType) -> Value {
        switch type {
        case .string: .string(text())
        case .integer: .number(pick([0, -1, 7, 1e21, 9_007_199_254_740_994, -123_456_789_012]))
        case .number: .number(double())
        case .boolean: .boolean(chance(50))
        case .stringifiable: .json(json(depth: 0, isNullAllowed: false))
        case .objectReference, .idReference, .clobReference, .blobReference: .reference(hash())
        case .array(let item): .list(list(item))
        // In order already, so that what is read compares as equal.
        case .bag(let item): .list(sorted(list(item), type))
        case .set(let item): .list(sorted(unique(list(item), item), type))
        case .map(let key, let value):
            .map(unique(list(key), key).map { Value.MapEntry($0, self.value(value)) })
        case .object(let rules): .object(properties(rules))
        }
    }

    private func list(_ item: ValueType) -> [Value] { (0..<pick([0, 1, 2, 3, 8])).map { _ in value(item) } }

    /// Without what a JavaScript Set or Map could not hold.
    private func unique(_ values: [Value], _ type: ValueType) -> [Value] {
        switch type {
        case .array, .bag, .set, .map, .object, .stringifiable: return values
        default:
            var seen: Set<Value> = []
            return values.filter { seen.insert($0).inserted }
        }
    }

    /// In the order in which they are written, found by writing and reading them.
    private func sorted(_ values: [Value], _ type: ValueType) -> [Value] {
        var book = RecipeBook()
        let object = OneObject("Sorted", [("items", .list(values))])
        guard (try? book.register(Recipe(name: "Sorted", rules: [Recipe.Rule("items", type)]))) != nil,
            let bytes = try? Microdata.bytes(of: object, book),
            case .list(let items) = try? Microdata.object(from: bytes, book)["items"]
        else { return values }
        return items
    }

    private func hash() -> ObjectHash { ObjectHash(of: random.bytes(1)) }

    func text() -> String {
        let parts = [
            "", "a", "B", " ", "&", "<", ">", "&amp;", "&lt;", "\"", "'", "\n", "\r\n", "\t", "\0", "\u{FEFF}", "é",
            "e\u{301}", "\u{1F600}", "\u{FB00}", "\u{FFEE}", "\u{2028}", "</li>", "</span>", "9", "10", "-", ".",
        ]
        return (0..<pick([0, 1, 1, 2, 5])).map { _ in pick(parts) }.joined()
    }

    func double() -> Double {
        if chance(50) {
            return pick([0, -0.0, 0.1, -1.5, 1e-7, .leastNonzeroMagnitude, 1e300, .nan, 123_456.789, 0.000001])
        }
        let value = Double(bitPattern: random.number(below: .max))
        return value.isFinite ? value : 1
    }

    /// As it is read: members in order, and no number that has no text.
    func json(depth: Int, isNullAllowed: Bool = true) -> JSON {
        switch number(below: depth < 3 ? 7 : 5) {
        case 0: return isNullAllowed ? .null : .boolean(true)
        case 1: return .boolean(chance(50))
        case 2:
            let number = double()
            return .number(number.isNaN ? 1 : number)
        case 3: return .string(text())
        case 4: return .string(JSONString(utf16: (0..<3).map { _ in pick([0xD800, 0xDC00, 0x61, 0x22, 0x1F]) }))
        case 5: return .array((0..<number(below: 4)).map { _ in json(depth: depth + 1) })
        default:
            let keys = ["", "10", "9", "a", "é", "\u{1F600}", "\u{FB00}", "Z", "<b>"].filter { _ in chance(30) }
                .map { JSONString($0) }.sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) }
            return .object(keys.map { JSON.Member($0, json(depth: depth + 1)) })
        }
    }

    /// The bytes with a few changed, added, removed or moved, as damage or malice would.
    func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var mutant = bytes
        for _ in 0...number(below: 3) where !mutant.isEmpty {
            let index = number(below: mutant.count)
            let end = index + number(below: min(40, mutant.count - index)) + 1
            switch number(below: 7) {
            case 0: mutant[index] = UInt8(number(below: 256))
            case 1: mutant[index] ^= 1 << UInt8(number(below: 8))
            case 2: mutant.removeSubrange(index..<end)
            case 3: mutant.insert(contentsOf: mutant[index..<end], at: number(below: mutant.count))
            case 4:
                mutant.insert(
                    contentsOf: pick(["<li>", "</li>", "&amp;", "&", ">", "null", "\u{FEFF}"]).utf8,
                    at: index
                )
            case 5: swapItems(&mutant)
            default: mutant.removeLast(min(mutant.count, 1 + number(below: 10)))
            }
        }
        return mutant
    }

    /// Puts an item of a list behind the next one.
    private func swapItems(_ bytes: inout [UInt8]) {
        let end = Array("</li>".utf8)
        let ends = bytes.indices.filter { bytes[$0...].starts(with: end) }.map { $0 + end.count }
        guard ends.count > 2 else { return }
        let index = number(below: ends.count - 2)
        let (first, second) = (bytes[ends[index]..<ends[index + 1]], bytes[ends[index + 1]..<ends[index + 2]])
        bytes.replaceSubrange(ends[index]..<ends[index + 2], with: second + first)
    }
}
