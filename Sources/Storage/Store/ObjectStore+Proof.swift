package import Objects
import SystemPackage

extension ObjectStore {
    /// So much is read before others get their turn on this thread.
    private static let stretchByteCount = 8 << 20

    /// What shows that the bytes of an object are here: all of them are read.
    ///
    /// nil: not here. To be called on `DiskThreads`; ends early when the task is cancelled.
    package func proof(of hash: ObjectHash, nonce: Nonce) async throws(ObjectError) -> PossessionProof? {
        guard let file = try openVerified(hash) else { return nil }
        let byteCount = try ObjectError.from("reading \(hash)") { () throws(Errno) in try file.status().byteCount }
        var proving = PossessionProof.Proving(nonce: nonce)
        for start in stride(from: 0, to: byteCount, by: Self.stretchByteCount) {
            if start > 0 {
                if Task.isCancelled { throw .cancelled }
                await Task.yield()
            }
            do throws(Errno) {
                try file.forEachPiece(in: start..<min(start + Self.stretchByteCount, byteCount)) {
                    (piece) throws(Errno) in proving.update(piece)
                }
            } catch {
                throw ObjectError(error, "reading \(hash)")
            }
        }
        return proving.finish()
    }
}
