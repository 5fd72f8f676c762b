extension Recipe {
    /// The recipe that a ONE object of type Recipe describes (one-format 5).
    package init(object: OneObject) throws(MicrodataError) {
        guard object.type == "Recipe" else { throw .invalid("\(object.type) is not Recipe") }
        guard case .string(let name) = object["name"] else { throw .invalid("a recipe without name") }
        guard case .list(let items) = object["rule"] else { throw .invalid("a recipe without rules") }
        var rules: [Rule] = []
        for item in items { rules.append(try Rule(value: item)) }
        self.init(name: name, rules: rules)
        guard let algorithms = object["crdtConfig"] else { return }
        guard case .map(let entries) = algorithms else { throw .invalid("crdtConfig is not a map") }
        mergeAlgorithms = []
        for entry in entries {
            guard case .string(let path) = entry.key, case .string(let algorithm) = entry.value else {
                throw .invalid("crdtConfig has other things than strings")
            }
            mergeAlgorithms?.append(MergeAlgorithm(path, algorithm))
        }
    }

    /// The ONE object of type Recipe that describes this recipe; patterns lose their flags.
    package var object: OneObject {
        OneObject(
            "Recipe",
            [
                ("name", .string(name)),
                (
                    "crdtConfig",
                    mergeAlgorithms.map { .map($0.map { Value.MapEntry(.string($0.path), .string($0.algorithm)) }) }
                ),
                ("rule", .list(rules.map(\.value))),
            ]
        )
    }
}

extension Recipe.Rule {
    /// Reads an item of the property `rule`.
    fileprivate init(value: Value) throws(MicrodataError) {
        guard case .object(let properties) = value, case .string(let name) = properties["itemprop"] else {
            throw .invalid("a rule without itemprop")
        }
        self.init(name)
        if case .boolean(let mark) = properties["optional"] { isOptional = mark }
        if case .boolean(let mark) = properties["isId"] { idMark = mark }
        if case .json(let json) = properties["itemtype"] { type = try ValueType(json: json) }
        if case .json(let json) = properties["inheritFrom"] { inheritance = try Recipe.Inheritance(json: json) }
    }

    fileprivate var value: Value {
        .object(
            Properties([
                ("itemprop", .string(name)), ("optional", isOptional.map { .boolean($0) }),
                ("isId", idMark.map { .boolean($0) }), ("itemtype", (type?.json).map { .json($0) }),
                ("inheritFrom", (inheritance?.json).map { .json($0) }),
            ])
        )
    }
}
