package import Objects
package import SystemPackage

extension ObjectStore {
    /// How often a file that changes while it is hashed is hashed again.
    private static let attemptCountMax = 3

    /// The file of an object, its bytes verified; nil: not here.
    ///
    /// Wrong bytes are quarantined, as is what is no file. `trustsVerdict` tells whether a file that is as it was when
    /// it was last hashed need not be hashed again.
    func openVerified(_ hash: ObjectHash, trustsVerdict: Bool = true) throws(ObjectError) -> OpenFile? {
        for _ in 0..<Self.attemptCountMax {
            do throws(Errno) {
                let file = try OpenFile(objects.path(of: hash), .read, on: disk)
                switch try verdict(on: file, of: hash, trustsVerdict) {
                case .good: return file
                case .changing: continue
                case .wrong(let inode, let reason):
                    quarantine(hash, inode: inode, reason: reason)
                    return nil
                }
            } catch {
                switch error {
                case .noSuchFileOrDirectory, .notDirectory: return nil
                case _ where error.meansNoRegularFile:
                    quarantine(hash, reason: "not a regular file")
                    return nil
                default: throw ObjectError(error, "reading \(hash)")
                }
            }
        }
        throw .system(.resourceBusy, "reading \(hash), which keeps changing")
    }

    private enum Verdict {
        case good
        case changing
        case wrong(inode: UInt64, reason: String)
    }

    private func verdict(
        on file: borrowing OpenFile,
        of hash: ObjectHash,
        _ trustsVerdict: Bool
    ) throws(Errno) -> Verdict {
        let status = try file.status()
        let stamp = status.stamp
        guard status.kind == .file else { return .wrong(inode: stamp.inode, reason: "not a regular file") }
        if trustsVerdict, verdicts.verdict(of: hash) == stamp { return .good }
        let found = try file.hash()
        guard try file.status().stamp == stamp else { return .changing }
        guard found == hash else {
            return .wrong(inode: stamp.inode, reason: "\(stamp.byteCount) bytes whose SHA-256 is \(found)")
        }
        verdicts.record(stamp, of: hash)
        return .good
    }

    /// Hashes an object again, whatever its file looks like: a disk can lose bits without changing a time.
    ///
    /// False: it is not here, or it was wrong and is in quarantine now.
    package func rehash(_ hash: ObjectHash) throws(ObjectError) -> Bool {
        guard var file = try openVerified(hash, trustsVerdict: false) else { return false }
        try ObjectError.from("closing \(hash)") { () throws(Errno) in try file.close() }
        return true
    }

    /// Whether the object is here with the bytes its name says.
    package func contains(_ hash: ObjectHash) throws(ObjectError) -> Bool {
        try localByteCount(of: hash) != nil
    }

    /// Records that the file of this name has just been made of these bytes.
    func recordVerdict(of hash: ObjectHash) {
        guard let status = try? disk.status(at: objects.path(of: hash)), status.kind == .file else { return }
        verdicts.record(status.stamp, of: hash)
    }
}

extension ObjectStore: LocalObjects {
    package func localByteCount(of hash: ObjectHash) throws(ObjectError) -> Int? {
        // Without opening, if there is none or it is as it was when last hashed; the disk is asked first, because most
        // that are asked for before they are stored are not here.
        do throws(Errno) {
            guard let status = try disk.status(at: objects.path(of: hash)) else { return nil }
            if status.kind == .file, verdicts.verdict(of: hash) == status.stamp { return status.byteCount }
        } catch {
            if error == .notDirectory { return nil }
        }
        guard let file = try openVerified(hash) else { return nil }
        return try ObjectError.from("reading \(hash)") { () throws(Errno) in try file.status().byteCount }
    }

    package func localBytes(of hash: ObjectHash) throws(ObjectError) -> [UInt8]? {
        guard let file = try openVerified(hash) else { return nil }
        return try ObjectError.from("reading \(hash)") { () throws(Errno) in
            try file.read(0..<file.status().byteCount)
        }
    }
}

extension ObjectStore: ObjectReader {
    package func byteCount(of hash: ObjectHash) async throws(ObjectError) -> Int {
        guard let count = try localByteCount(of: hash) else { throw .unknown }
        return count
    }

    package func read(_ range: Range<Int>, of hash: ObjectHash) async throws(ObjectError) -> [UInt8] {
        guard let file = try openVerified(hash) else { throw .unknown }
        return try ObjectError.from("reading \(hash)") { () throws(Errno) in
            try file.read(range.clamped(to: 0..<file.status().byteCount))
        }
    }

    package func openLocal(_ hash: ObjectHash) throws(ObjectError) -> FileDescriptor? {
        guard let file = try openVerified(hash) else { return nil }
        return file.descriptor()
    }
}
