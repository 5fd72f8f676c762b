import Catalog
import Objects
import Peers

extension Node {
    /// Asks the connected instances for an object nobody has told of yet; after that it is known, if one of them holds it.
    func find(_ hash: ObjectHash) async throws {
        guard try catalog.known(hash) == nil else { return }
        for session in links.sessions {
            // One that does not answer keeps nobody from asking the next.
            guard let object = try? await session.client.description(of: hash, requester: configuration.instance.name)
            else { continue }
            try catalog.record([.object(object, held: true)], from: session.member.name)
            return
        }
    }
}

extension IoMClient {
    /// What the other side says of an object before it sends it; nil if it does not hold it.
    fileprivate func description(of hash: ObjectHash, requester: String) async throws(CallError) -> KnownObject? {
        var parts = try await objectParts([hash], requester: requester).makeAsyncIterator()
        guard case .begin(_, let kind, let byteCount)? = try await parts.next() else { return nil }
        return KnownObject(hash: hash, kind: kind, type: nil, byteCount: byteCount)
    }
}
