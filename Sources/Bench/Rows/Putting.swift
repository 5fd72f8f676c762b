import Node
import Objects
import Storage
import SystemPackage

extension Row {
    static let putting = [putSmall, putKnown, putLarge]

    static let putSmall = Row(
        name: "put-small",
        what: "store objects of 500 bytes, durable batch by batch; ext4: as many files, and syncfs after each 1,000",
        unit: .objectsPerSecond
    ) { site in
        // The directories of the store are there before it is measured.
        _ = try site.node().store.put(SampleBytes(seed: 999).objects(2_000, of: 32))
        return PutSmall(node: try site.node(), site: site, isMadeKnown: false)
    }

    static let putKnown = Row(
        name: "put-known",
        what: "the same, and the catalog knows them",
        unit: .objectsPerSecond
    ) { site in
        PutSmall(node: try site.node(), site: site, isMadeKnown: true)
    }

    static let putLarge = Row(
        name: "put-large",
        what: "store one large file, durable; ext4: copy it and fsync",
        unit: .megabytesPerSecond
    ) { site in
        try PutLarge(node: site.node(), site: site)
    }
}

private struct PutSmall: Trial {
    let node: Node
    let site: Site
    let isMadeKnown: Bool

    func measure(_ side: Contender, _ round: Int) async throws -> Double? {
        let seed = UInt64(1_000 + 10 * round + (isMadeKnown ? 5 : 0))
        let objects = SampleBytes(seed: seed).objects(site.scale.objectCount, of: site.scale.objectByteCount)
        let folder = site.plain.appending("put-\(seed)")
        if side == .ext4 { try PlainFile.makeDirectory(folder) }
        let time = try await ContinuousClock().measure {
            switch side {
            case .iom: try await put(objects)
            default: try write(objects, to: folder)
            }
        }
        return .rate(objects.count, in: time)
    }

    private func put(_ objects: [[UInt8]]) async throws {
        let inputs = Supply(objects.lazy.map { NewObject(.bytes($0), tag: (), likelyByteCount: $0.count) })
        if isMadeKnown { return try await node.author.put(all: inputs) { _ in } }
        var count = 0
        try await node.store.put(all: inputs) { count += $0.count }
        precondition(count == objects.count)
    }

    private func write(_ objects: [[UInt8]], to folder: FilePath) throws {
        for start in stride(from: 0, to: objects.count, by: site.scale.batchCount) {
            for index in start..<min(start + site.scale.batchCount, objects.count) {
                try PlainFile.write(objects[index], to: folder.appending("\(index)"))
            }
            try PlainFile.synchronize(folder)
        }
    }
}

private struct PutLarge: Trial {
    let node: Node
    let site: Site
    private let byteCount: Int

    init(node: Node, site: Site) throws {
        (self.node, self.site, byteCount) = (node, site, site.scale.largeByteCount)
    }

    func measure(_ side: Contender, _ round: Int) async throws -> Double? {
        // Each side has a source of its own, just written, so that neither profits from the other.
        let source = site.plain.appending("source-\(side)-\(round)")
        try PlainFile.write(SampleBytes(seed: UInt64(2_000 + round)).bytes(byteCount), to: source)
        try PlainFile.synchronize(site.plain)
        defer { try? PlainTree.remove(source) }
        let time = try await ContinuousClock().measure {
            switch side {
            case .iom: _ = try await node.store.put(file: source)
            default: try PlainFile.copy(source, to: site.plain.appending("large-\(round)"), isDurable: true)
            }
        }
        return .megabytes(byteCount, in: time)
    }
}
