import Catalog
import Node
import Objects
import SystemPackage

/// Makes the files of a run: puts them under `files/` of an instance, and what is compared beside it as plain files.
///
/// All bytes are pseudorandom: they can be neither compressed nor left out.
struct FileShelf {
    /// Files of one folder.
    private static let folderCountMax = 100
    private static let listedByteCount = 100

    let node: Node
    let scale: Scale
    /// Folder of the plain files, and a place for one.
    let copy: FilePath
    let scratch: FilePath
    private var files: [NewFile] = []

    init(node: Node, scale: Scale, copy: FilePath, scratch: FilePath) {
        (self.node, self.scale, self.copy, self.scratch) = (node, scale, copy, scratch)
    }

    /// Everything that all rounds need.
    mutating func fill(rounds: Int) async throws -> SampleTree {
        var large: [SampleTree.File] = []
        for index in 0..<scale.mixedLargeCount {
            let (name, seed) = ("mixed/\(index).bin", UInt64(20 + index))
            large.append(try await putLarge(name, scale.mixedLargeByteCount, seed: seed, isShown: true))
        }
        let tree = SampleTree(
            small: try put(SampleBytes(seed: 10).texts(scale.fileCount), in: "many"),
            large: try await putLarge("large.bin", scale.largeByteCount, seed: 11, isShown: true),
            listed: try put(SampleBytes(seed: 12).objects(scale.listedCount, of: Self.listedByteCount), in: "listed"),
            mixed: try put(SampleBytes(seed: 13).texts(scale.mixedSmallCount), in: "mixed") + large
        )
        for round in 0..<rounds { try await putFetched(round) }
        try await node.postman(node.requireIdentity()).add(files)
        try node.catalog.flushVerdicts()
        try PlainFile.synchronize(copy)
        return tree
    }

    private mutating func putFetched(_ round: Int) async throws {
        for (index, kind) in SampleTree.Fetched.allCases.enumerated() {
            let seed = UInt64(1_000 + 100 * round + index)
            let (folder, count) = (kind.folder(round), kind.count(scale))
            let byteCount = kind.byteCount(scale)
            if byteCount == scale.objectByteCount {
                _ = try put(SampleBytes(seed: seed).objects(count, of: byteCount), in: folder, isShown: false)
            } else {
                for number in 0..<count {
                    let seed = seed + UInt64(100_000 * (number + 1))
                    _ = try await putLarge("\(folder)/\(number)", byteCount, seed: seed, isShown: false)
                }
            }
        }
    }

    /// Files of a folder, in folders of their own if they are many.
    private mutating func put(
        _ contents: [[UInt8]],
        in folder: String,
        isShown: Bool = true
    ) throws -> [SampleTree.File] {
        var made: [SampleTree.File] = []
        for start in stride(from: 0, to: contents.count, by: scale.batchCount) {
            let batch = Array(contents[start...].prefix(scale.batchCount))
            for (blob, bytes) in zip(try node.author.putBlobs(batch), batch) {
                let index = made.count
                let name = isShown ? "\(folder)/\(index / Self.folderCountMax)/\(index)" : "\(folder)/\(index)"
                made.append(shelve(name, blob))
                if isShown { try PlainFile.write(bytes, to: place(name)) }
            }
        }
        return made
    }

    private mutating func putLarge(
        _ name: String,
        _ byteCount: Int,
        seed: UInt64,
        isShown: Bool
    ) async throws -> SampleTree.File {
        let path = isShown ? try place(name) : scratch
        try PlainFile.write(SampleBytes(seed: seed).bytes(byteCount), to: path)
        defer { if !isShown { try? PlainTree.remove(path) } }
        return shelve(name, try await node.author.putFile(path))
    }

    private mutating func shelve(_ name: String, _ blob: KnownObject) -> SampleTree.File {
        let names = name.split(separator: "/").map(String.init)
        let modified = Timestamp(milliseconds: 1_700_000_000_000)
        files.append(NewFile(path: names, blob: blob, mode: 0o100644, modified: modified))
        return SampleTree.File(path: FilePath("files/\(name)"), hash: blob.hash)
    }

    /// Where the plain file of a name is; its folders are there then.
    private func place(_ name: String) throws -> FilePath {
        let path = copy.appending("files/\(name)")
        try PlainTree.makeDirectories(path.removingLastComponent())
        return path
    }
}
