package import Objects
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

    /// A version node; `.unknown` if it is not here or no version node.
    func versionNode(_ hash: ObjectHash) throws(ObjectError) -> VersionNode {
        guard let bytes = try localBytes(of: hash), let object = try? Microdata.object(from: bytes, .standard),
            let node = VersionNode(object: object)
        else { throw .unknown }
        return node
    }
}
