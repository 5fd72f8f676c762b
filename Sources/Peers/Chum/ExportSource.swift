package import Objects

/// What an instance has to give to contacts: who may have what, and the bytes.
package protocol ExportSource: Sendable {
    /// The recipes by which objects are read here.
    var book: RecipeBook { get }
    /// What a person may have now (one-format 4.4); entries that cannot be given are left out.
    func roots(for person: IDHash) throws -> [AccessibleRoot]
    /// The microdata of an object or ID object; nil if it is not here.
    func microdata(of hash: ObjectHash) throws(ObjectError) -> [UInt8]?
    /// Bytes of an object of any kind, from here or elsewhere.
    var reader: any ObjectReader { get }
}

extension ExportSource {
    package var book: RecipeBook { .standard }
}

/// All that something leads to, and itself: every one after what refers to it.
struct Closure: Sendable {
    private(set) var children: [ObjectChild] = []
    private(set) var hashes: Set<ObjectHash> = []

    /// Walks from an object or ID object.
    ///
    /// `former` was found before from an earlier version of the same thing: what leads to it ends there, so that a new
    /// message in a long conversation costs what is new.
    init(of root: ObjectChild, in source: some ExportSource, former: Closure? = nil) throws {
        if let former, former.children.first == root {
            self = former
            return
        }
        var (order, visited) = ([ObjectChild](), Set<ObjectHash>())
        var open: [(child: ObjectChild, isLeft: Bool)] = [(root, false)]
        var joinsFormer = false
        while let (child, isLeft) = open.popLast() {
            if isLeft {
                order.append(child)
                continue
            }
            guard visited.insert(child.hash).inserted else { continue }
            if former?.hashes.contains(child.hash) == true {
                joinsFormer = true
                continue
            }
            open.append((child, true))
            for reference in try Self.references(of: child, in: source).reversed() {
                open.append((ObjectChild(reference.kind, reference.hash), false))
            }
            guard visited.count <= ChumService.childCountMax else { throw CallFailure.chum("CES-TOOMANY", "too much") }
        }
        children = order.reversed()
        if joinsFormer, let former {
            // The former version itself is not part of it, only what both lead to.
            children += former.children.dropFirst()
        }
        hashes = Set(children.map(\.hash))
    }

    /// What an object refers to directly; nothing, if it only looks like one.
    private static func references(of child: ObjectChild, in source: some ExportSource) throws -> [Reference] {
        guard child.kind == .object || child.kind == .id else { return [] }
        guard let bytes = try source.microdata(of: child.hash) else { throw MissingPart(hash: child.hash) }
        let references = try? Microdata.references(in: bytes, source.book)
        // It may be of another recipe of its type.
        return references ?? (try? Microdata.unreadReferences(in: bytes)) ?? []
    }
}

/// An object without which what leads to it cannot be given.
struct MissingPart: Error {
    var hash: ObjectHash
}
