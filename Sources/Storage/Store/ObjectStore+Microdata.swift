package import Objects
import Synchronization
import SystemPackage

extension ObjectStore {
    /// What is known of an object that is here, by its first bytes; nil: not here.
    package func known(_ hash: ObjectHash) throws(ObjectError) -> KnownObject? {
        guard let file = try openVerified(hash) else { return nil }
        return try ObjectError.from("reading \(hash)") { () throws(Errno) in
            let (kind, type) = ObjectKind.sniff(prefix: try file.read(0..<ObjectKind.sniffByteCount))
            return KnownObject(hash: hash, kind: kind, type: type, byteCount: try file.status().byteCount)
        }
    }

    /// The same of many, in order; those that are not here are left out.
    ///
    /// Two threads read: what waits for the disk or is hashed does not wait for the other.
    package func known(_ hashes: [ObjectHash]) throws(ObjectError) -> [KnownObject] {
        let answers = Answers()
        DiskThreads.shared.share(hashes.count) { index in
            let answer = Result { () throws(ObjectError) in try self.known(hashes[index]) }
            answers.all.withLock { $0.append((index, answer)) }
        }
        var known: [KnownObject] = []
        for (_, answer) in answers.all.withLock({ $0 }).sorted(by: { $0.0 < $1.0 }) {
            if let object = try answer.get() { known.append(object) }
        }
        return known
    }

    /// What several threads found, in any order.
    private final class Answers: Sendable {
        let all = Mutex<[(Int, Result<KnownObject?, ObjectError>)]>([])
    }

    /// A version node; `.unknown` if it is not here or no version node.
    func versionNode(_ hash: ObjectHash) throws(ObjectError) -> VersionNode {
        guard let bytes = try localBytes(of: hash), let object = try? Microdata.object(from: bytes, .standard),
            let node = VersionNode(object: object)
        else { throw .unknown }
        return node
    }
}
