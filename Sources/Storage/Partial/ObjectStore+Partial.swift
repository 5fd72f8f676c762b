package import Objects
import SystemPackage

extension ObjectStore {
    /// Makes an object of a partial file whose every byte is here and was hashed: durable on return.
    ///
    /// Nobody may write to it any more.
    package func complete(_ partial: PartialFile) throws(ObjectError) -> KnownObject {
        let prefix = try partial.read(0..<min(ObjectKind.sniffByteCount, partial.byteCount))
        let (kind, type) = ObjectKind.sniff(prefix: prefix)
        do throws(ObjectError) {
            try ObjectError.from("storing \(partial.hash)") { () throws(Errno) in
                try partial.file.setPermissions(Self.permissions)
                try partial.file.synchronize()
            }
            try publish(partial.path, as: partial.hash)
        } catch {
            // What could not be made durable is lost, whatever the file looks like (fsync(2), "EIO").
            partials.remove(partial.hash)
            throw error
        }
        partials.finished(partial.hash)
        return KnownObject(hash: partial.hash, kind: kind, type: type, byteCount: partial.byteCount)
    }
}
