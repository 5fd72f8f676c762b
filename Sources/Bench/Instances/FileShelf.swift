import Node
import Objects
import SystemPackage

/// Makes the files of the tree, part by part: as plain ones, and under `files/` of an instance that is running.
///
/// All bytes are pseudorandom: they can be neither compressed nor left out.
struct FileShelf {
    /// Files of one folder.
    private static let folderCountMax = 100
    private static let listedByteCount = 100
    /// Bytes of a large file that are in memory.
    private static let pieceByteCount = 8 << 20

    let companion: Companion
    let scale: Scale
    /// Folder of the plain files that stay.
    let copy: FilePath
    /// Folder of those that only the instance is to have.
    let scratch: FilePath

    /// A part that is compared.
    func make(_ part: SampleTree.Shown) async throws -> [SampleTree.File] {
        let path = copy.pushing(part.path)
        try PlainTree.makeDirectories(path.removingLastComponent())
        // A run that was interrupted left a part of it.
        if PlainFile.exists(path) { try PlainTree.remove(path) }
        switch part {
        case .small: try write(SampleBytes(seed: 10).texts(scale.fileCount), to: path)
        case .listed: try write(SampleBytes(seed: 12).objects(scale.listedCount, of: Self.listedByteCount), to: path)
        case .large: try Self.write(scale.largeByteCount, seed: 11, to: path)
        case .mixed:
            try write(SampleBytes(seed: 13).texts(scale.mixedSmallCount), to: path)
            for index in 0..<scale.mixedLargeCount {
                let large = path.appending("\(index).bin")
                try Self.write(scale.mixedLargeByteCount, seed: UInt64(20 + index), to: large)
            }
        }
        try PlainFile.synchronize(copy)
        return try await add(path, to: "")
    }

    /// Files of a round that are fetched.
    func make(_ part: SampleTree.Fetched, _ round: Int) async throws -> [SampleTree.File] {
        let (count, byteCount) = (part.count(scale), part.byteCount(scale))
        let folder = scratch.appending(part.name(round))
        try PlainTree.makeDirectories(folder)
        defer { try? PlainTree.remove(scratch) }
        // Other bytes in each part and round.
        let seed = part.rawValue.utf8.reduce(UInt64(round)) { $0 &* 31 &+ UInt64($1) } << 20
        for number in 0..<count {
            try Self.write(byteCount, seed: seed + UInt64(number), to: folder.appending("\(number)"))
        }
        return try await add(folder, to: "fetch")
    }

    /// Files in folders of their own.
    private func write(_ contents: [[UInt8]], to folder: FilePath) throws {
        for (index, bytes) in contents.enumerated() {
            let inner = folder.appending("\(index / Self.folderCountMax)")
            if index.isMultiple(of: Self.folderCountMax) { try PlainTree.makeDirectories(inner) }
            try PlainFile.write(bytes, to: inner.appending("\(index)"))
        }
    }

    static func write(_ byteCount: Int, seed: UInt64, to path: FilePath) throws {
        let bytes = SampleBytes(seed: seed)
        let sizes = stride(from: 0, to: byteCount, by: pieceByteCount).map { min(pieceByteCount, byteCount - $0) }
        try PlainFile.write(sizes.lazy.map(bytes.bytes), to: path)
    }

    /// As `iom add` does.
    private func add(_ path: FilePath, to folder: String) async throws -> [SampleTree.File] {
        let added = Gathered<AddFiles.File>()
        try await companion.perform(AddFiles(paths: [Array(path.string.utf8)], folder: folder)) { item in
            if case .added(let file) = item { await added.append(file) }
        }
        return await added.values.map { SampleTree.File(path: FilePath("files/\($0.path)"), hash: $0.hash) }
    }
}

/// All values of a stream of items.
private actor Gathered<Value: Sendable> {
    private(set) var values: [Value] = []

    func append(_ value: Value) { values.append(value) }
}
