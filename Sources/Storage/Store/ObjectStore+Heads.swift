package import Objects
import SystemPackage

extension ObjectStore {
    private static let headByteCount = 2 * ObjectHash.byteCount

    /// The current version node of an ID hash; nil if it has none. `.damaged` if the file is not a hash.
    package func head(of id: IDHash) throws(ObjectError) -> ObjectHash? {
        let path = heads.path(of: id.objectHash)
        let bytes: [UInt8]
        do throws(Errno) {
            let file = try OpenFile(path, .read, on: disk)
            guard try file.status().kind == .file else { throw .tooManySymbolicLinkLevels }
            bytes = try file.read(0..<Self.headByteCount + 1)
        } catch {
            switch error {
            case .noSuchFileOrDirectory, .notDirectory: return nil
            case _ where error.meansNoRegularFile: throw .damaged(by: "\(path)")
            default: throw ObjectError(error, "reading \(path)")
            }
        }
        guard let head = ObjectHash(hex: bytes) else { throw .damaged(by: "\(path)") }
        return head
    }

    /// Sets a head, durable on return; at any instant it is the old or the new one.
    package func setHead(_ node: ObjectHash, of id: IDHash) throws(ObjectError) {
        try setHeads([(id, node)])
    }

    /// Sets heads behind one barrier. After an error each is the old or the new one.
    package func setHeads(_ newHeads: [(id: IDHash, node: ObjectHash)]) throws(ObjectError) {
        guard !newHeads.isEmpty else { return }
        let isShared = newHeads.count > Self.singleSyncCountMax
        var staged: [(path: DiskPath, id: ObjectHash)] = []
        // Those that have become heads are gone from there.
        defer { for (path, _) in staged { try? disk.remove(path) } }
        for (id, node) in newHeads {
            let bytes = Array(node.hex.utf8)
            let path = try writeTemporary(bytes, permissions: 0o644, isSynchronized: !isShared)
            staged.append((path, id.objectHash))
        }
        try ObjectError.from("setting a head") { () throws(Errno) in
            if isShared { try disk.synchronizeAll() }
            for (path, id) in staged {
                let shard = ShardedArea.shard(of: id)
                try isShared ? heads.make(shard) : heads.settle(shard)
                try disk.replace(heads.path(of: id), by: path)
            }
            if isShared { return try disk.synchronizeAll() }
            for shard in Set(staged.map { ShardedArea.shard(of: $0.id) }).sorted() {
                try disk.synchronizeDirectory(heads.path(of: shard))
            }
        }
    }

    /// Removes a head: of an ID hash that is to be forgotten.
    package func removeHead(of id: IDHash) throws(ObjectError) {
        do throws(Errno) {
            try disk.remove(heads.path(of: id.objectHash))
            try disk.synchronizeDirectory(heads.path(of: ShardedArea.shard(of: id.objectHash)))
        } catch {
            if error != .noSuchFileOrDirectory { throw ObjectError(error, "removing a head") }
        }
    }

    /// Every head, in order of its ID hash. One that is damaged is passed to `damaged` instead.
    package func forEachHead(
        damaged: (IDHash) throws -> Void = { _ in }, _ body: (IDHash, ObjectHash) throws -> Void
    ) throws {
        for shard in try ObjectError.from("listing heads/", { () throws(Errno) in try heads.shards() }) {
            let names = try ObjectError.from("listing heads/", { () throws(Errno) in try heads.names(in: shard) })
            for id in names.lazy.map(IDHash.init) {
                let head: ObjectHash?
                do throws(ObjectError) {
                    head = try self.head(of: id)
                } catch {
                    guard case .damaged = error else { throw error }
                    try damaged(id)
                    continue
                }
                if let head { try body(id, head) }
            }
        }
    }
}
