import Objects
import SystemPackage

extension Export {
    /// Microdata that is longer is not looked at for references; ONE.CORE has none of that size.
    private static let microdataByteCountMax = 64 << 20

    /// Writes one object and, if they are not there yet, the lines of what it refers to.
    func write(_ hash: ObjectHash, _ byteCount: Int, isListed: Bool, _ report: inout ExportReport) throws {
        guard let source = try store.openLocal(hash) else {
            report.lost.append(hash)
            return
        }
        defer { try? source.close() }
        try ObjectError.from("writing \(hash) to \(path)") { () throws(Errno) in
            try copy(source, as: Place.objects.appending(hash.hex), &report)
        }
        report.objectCount += 1
        report.byteCount += byteCount
        guard !isListed, byteCount <= Self.microdataByteCountMax else { return }
        let prefix = try ObjectError.from("reading \(hash)") { () throws(Errno) in
            try Self.piece(of: source, at: 0, byteCountMax: ObjectKind.sniffByteCount)
        }
        let (kind, type) = ObjectKind.sniff(prefix: prefix)
        if let type { try writeLines(of: hash, kind, type) }
    }

    /// Shares the blocks of the file where the file system can, else copies.
    private func copy(_ source: FileDescriptor, as name: DiskPath, _ report: inout ExportReport) throws(Errno) {
        // What an export that was interrupted had given its name is whole: it was renamed.
        if try disk.status(at: name) != nil { return }
        let staged = Place.staging.appending("object")
        var file = try OpenFile(staged, .create(permissions: 0o644), on: disk)
        if disk.clone(source, into: file.handle) {
            report.clonedCount += 1
        } else {
            try append(source, to: &file)
        }
        try file.close()
        try disk.publish(staged, as: name)
    }

    private func append(_ source: FileDescriptor, to file: inout OpenFile) throws(Errno) {
        var offset = 0
        while true {
            let piece = try Self.piece(of: source, at: offset, byteCountMax: OpenFile.pieceByteCount)
            if piece.isEmpty { return }
            try file.append(piece)
            offset += piece.count
        }
    }

    /// Some bytes from there on; none at the end (pread(2)).
    private static func piece(of source: FileDescriptor, at offset: Int, byteCountMax: Int) throws(Errno) -> [UInt8] {
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: byteCountMax) { buffer, count in
            do {
                let place = UnsafeMutableRawBufferPointer(buffer)
                count = try source.read(fromAbsoluteOffset: Int64(offset), into: place)
            } catch {
                failure = error as? Errno ?? .ioError
            }
        }
        if let failure { throw failure }
        return bytes
    }

    func writeLines(of hash: ObjectHash, _ kind: ObjectKind, _ type: String) throws {
        guard reverseMaps.has(kind, type), let bytes = try store.localBytes(of: hash),
            // Text that only looks like an object refers to nothing.
            let references = try? Microdata.references(in: bytes, book)
        else { return }
        let line = Array((hash.hex + "\n").utf8)
        for target in reverseMaps.targets(kind, type, references) {
            let name = Place.reverseMaps.appending(ReverseMaps.fileName(target, kind, type))
            try ObjectError.from("writing \(name) in \(path)") { () throws(Errno) in
                let isNew = try disk.status(at: name) == nil
                var file = try OpenFile(name, isNew ? .create(permissions: 0o644) : .update, on: disk)
                try file.write(line, at: file.status().byteCount)
                try file.close()
            }
        }
    }

    /// Writes the heads; one whose version is not here is left out.
    func writeHeads(_ report: inout ExportReport) throws {
        try store.forEachHead { id in
            report.missingHeads.append(id)
        } _: { id, node in
            guard let version = try? store.versionNode(node), try store.contains(version.data) else {
                report.missingHeads.append(id)
                return
            }
            try ObjectError.from("writing the head of \(id) to \(path)") { () throws(Errno) in
                var file = try OpenFile(Place.heads.appending(id.hex), .create(permissions: 0o644), on: disk)
                try file.append(Array(node.hex.utf8))
                try file.close()
            }
            report.headCount += 1
        }
    }
}
