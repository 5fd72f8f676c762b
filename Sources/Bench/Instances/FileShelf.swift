import Catalog
import Node
import Objects
import SystemPackage

/// Puts the files of the benchmark under `files/` of an instance.
struct FileShelf {
    /// Files of one folder.
    private static let folderCountMax = 100

    let node: Node
    let scale: Scale
    /// A place for one plain file.
    let scratch: FilePath

    /// Small files and a large one, and for each round those that it fetches.
    func fill(rounds: Int) async throws -> (small: [Archive.File], large: Archive.File) {
        let small = try put(SampleBytes(seed: 10).texts(scale.fileCount)) { index in
            ["many", "\(index / Self.folderCountMax)", "\(index).txt"]
        }
        let large = try await putLarge(["large.bin"], seed: 11)
        var files = small + [large]
        for round in 0..<rounds {
            let seed = UInt64(100 + 10 * round)
            for (kind, count) in [("small", scale.fetchCount), ("serial", scale.serialFetchCount)] {
                let bytes = SampleBytes(seed: seed + UInt64(kind.utf8.count))
                files += try put(bytes.objects(count, of: scale.objectByteCount)) { index in
                    ["fetch", "\(kind)-\(round)", "\(index).bin"]
                }
            }
            files.append(try await putLarge(["fetch", "large-\(round)"], seed: seed))
        }
        try await node.postman(node.requireIdentity()).add(files)
        try node.catalog.flushVerdicts()
        return (small.map(Self.file), Self.file(large))
    }

    private func put(_ contents: [[UInt8]], path: (Int) -> [String]) throws -> [NewFile] {
        var files: [NewFile] = []
        for start in stride(from: 0, to: contents.count, by: scale.batchCount) {
            for blob in try node.author.putBlobs(Array(contents[start...].prefix(scale.batchCount))) {
                files.append(file(path(files.count), blob))
            }
        }
        return files
    }

    private func putLarge(_ path: [String], seed: UInt64) async throws -> NewFile {
        try PlainFile.write(SampleBytes(seed: seed).bytes(scale.largeByteCount), to: scratch)
        defer { try? PlainTree.remove(scratch) }
        return file(path, try await node.author.putFile(scratch))
    }

    private func file(_ path: [String], _ blob: KnownObject) -> NewFile {
        NewFile(path: path, blob: blob, mode: 0o100644, modified: Timestamp(milliseconds: 1_700_000_000_000))
    }

    private static func file(_ new: NewFile) -> Archive.File {
        Archive.File(path: FilePath("files").appending(new.path.joined(separator: "/")), hash: new.blob.hash)
    }
}
