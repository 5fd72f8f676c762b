extension Merger {
    /// Items of a list: those on both sides stay; of one that is on one side only, adding it wins over removing it,
    /// whenever that was.
    ///
    /// The first side's items come first, each once. An array keeps that order, so that two who call different sides
    /// the first get different arrays of the same items.
    func mergeItems(_ column: [Value?], in scope: VersionScope) -> Value {
        var sets: [Int: Set<Value>] = [:]
        func has(_ item: Value, _ index: Int?) -> Bool {
            guard let index else { return false }
            if let set = sets[index] { return set.contains(item) }
            let set = Set(Self.items(of: column[index]))
            sets[index] = set
            return set.contains(item)
        }
        func stays(_ item: Value) -> Bool {
            let steps = graph.lastSteps(in: scope) { index in
                // Where the whole list goes, no item does.
                column[index] != nil && has(item, index) != has(item, graph.nodes[index].predecessors.first)
            }
            let all = steps.first + steps.second
            return all.isEmpty ? has(item, scope.base) : all.contains { has(item, $0) }
        }
        let ground = graph.ground(of: column, in: scope)
        let (first, second) = (column[scope.first] ?? ground, column[scope.second] ?? ground)
        let (firstItems, secondItems) = (Self.items(of: first), Self.items(of: second))
        let (inFirst, inSecond) = (Set(firstItems), Set(secondItems))
        var seen: Set<Value> = []
        return .list(
            (firstItems + secondItems).filter { item in
                guard seen.insert(item).inserted else { return false }
                return inFirst.contains(item) && inSecond.contains(item) || stays(item)
            }
        )
    }

    private static func items(of value: Value?) -> [Value] {
        guard case .list(let items)? = value else { return [] }
        return items
    }

    /// A map entry by entry: what was there keeps its place, what is new comes after it.
    mutating func mergeMap(
        _ column: [Value?],
        _ keyShape: TypeLayout.Shape,
        _ shape: TypeLayout.Shape,
        in scope: VersionScope,
        at path: String
    ) throws(MergeError) -> Value {
        let maps = column.map { $0.map(MapColumn.init) }
        guard var merged = graph.ground(of: maps, in: scope) else { throw .impossible("\(path) is nowhere") }
        for key in changedKeys(maps, in: scope) {
            let entries = maps.map { $0?[key] }
            let path = "\(path).\(Self.text(of: key))"
            merged[key] = try mergeOptional(entries, shape, .mapEntry, in: scope, at: path)
        }
        return merged.value
    }

    /// The keys anything happened to, in the order in which that shows.
    private func changedKeys(_ maps: [MapColumn?], in scope: VersionScope) -> [Value] {
        var keys: [Value] = []
        var known: Set<Value> = []
        for index in graph.nodes.indices where scope.members[index] && graph.isStep(index) {
            guard let map = maps[index] else { continue }
            let before = graph.before(index, in: maps)
            for key in (before?.keys ?? []) + map.keys where before?[key] != map[key] {
                if known.insert(key).inserted { keys.append(key) }
            }
        }
        return keys
    }

    /// A key as a component of a path.
    private static func text(of key: Value) -> String {
        switch key {
        case .string(let text): text
        case .number(let number): NumberText.text(number)
        case .boolean(let boolean): "\(boolean)"
        case .reference(let hash): hash.hex
        default: ""
        }
    }
}

/// A map whose entries are found by their keys.
private struct MapColumn {
    /// nil: removed; the key keeps its place.
    private var entries: [(key: Value, value: Value?)]
    private var places: [Value: Int]

    init(_ value: Value) {
        guard case .map(let map) = value else {
            (entries, places) = ([], [:])
            return
        }
        entries = map.map { ($0.key, $0.value) }
        places = Dictionary(map.indices.map { (map[$0].key, $0) }) { first, _ in first }
    }

    var keys: [Value] { entries.map(\.key) }

    subscript(key: Value) -> Value? {
        get { places[key].flatMap { entries[$0].value } }
        set {
            if let place = places[key] {
                entries[place].value = newValue
            } else if let newValue {
                places[key] = entries.count
                entries.append((key, newValue))
            }
        }
    }

    var value: Value {
        .map(entries.compactMap { entry in entry.value.map { Value.MapEntry(entry.key, $0) } })
    }
}
