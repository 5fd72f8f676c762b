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

    package init(_ source: AdoptionSource, into store: ObjectStore, usesLinks: Bool = false) {
        (self.source, self.store, self.usesLinks) = (source, store, usesLinks)
    }

    /// Runs to the end.
    ///
    /// `progress` is told how many objects of how many are done, `stored` which are stored and durable, those that were
    /// here already included.
    package func run(
        progress: (Int, Int) -> Void = { _, _ in },
        stored: ([KnownObject]) throws -> Void = { _ in }
    ) async throws -> AdoptionReport {
        let disk = try ObjectError.from("opening \(source.path)") { () throws(Errno) in try PosixDisk(source.path) }
        var report = AdoptionReport()
        let files = try listObjects(disk, &report)
        report.objectCount = files.count
        var doneCount = 0
        try await store.put(all: Supply(files.lazy.map { input($0, of: disk) })) { batch in
            try stored(report.take(batch))
            doneCount += batch.count
            progress(doneCount, files.count)
        }
        try adoptHeads(disk, &report)
        return report
    }

    struct File: Sendable {
        var hash: ObjectHash
        /// Below the directory of the instance.
        var folder: String

        var name: String { folder + "/" + hash.hex }
    }

    private func input(_ file: File, of disk: PosixDisk) -> NewObject<File> {
        let path = DiskPath(file.name)
        // Of a file that is missing the size does not matter.
        let byteCount = (try? disk.status(at: path))?.byteCount ?? 0
        return NewObject(
            .entry(path, of: disk, isLinked: usesLinks),
            tag: file,
            expected: file.hash,
            likelyByteCount: byteCount
        )
    }

    /// The files of `objects/`: flat, or below directories of their first digits (one-format 3.2).
    private func listObjects(_ disk: PosixDisk, _ report: inout AdoptionReport) throws(ObjectError) -> [File] {
        var files: [File] = []
        func list(_ folder: String, _ prefix: String) throws(Errno) {
            for entry in try disk.list(DiskPath(folder)) {
                let path = folder + "/" + entry.text
                if let hash = ObjectHash(hex: entry.name), entry.kind == .file, hash.hex.hasPrefix(prefix) {
                    files.append(File(hash: hash, folder: folder))
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
}
