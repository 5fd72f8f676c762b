@testable import Objects

/// Reads the JSON in which the fixtures keep JavaScript values (one-format 11): `$map`, `$set`, `$regexp`, `$date`, `$number`.
enum TaggedJSON {
    /// The ONE object of a record with `$type$`.
    ///
    /// What does not fit its recipe becomes a value that cannot be written either.
    static func object(_ json: JSON, _ book: RecipeBook) throws -> OneObject {
        guard let members = json.members, let type = json["$type$"]?.text else { throw FixtureError("not an object") }
        let layout = try book.layout(of: type.utf8)
        var object = OneObject(type, [])
        for member in members where member.key != JSONString("$type$") && member.value != .null {
            let field = layout.fields.first { member.key.utf16.elementsEqual($0.name.utf16) }
            object[member.key.text] = try value(member.value, field?.shape)
        }
        return object
    }

    private static func value(_ json: JSON, _ shape: TypeLayout.Shape?) throws -> Value {
        switch (shape, tag(json), json) {
        case (.json, _, _): .json(try plain(json))
        case (_, "$number", _): .number(try number(json))
        case (.reference, _, .string(let text)): ObjectHash(hex: text.text).map { .reference($0) } ?? .string(text.text)
        case (_, _, .string(let text)): .string(text.text)
        case (_, _, .number(let number)): .number(number)
        case (_, _, .boolean(let value)): .boolean(value)
        case (.array(let item), _, .array(let items)), (.bag(let item), _, .array(let items)):
            .list(try items.map { try value($0, item) })
        case (.set(let item), "$set", _): .list(try (json["$set"]?.items ?? []).map { try value($0, item) })
        case (.map(let key, let item), "$map", _): .map(try entries(json, key, item))
        case (.object(let fields), nil, .object(let members)): .object(try properties(members, fields))
        default: .json(json)
        }
    }

    private static func properties(_ members: [JSON.Member], _ fields: [TypeLayout.Field]) throws -> Properties {
        var properties = Properties()
        for member in members {
            let field = fields.first { member.key.utf16.elementsEqual($0.name.utf16) }
            properties[member.key.text] = try value(member.value, field?.shape)
        }
        return properties
    }

    private static func entries(
        _ json: JSON,
        _ key: TypeLayout.Shape,
        _ item: TypeLayout.Shape
    ) throws -> [Value.MapEntry] {
        try (json["$map"]?.items ?? []).map { entry in
            guard let pair = entry.items, pair.count == 2 else { throw FixtureError("not a pair") }
            return Value.MapEntry(try value(pair[0], key), try value(pair[1], item))
        }
    }

    /// What canonical JSON makes of a JavaScript value (one-format 1.7): members in the order of their keys.
    static func plain(_ json: JSON) throws -> JSON {
        switch (tag(json), json) {
        case ("$set", _): return try JSON.sorted((json["$set"]?.items ?? []).map { try plain($0) })
        case ("$map", _): return try JSON.sorted((json["$map"]?.items ?? []).map { try plain($0) })
        case ("$regexp", _): return json["$regexp"] ?? .null
        case ("$date", _): return json["$date"] ?? .null
        case ("$number", _): return .number(try number(json))
        case (_, .array(let items)): return .array(try items.map { try plain($0) })
        case (_, .object(let members)):
            let sorted = members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
            return .object(try sorted.map { JSON.Member($0.key, try plain($0.value)) })
        default: return json
        }
    }

    private static func number(_ json: JSON) throws -> Double {
        switch json["$number"]?.text {
        case "NaN": .nan
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        case "-0": -0.0
        default: throw FixtureError("unknown number")
        }
    }

    private static func tag(_ json: JSON) -> String? {
        guard let key = json.members?.first?.key.text,
            ["$map", "$set", "$regexp", "$date", "$number"].contains(key)
        else { return nil }
        return key
    }

    /// The flags of the regular expressions of a recipe's rules, by property; Recipe objects lose them.
    static func patternFlags(_ recipe: JSON) -> [String: String] {
        var flags: [String: String] = [:]
        for rule in recipe["rule"]?.items ?? [] {
            guard let name = rule["itemprop"]?.text else { continue }
            flags[name] = rule["itemtype"]?["regexp"]?["flags"]?.text
        }
        return flags
    }
}
