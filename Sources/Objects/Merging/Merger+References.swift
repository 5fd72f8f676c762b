extension Merger {
    /// What is referred to: merged if nothing of another type took its place on either side, else the side where that
    /// counts more wins as a whole.
    mutating func mergeReference(
        _ column: [Value?],
        in scope: VersionScope,
        at path: String
    ) throws(MergeError) -> Value {
        let hashes = column.map(Self.hash)
        guard let first = hashes[scope.first] ?? hashes[scope.second] else { throw .impossible("\(path) is nowhere") }
        let second = hashes[scope.second] ?? first
        if first == second { return .reference(first) }
        let settings = try settings(of: hashes, in: scope)
        let (firstStep, secondStep) = (graph.counting(settings.first), graph.counting(settings.second))
        guard firstStep == secondStep else {
            let firstWins =
                switch (firstStep, secondStep) {
                case (let one?, let other?): graph.nodes[one].counts(over: graph.nodes[other])
                case (nil, _): false
                case (_, nil): true
                }
            return .reference(firstWins ? first : second)
        }
        let inner = firstStep.map { graph.narrowed(scope, to: [$0]) } ?? scope
        return .reference(try mergeReferred(hashes, of: try referredObject(first).type, in: inner, at: path))
    }

    /// Makes the object that unites those referred to.
    private mutating func mergeReferred(
        _ hashes: [ObjectHash?],
        of type: String,
        in scope: VersionScope,
        at path: String
    ) throws(MergeError) -> ObjectHash {
        guard referenceDepth < Self.referenceDepthMax else { throw .impossible("\(path) is too deep") }
        referenceDepth += 1
        defer { referenceDepth -= 1 }
        var objects = hashes.map { _ in Value?.none }
        let members = graph.nodes.indices.filter { scope.members[$0] }
        for index in Set(members + members.flatMap { graph.nodes[$0].predecessors }) {
            guard let hash = hashes[index] else { continue }
            let object = try referredObject(hash)
            if object.type == type { objects[index] = .object(object.properties) }
        }
        let layout: TypeLayout
        do throws(MicrodataError) { layout = try book.layout(of: type.utf8) } catch { throw MergeError(error) }
        guard case .object(let properties) = try mergeObject(objects, layout.fields, in: scope, at: path) else {
            throw .impossible("\(path) is merged to no object")
        }
        return try add(OneObject(type: type, properties: properties))
    }

    /// Where the type of what is referred to was last set.
    private mutating func settings(
        of hashes: [ObjectHash?],
        in scope: VersionScope
    ) throws(MergeError) -> VersionGraph.LastSteps {
        let graph = graph
        var types: [ObjectHash: String] = [:]
        func type(_ hash: ObjectHash) throws(MergeError) -> String {
            if let type = types[hash] { return type }
            let type = try referredObject(hash).type
            types[hash] = type
            return type
        }
        return try graph.lastSteps(in: scope) { index throws(MergeError) in
            guard let hash = hashes[index] else { return false }
            guard let before = graph.before(index, in: hashes) else { return true }
            guard hash != before else { return false }
            return try type(hash) != type(before)
        }
    }

    private mutating func referredObject(_ hash: ObjectHash) throws(MergeError) -> OneObject {
        if let object = referred[hash] { return object }
        let object = try read(hash)
        referred[hash] = object
        return object
    }

    /// The entries of both lists, which does not depend on what happened before.
    mutating func mergeEntries(_ column: [Value?], in scope: VersionScope) throws(MergeError) -> Value {
        let heads = (Self.hash(of: column[scope.first]), Self.hash(of: column[scope.second]))
        let plan = try ChannelEntries.merge(heads.0, heads.1, read: read)
        do throws(MicrodataError) {
            let entries = try plan.objects(book)
            made += entries
            guard let head = entries.last?.hash ?? plan.base else { throw .invalid("a channel without entries") }
            return .reference(head)
        } catch {
            throw MergeError(error)
        }
    }

    static func hash(of value: Value?) -> ObjectHash? {
        guard case .reference(let hash)? = value else { return nil }
        return hash
    }
}
