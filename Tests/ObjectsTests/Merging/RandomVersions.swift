@testable import Objects

/// Makes versions of things of the fixtures' and the standard types, with so few different values that they meet.
struct RandomVersions {
    static let types = [
        "Fix$Doc", "Fix$Crdt", "Fix$TwoIds", "Fix$OptId", "Fix$ListId", "Leute", "Someone", "Profile", "Group",
        "Access",
        "GroupProfile", "LocalInstancesList", "ChannelRegistry", "TopicAppRegistry",
    ]

    let book: RecipeBook
    private let random: SeededRandom

    init(_ book: RecipeBook, seed: UInt64) {
        (self.book, random) = (book, SeededRandom(seed: seed))
    }

    func number(below bound: Int) -> Int { Int(random.number(below: UInt64(bound))) }
    func chance(_ percent: Int) -> Bool { number(below: 100) < percent }
    func pick<Element>(_ choices: [Element]) -> Element { choices[number(below: choices.count)] }
    func shuffled<Element>(_ items: [Element]) -> [Element] {
        var items = items
        for index in items.indices.dropFirst().reversed() { items.swapAt(index, number(below: index + 1)) }
        return items
    }

    /// Objects that versions refer to.
    static let referred: [OneObject] =
        ["A", "B"].map { OneObject("Fix$Text", [("text", .string($0))]) } + [
            OneObject("Fix$Note", [("title", .string("n")), ("stars", .number(1))]),
            OneObject("Fix$Note", [("title", .string("n")), ("body", .string("b"))]),
            OneObject("Fix$OptRef", [("tail", .string("t"))]),
        ]

    /// A version of the thing of this number.
    func version(of thing: Int, _ type: String) throws -> OneObject {
        guard let recipe = book[type] else { throw FixtureError("no recipe \(type)") }
        var object = OneObject(type, [])
        for rule in recipe.rules {
            let shape = rule.type ?? .string(pattern: nil)
            if rule.isID {
                object[rule.name] = try identity(shape, thing)
            } else if rule.isOptional != true || chance(60) {
                object[rule.name] = try value(shape)
            }
        }
        return object
    }

    /// The same with one property otherwise.
    func changed(_ object: OneObject) throws -> OneObject {
        guard let rules = book[object.type]?.rules.filter({ !$0.isID }), !rules.isEmpty else { return object }
        var object = object
        let rule = pick(rules)
        let isGone = rule.isOptional == true && object[rule.name] != nil && chance(40)
        object[rule.name] = isGone ? nil : try changed(object[rule.name], rule.type ?? .string(pattern: nil))
        return object
    }

    /// Lists and maps change by one item, else the value is another one.
    private func changed(_ value: Value?, _ type: ValueType) throws -> Value {
        switch (value, type) {
        case (.list(var items)?, .array(let item)), (.list(var items)?, .bag(let item)),
            (.list(var items)?, .set(let item)):
            if chance(40), !items.isEmpty {
                items.remove(at: number(below: items.count))
            } else {
                let new = try self.value(item)
                if !items.contains(new) { items.insert(new, at: number(below: items.count + 1)) }
            }
            return .list(items)
        case (.map(var entries)?, .map(let key, let item)):
            let key = try self.value(key)
            let place = entries.firstIndex { $0.key == key }
            if let place, chance(50) {
                entries.remove(at: place)
            } else if let place {
                entries[place].value = try changed(entries[place].value, item)
            } else {
                entries.append(Value.MapEntry(key, try self.value(item)))
            }
            return .map(entries)
        case (.object(var properties)?, .object(let rules)):
            let rule = pick(rules)
            properties[rule.name] = try changed(properties[rule.name], rule.type ?? .string(pattern: nil))
            return .object(properties)
        default: return try self.value(type)
        }
    }

    /// An ID property of the thing of this number.
    private func identity(_ type: ValueType, _ thing: Int) throws -> Value {
        switch type {
        case .string(let pattern?): .string(pattern.source.filter { $0 != "^" && $0 != "$" })
        case .string: .string("thing \(thing)")
        case .integer, .number: .number(Double(thing))
        case .boolean: .boolean(thing.isMultiple(of: 2))
        case .objectReference, .idReference, .blobReference, .clobReference: .reference(Self.hash(thing))
        case .array, .bag, .set: .list([])
        case .map: .map([])
        case .stringifiable: .json(.number(Double(thing)))
        case .object: throw FixtureError("no such ID")
        }
    }

    private func value(_ type: ValueType) throws -> Value {
        switch type {
        case .string: return .string(pick(["a", "b", "c"]))
        case .integer, .number: return .number(Double(number(below: 3)))
        case .boolean: return .boolean(chance(50))
        case .stringifiable: return .json(.array([.number(Double(number(below: 3)))]))
        case .objectReference:
            return .reference(try EncodedObject(pick(Self.referred), book).hash)
        case .idReference, .blobReference, .clobReference: return .reference(Self.hash(number(below: 3)))
        case .array(let item), .bag(let item), .set(let item):
            var items: [Value] = []
            for _ in 0..<number(below: 4) {
                let new = try value(item)
                if !items.contains(new) { items.append(new) }
            }
            return .list(items)
        case .map(let key, let item):
            var entries: [Value.MapEntry] = []
            for _ in 0..<number(below: 3) {
                let key = try value(key)
                if !entries.contains(where: { $0.key == key }) { entries.append(.init(key, try value(item))) }
            }
            return .map(entries)
        case .object(let rules):
            var properties = Properties()
            for rule in rules where rule.isOptional != true || chance(60) {
                properties[rule.name] = try value(rule.type ?? .string(pattern: nil))
            }
            // One without properties cannot be read by the reference (one-format 1.9).
            if properties.items.isEmpty, let rule = rules.first {
                properties[rule.name] = try value(rule.type ?? .string(pattern: nil))
            }
            return .object(properties)
        }
    }

    private static func hash(_ number: Int) -> ObjectHash { ObjectHash(of: Array("\(number)".utf8)) }
}

extension MemoryVersions {
    /// One that has what versions of `RandomVersions` refer to.
    static func withReferredObjects(_ book: RecipeBook) throws -> Self {
        var versions = Self(book)
        for object in RandomVersions.referred { try versions.put(object) }
        return versions
    }

    func id(of object: OneObject) throws -> IDHash { try Microdata.idHash(of: object, book) }

    /// Stores a version as its owner does.
    mutating func change(_ object: OneObject, at milliseconds: Double) throws {
        try advance(id(of: object)) { (lineage) throws(MergeError) in try lineage.change(object, at: milliseconds) }
    }

    /// Stores a version of somebody else and its node, as they come over the wire; returns the node.
    mutating func put(_ object: OneObject, link: VersionNode.Link, depth: Double, at milliseconds: Double) throws
        -> ObjectHash
    {
        let node = VersionNode(link: link, data: try put(object), depth: depth, creationTime: milliseconds)
        return try put(node.object)
    }

    @discardableResult
    mutating func take(_ nodes: [ObjectHash], of id: IDHash) throws -> Lineage.Outcome {
        try advance(id) { (lineage) throws(MergeError) in try lineage.importing(nodes) }
    }

    @discardableResult
    mutating func adopt(_ node: ObjectHash, of id: IDHash) throws -> Lineage.Outcome {
        try advance(id) { (lineage) throws(MergeError) in try lineage.adopt(node, isSparse: false) }
    }
}
