import Node
import Objects
import Storage
import SystemPackage

extension Row {
    static let putting = [putSmall, putKnown, putLarge]

    private static let smallGoal = Goal.any([.figure(10_000), .times(0.8, of: .loop)])

    static let putSmall = Row(
        name: "put-small",
        what: "store objects of 500 bytes, durable batch by batch; ext4: as many files, syncfs after each 1,000; "
            + "loop: SHA-256 and one file each, named by it, syncfs at the end",
        unit: .objectsPerSecond,
        goal: smallGoal
    ) { site in
        // The directories of the store are there before it is measured.
        _ = try site.node().store.put(SampleBytes(seed: 999).objects(2_000, of: 32))
        return PutSmall(node: try site.node(), site: site, isMadeKnown: false)
    }

    static let putKnown = Row(
        name: "put-known",
        what: "the same, and the catalog knows them",
        unit: .objectsPerSecond,
        goal: smallGoal
    ) { site in
        PutSmall(node: try site.node(), site: site, isMadeKnown: true)
    }

    static let putLarge = Row(
        name: "put-large",
        what: "put large files from the disk, durable; sha256sum: of them; ext4: `cp --sparse=never` and sync",
        unit: .megabytesPerSecond,
        goal: .any([.times(0.85, of: .sha256sum), .times(0.85, of: .ext4)])
    ) { site in
        try PutLarge(site: site)
    }
}

extension Contender {
    /// What a C program would do without any of IoM's care: nothing is indexed, and one barrier is for all.
    static let loop: Self = "loop"
    static let sha256sum: Self = "sha256sum"
}

private struct PutSmall: Trial {
    let node: Node
    let site: Site
    let isMadeKnown: Bool

    var contenders: [Contender] { [.iom, .loop, .ext4] }

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        let seed = UInt64(1_000 + 10 * round + (isMadeKnown ? 5 : 0))
        let objects = SampleBytes(seed: seed).objects(site.scale.objectCount, of: site.scale.objectByteCount)
        let batches = stride(from: 0, to: objects.count, by: site.scale.batchCount).map { start in
            Array(objects[start...].prefix(site.scale.batchCount))
        }
        let folder = site.plain.appending("put-\(contender)-\(seed)")
        if contender != .iom { try PlainFile.makeDirectory(folder) }
        if contender == .loop { for byte in 0..<256 { try PlainFile.makeDirectory(Self.shelf(byte, folder)) } }
        let time = try await ContinuousClock().measure {
            if contender == .iom { return try await put(objects) }
            for (number, batch) in batches.enumerated() {
                if contender == .loop {
                    try hashAndWrite(batch, to: folder)
                } else {
                    try write(batch, to: folder, number: number)
                }
            }
            if contender == .loop { try PlainFile.synchronize(folder) }
        }
        return .rate(objects.count, in: time)
    }

    private func write(_ batch: [[UInt8]], to folder: FilePath, number: Int) throws {
        for (index, bytes) in batch.enumerated() {
            try PlainFile.write(bytes, to: folder.appending("\(number)-\(index)"))
        }
        try PlainFile.synchronize(folder)
    }

    private func put(_ objects: [[UInt8]]) async throws {
        let inputs = Supply(objects.lazy.map { NewObject(.bytes($0), tag: (), likelyByteCount: $0.count) })
        if isMadeKnown { return try await node.author.put(all: inputs) { _ in } }
        try await node.store.put(all: inputs) { _ in }
    }

    private func hashAndWrite(_ batch: [[UInt8]], to folder: FilePath) throws {
        for bytes in batch {
            var hasher = SHA256()
            hasher.update(bytes)
            let hash = hasher.finish()
            let first = hash.bytes.first.map(Int.init) ?? 0
            try PlainFile.write(bytes, to: Self.shelf(first, folder).appending(hash.hex))
        }
    }

    private static func shelf(_ byte: Int, _ folder: FilePath) -> FilePath { folder.appending("\(byte)") }
}

private struct PutLarge: Trial {
    let site: Site
    private let sources: [FilePath]

    init(site: Site) throws {
        self.site = site
        sources = (0..<site.scale.putLargeCount).map { site.plain.appending("put-source-\($0)") }
        for (index, source) in sources.enumerated() {
            let seed = UInt64(2_000 + index)
            try PlainFile.write(SampleBytes(seed: seed).bytes(site.scale.largeByteCount), to: source)
        }
        try PlainFile.synchronize(site.plain)
    }

    var contenders: [Contender] { [.iom, .sha256sum, .ext4] }

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        for source in sources { try PlainFile.dropCache(of: source) }
        let byteCount = sources.count * site.scale.largeByteCount
        let target = site.path("put-large-\(contender)-\(round)")
        defer { try? PlainTree.remove(target) }
        let clock = ContinuousClock()
        switch contender {
        case .iom:
            let node = try site.newNode(target.lastComponent?.string ?? "")
            let command = PutFiles(paths: sources.map { Array($0.string.utf8) })
            let start = clock.now
            try await command.run(on: node) { _ in }
            return .megabytes(byteCount, in: clock.now - start)
        case .sha256sum:
            var program = Program("sha256sum")
            program.words += sources.map(\.string)
            return .megabytes(byteCount, in: try clock.measure { try program.run() })
        default:
            try PlainFile.makeDirectory(target)
            var copying = Program("cp", "--sparse=never", "--reflink=never", "-t", target.string)
            copying.words += sources.map(\.string)
            let time = try clock.measure {
                try copying.run()
                try Program("sync", "-f", target.string).run()
            }
            return .megabytes(byteCount, in: time)
        }
    }

    func end() async { for source in sources { try? PlainTree.remove(source) } }
}
