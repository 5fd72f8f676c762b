@testable import Objects

/// An instance that keeps objects and heads in memory.
struct MemoryVersions {
    let book: RecipeBook
    private(set) var objects: [ObjectHash: [UInt8]] = [:]
    private(set) var heads: [IDHash: ObjectHash] = [:]

    init(_ book: RecipeBook) { self.book = book }

    @discardableResult
    mutating func put(_ object: OneObject) throws -> ObjectHash {
        let encoded = try EncodedObject(object, book)
        objects[encoded.hash] = encoded.bytes
        return encoded.hash
    }

    /// Brings the versions of a thing forward.
    @discardableResult
    mutating func advance<Result>(
        _ id: IDHash,
        by step: (inout Lineage) throws(MergeError) -> Result
    ) throws(MergeError) -> Result {
        var lineage = lineage(of: id)
        let result = try step(&lineage)
        for object in lineage.made { objects[object.hash] = object.bytes }
        heads[id] = lineage.head
        return result
    }

    func lineage(of id: IDHash) -> Lineage {
        Lineage(of: id, head: heads[id], book) { (hash) throws(ObjectError) in try object(hash) }
    }

    func object(_ hash: ObjectHash) throws(ObjectError) -> OneObject {
        guard let bytes = objects[hash] else { throw .unreachable }
        do throws(MicrodataError) {
            return try Microdata.object(from: bytes, book)
        } catch {
            throw .damaged(by: "\(error)")
        }
    }

    func node(_ hash: ObjectHash) throws(ObjectError) -> VersionNode {
        guard let node = VersionNode(object: try object(hash)) else { throw .damaged(by: "\(hash)") }
        return node
    }

    /// The hash of the current data.
    func data(of id: IDHash) throws -> ObjectHash? { try heads[id].map { try node($0).data } }

    func current(_ id: IDHash) throws -> OneObject? { try data(of: id).map { try object($0) } }

    /// Has all that another one has, but its own heads.
    mutating func takeObjects(of other: Self) { objects.merge(other.objects) { own, _ in own } }
}

extension MemoryVersions {
    /// The same as `object`, for merging.
    func mergeable(_ hash: ObjectHash) throws(MergeError) -> OneObject {
        do throws(ObjectError) { return try object(hash) } catch { throw .unreadable(error) }
    }
}
