internal import Objects

/// What one transaction of indexing was given or has found out, so that it is read and parsed once.
final class IndexerMemory {
    /// So many parsed objects are kept, and none that is larger: memory does not grow with what is indexed.
    private static let countMax = 16_384
    private static let byteCountMax = 16 << 10

    /// Bytes of objects that are here.
    let contents: [ObjectHash: [UInt8]]
    /// Whether anything waits for an object; nil before anybody asked.
    var hasWaiting: Bool?
    /// Public sign keys of persons.
    var trustedKeys: [IDHash: [[UInt8]]] = [:]
    private var objects: [ObjectHash: OneObject] = [:]

    init(_ contents: [ObjectHash: [UInt8]]) { self.contents = contents }

    func object(_ hash: ObjectHash) -> OneObject? { objects[hash] }

    func keep(_ object: OneObject, _ hash: ObjectHash, byteCount: Int) {
        guard byteCount <= Self.byteCountMax else { return }
        if objects.count >= Self.countMax { objects.removeAll(keepingCapacity: true) }
        objects[hash] = object
    }
}
