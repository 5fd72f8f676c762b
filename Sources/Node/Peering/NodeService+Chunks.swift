import Objects
import Peers
import Storage

extension NodeService {
    func chunks(of hash: ObjectHash, to writer: ChunkListWriter, for caller: IoMSession) async throws -> Bool {
        if try node.store.localByteCount(of: hash) == nil { await node.errands.bring([hash]) }
        guard let byteCount = try node.store.localByteCount(of: hash) else { return false }
        try await writer.write(ChunkList.header(objectByteCount: byteCount))
        let list = try await ChunkLists.list(of: hash, in: node.store) { list, new in
            try Task.checkCancellation()
            try await writer.write(list.entries(new))
        }
        return list != nil
    }
}
