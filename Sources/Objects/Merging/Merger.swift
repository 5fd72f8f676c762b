/// Makes one version of two, value by value, by what happened to each since they parted (one-format 2.7).
///
/// A value is looked at in all versions at once: a column has it for each node of the graph, nil where it is not there.
struct Merger {
    /// How deep objects are merged that refer to one another; what lies deeper is an error.
    static let referenceDepthMax = 64

    let graph: VersionGraph
    let book: RecipeBook
    let choice: AlgorithmChoice
    /// Reads an object, its lists in the order in which they are written.
    let read: (ObjectHash) throws(MergeError) -> OneObject

    /// What was made on the way: what is referred to first.
    var made: [EncodedObject] = []
    var referred: [ObjectHash: OneObject] = [:]
    var referenceDepth = 0

    init(
        _ graph: VersionGraph,
        of type: String,
        _ book: RecipeBook,
        read: @escaping (ObjectHash) throws(MergeError) -> OneObject
    ) {
        (self.graph, self.book, self.read) = (graph, book, read)
        choice = AlgorithmChoice(book[type])
    }

    /// The merged version of a thing.
    mutating func merge(_ versions: [OneObject], _ layout: TypeLayout) throws(MergeError) -> OneObject {
        let column = versions.map { Value?.some(.object($0.properties)) }
        let value = try mergeObject(column, layout.fields, in: graph.scope, at: "", keepsIDs: true)
        guard case .object(let properties) = value else { throw .impossible("\(layout.type) is merged to no object") }
        return OneObject(type: layout.type, properties: properties)
    }

    /// An object property by property, unless the recipe says otherwise.
    mutating func mergeObject(
        _ column: [Value?],
        _ fields: [TypeLayout.Field],
        in scope: VersionScope,
        at path: String,
        keepsIDs: Bool = false
    ) throws(MergeError) -> Value {
        guard try choice.algorithm(at: path, .object) == .parts else { return try latest(column, in: scope, at: path) }
        let objects = column.map { value -> Properties? in
            guard case .object(let properties)? = value else { return nil }
            return properties
        }
        guard var merged = graph.ground(of: objects, in: scope) else { throw .impossible("\(path) is nowhere") }
        // All versions of a thing have the same ID properties.
        for (place, field) in fields.enumerated() where !(keepsIDs && field.isID) {
            let column = objects.map { $0?.value(field.name, near: place) }
            guard graph.hasChanges(column, in: scope) else { continue }
            let path = path.isEmpty ? field.name : "\(path).\(field.name)"
            if field.isOptional {
                merged[field.name] = try mergeOptional(column, field.shape, .objectProperty, in: scope, at: path)
            } else {
                merged[field.name] = try merge(column, field.shape, in: scope, at: path)
            }
        }
        return .object(merged)
    }

    /// A value that may be missing: whoever sets it wins over who deletes it, whenever that was.
    mutating func mergeOptional(
        _ column: [Value?],
        _ shape: TypeLayout.Shape,
        _ role: AlgorithmChoice.Role,
        in scope: VersionScope,
        at path: String
    ) throws(MergeError) -> Value? {
        let algorithm = try choice.algorithm(at: path, role)
        guard algorithm == .optionalValue else { throw unfit(algorithm, path) }
        let steps = graph.lastSteps(in: scope) { index in
            (column[index] == nil) != (graph.before(index, in: column) == nil)
        }
        let all = steps.first + steps.second
        let settings = all.filter { column[$0] != nil }
        if !settings.isEmpty {
            return try merge(column, shape, in: graph.narrowed(scope, to: settings), at: path)
        }
        guard all.isEmpty, let base = scope.base, column[base] != nil else { return nil }
        return try merge(column, shape, in: scope, at: path)
    }

    /// A value that is there, by the algorithm for it.
    mutating func merge(
        _ column: [Value?],
        _ shape: TypeLayout.Shape,
        in scope: VersionScope,
        at path: String
    ) throws(MergeError) -> Value {
        let algorithm = try choice.algorithm(at: path, shape.role)
        switch (algorithm, shape) {
        case (.register, _): return try latest(column, in: scope, at: path)
        case (.set, .array), (.set, .bag), (.set, .set): return mergeItems(column, in: scope)
        case (.reference, .reference(.object)): return try mergeReference(column, in: scope, at: path)
        case (.linkedList, .reference(.object)): return try mergeEntries(column, in: scope)
        case (.parts, .map(let key, let value)): return try mergeMap(column, key, value, in: scope, at: path)
        case (.parts, .object(let fields)): return try mergeObject(column, fields, in: scope, at: path)
        default: throw unfit(algorithm, path)
        }
    }

    /// The value that was set last.
    private func latest(_ column: [Value?], in scope: VersionScope, at path: String) throws(MergeError) -> Value {
        let steps = graph.lastSteps(in: scope) { index in
            column[index] != nil && column[index] != graph.before(index, in: column)
        }
        let setting = graph.counting(steps.first + steps.second)
        guard let value = setting.flatMap({ column[$0] }) ?? graph.ground(of: column, in: scope) else {
            throw .impossible("\(path) is nowhere")
        }
        return value
    }

    func unfit(_ algorithm: AlgorithmChoice.Algorithm, _ path: String) -> MergeError {
        .impossible("the algorithm \(algorithm.rawValue) does not fit \(path)")
    }

    /// Adds an object that was made by merging.
    mutating func add(_ object: OneObject) throws(MergeError) -> ObjectHash {
        do throws(MicrodataError) {
            let encoded = try EncodedObject(object, book)
            made.append(encoded)
            return encoded.hash
        } catch {
            throw MergeError(error)
        }
    }
}
