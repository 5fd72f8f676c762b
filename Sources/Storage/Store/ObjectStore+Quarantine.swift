package import Objects
import Synchronization
import SystemPackage

extension ObjectStore {
    /// Takes whatever has the name of this object out of `objects/`, with the reason beside it.
    @discardableResult
    package func quarantine(_ hash: ObjectHash, reason: String) -> Quarantined {
        quarantine(hash, inode: nil, reason: reason)
    }

    /// The same, only if the file is still the one that was found wrong: it may have been replaced by a good one.
    @discardableResult
    func quarantine(_ hash: ObjectHash, inode: UInt64?, reason: String) -> Quarantined {
        let name = "\(hash.hex)-\(Hex.text(random.bytes(4)))"
        let path = objects.path(of: hash)
        let isMoved = distrusted.withLock { _ in
            do throws(Errno) {
                if let inode, try disk.status(at: path)?.stamp.inode != inode { return false }
                try disk.publish(path, as: Root.Place.quarantine.appending(name))
                return true
            } catch {
                // On a read-only disk it stays where it is; it is found wrong again whenever it is asked for.
                return false
            }
        }
        if isMoved { note(reason, beside: name) }
        let finding = Quarantined(hash: hash, reason: reason, name: isMoved ? name : nil)
        findings.report(finding)
        return finding
    }

    /// Best effort: a full disk must not keep wrong bytes in place.
    private func note(_ reason: String, beside name: String) {
        let path = Root.Place.quarantine.appending(name + ".reason")
        guard var file = try? OpenFile(path, .create(permissions: 0o644), on: disk) else { return }
        try? file.append(Array((reason + "\n").utf8))
        try? file.close()
        try? disk.synchronizeDirectory(Root.Place.quarantine)
    }

    /// What lies in `quarantine/`, in order of name.
    package func quarantinedFiles() throws(ObjectError) -> [Quarantined] {
        let entries = try ObjectError.from("listing quarantine/") { () throws(Errno) in
            try disk.list(Root.Place.quarantine)
        }
        return entries.compactMap { entry in
            guard let hash = ObjectHash(hex: entry.name.prefix(64)), !entry.text.hasSuffix(".reason") else { return nil }
            let path = Root.Place.quarantine.appending(entry.text + ".reason")
            let reason = (try? OpenFile(path, .read, on: disk).read(0..<Self.reasonByteCountMax)) ?? []
            return Quarantined(
                hash: hash, reason: String(decoding: reason.prefix { $0 != 0x0A }, as: UTF8.self), name: entry.text)
        }.sorted { ($0.name ?? "") < ($1.name ?? "") }
    }

    private static let reasonByteCountMax = 4096
}
