package import Objects
import SystemPackage

/// Brings the objects and heads of a ONE.CORE instance into a store.
///
/// Every object is hashed on its way in. What came in stays when the rest does not: it can be interrupted and run again,
/// and brings in only what is missing.
package struct Adoption: Sendable {
    let source: AdoptionSource
    let store: ObjectStore
    /// Whether the files themselves are taken, under second names, where the file system can.
    let usesLinks: Bool

    /// What shares one barrier.
    private static let batchCountMax = 1024
    private static let batchByteCountMax = 64 * 1024 * 1024

    package init(_ source: AdoptionSource, into store: ObjectStore, usesLinks: Bool = false) {
        (self.source, self.store, self.usesLinks) = (source, store, usesLinks)
    }

    /// Runs to the end. `progress` is told how many objects of how many are done, `stored` which are stored and durable,
    /// those that were here already included.
    package func run(
        progress: (Int, Int) -> Void = { _, _ in }, stored: ([KnownObject]) throws -> Void = { _ in }
    ) throws -> AdoptionReport {
        let disk = try ObjectError.from("opening \(source.path)") { () throws(Errno) in try PosixDisk(source.path) }
        var report = AdoptionReport()
        let files = try listObjects(disk, &report)
        report.objectCount = files.count
        var next = files[...]
        while !next.isEmpty {
            let known = try adoptBatch(&next, &report)
            try stored(known)
            progress(files.count - next.count, files.count)
        }
        try adoptHeads(disk, &report)
        return report
    }

    struct File {
        var hash: ObjectHash
        /// Below the directory of the instance.
        var name: String
    }

    /// The files of `objects/`: flat, or below directories of their first digits (one-format 3.2).
    private func listObjects(_ disk: PosixDisk, _ report: inout AdoptionReport) throws(ObjectError) -> [File] {
        var files: [File] = []
        func list(_ folder: String, _ prefix: String) throws(Errno) {
            for entry in try disk.list(DiskPath(folder)) {
                let path = folder + "/" + entry.text
                if let hash = ObjectHash(hex: entry.name), entry.kind == .file, hash.hex.hasPrefix(prefix) {
                    files.append(File(hash: hash, name: path))
                } else if entry.kind == .directory, prefix.isEmpty, Self.isShard(entry.name) {
                    try list(path, entry.text)
                } else {
                    report.findings.append(.init(.foreign, path))
                }
            }
        }
        do throws(Errno) { try list("objects", "") } catch { throw ObjectError(error, "listing \(source.path)") }
        return files.sorted { $0.hash < $1.hash }
    }

    private static func isShard(_ name: [UInt8]) -> Bool {
        (1...4).contains(name.count) && name.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// Takes files off the front, as many as share a barrier.
    private func adoptBatch(
        _ files: inout ArraySlice<File>, _ report: inout AdoptionReport
    ) throws(ObjectError) -> [KnownObject] {
        var batch = ObjectBatch(in: store)
        var known: [KnownObject] = []
        var byteCount = 0
        while let file = files.first, batch.count < Self.batchCountMax, byteCount < Self.batchByteCountMax {
            files.removeFirst()
            if try batch.addExisting(file.hash) {
                report.knownCount += 1
                if let object = try store.known(file.hash) { known.append(object) }
                continue
            }
            guard let object = try adopt(file, in: &batch, &report) else { continue }
            byteCount += object.byteCount
            known.append(object)
        }
        try batch.commit()
        report.byteCount += byteCount
        return known
    }

    /// nil: the file cannot be adopted, and the report says why.
    private func adopt(
        _ file: File, in batch: inout ObjectBatch, _ report: inout AdoptionReport
    ) throws(ObjectError) -> KnownObject? {
        let path = source.path.appending(file.name)
        do throws(ObjectError) {
            if usesLinks, let object = try link(path, file.hash, in: &batch) {
                report.linkedCount += 1
                return object
            }
            let (object, transfer) = try batch.add(file: path, expecting: file.hash)
            if transfer == .cloned { report.clonedCount += 1 } else { report.copiedCount += 1 }
            return object
        } catch {
            switch error {
            case .damaged: report.findings.append(.init(.damaged, file.name))
            case .system(.ioError, _), .system(.permissionDenied, _), .system(.noSuchFileOrDirectory, _):
                report.findings.append(.init(.unreadable, file.name))
            default: throw error
            }
            return nil
        }
    }

    /// nil where the file system cannot: another device, or the owner's files may not be linked.
    private func link(
        _ path: FilePath, _ hash: ObjectHash, in batch: inout ObjectBatch
    ) throws(ObjectError) -> KnownObject? {
        do throws(ObjectError) {
            return try batch.add(linking: path, expecting: hash)
        } catch {
            switch error {
            case .system(.improperLink, _), .system(.notPermitted, _), .system(.tooManyLinks, _): return nil
            default: throw error
            }
        }
    }
}
