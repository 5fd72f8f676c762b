import Objects
import Peers
import Storage

extension NodeService {
    func chunks(of hash: ObjectHash, to writer: ChunkListWriter, for caller: IoMSession) async throws -> Bool {
        guard let byteCount = try node.store.localByteCount(of: hash) else { return false }
        let header = ChunkList.header(objectByteCount: byteCount)
        node.traffic.sent(byteCount: header.count)
        try await writer.write(header)
        let list = try await ChunkLists.list(of: hash, in: node.store) { list, new in
            try Task.checkCancellation()
            let entries = list.entries(new)
            node.traffic.sent(byteCount: entries.count)
            try await writer.write(entries)
        }
        return list != nil
    }
}
