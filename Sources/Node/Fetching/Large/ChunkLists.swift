import Objects
import Peers
import Storage

/// Lists of chunks of objects that are here.
enum ChunkLists {
    /// So many are made at once, however many are asked for.
    private static let room = Room(count: 2)
    /// A list that lacks so little is finished, though nobody waits for it any more: the next one will.
    private static let nearlyDoneByteCount = 64 << 20

    /// The list that is kept, or one that is made now and kept; nil if the object is not here.
    ///
    /// `added` is told of entries as they are made; once it throws, no more is made, unless little is left to do.
    static func list(
        of hash: ObjectHash,
        in store: ObjectStore,
        added: (ChunkList, Range<Int>) async throws -> Void
    ) async throws -> ChunkList? {
        guard let byteCount = try store.localByteCount(of: hash) else { return nil }
        if let list = try await kept(hash, byteCount, store, added) { return list }
        guard !Task.isCancelled, await room.take() else { throw CancellationError() }
        defer { room.leave() }
        // Somebody else may have made it meanwhile.
        if let list = try await kept(hash, byteCount, store, added) { return list }
        guard let descriptor = try store.openLocal(hash) else { return nil }
        let file = SharedFile(descriptor)
        let object = ServedObject(kind: .blob, byteCount: byteCount) { range throws(ObjectError) in
            try file.read(range)
        }
        var failure: (any Error)?
        let list = try await object.makeChunkList { list, new in
            do {
                if failure == nil { try await added(list, new) }
            } catch {
                failure = error
            }
            if let failure, list.byteCount - list.coveredByteCount > nearlyDoneByteCount { throw failure }
        }
        guard list.isComplete else { return nil }
        store.chunkLists.keep(list, of: hash)
        if let failure { throw failure }
        return list
    }

    private static func kept(
        _ hash: ObjectHash,
        _ byteCount: Int,
        _ store: ObjectStore,
        _ added: (ChunkList, Range<Int>) async throws -> Void
    ) async throws -> ChunkList? {
        guard let list = store.chunkLists.list(of: hash, objectByteCount: byteCount) else { return nil }
        try await added(list, 0..<list.count)
        return list
    }
}
