import Catalog
import Node
import Objects
import Storage
import SystemPackage

extension Row {
    static let getting = [getSmall, getLarge]

    static let getSmall = Row(
        name: "get-small",
        what: "read whole objects of 500 bytes by hash from the store, warm; ext4: read as many files",
        unit: .objectsPerSecond
    ) { site in
        let count = site.scale.objectCount
        let objects = SampleBytes(seed: 3_000).objects(count, of: site.scale.objectByteCount)
        return try Get(objects, of: site, what: "small")
    }

    static let getLarge = Row(
        name: "get-large",
        what: "read one large object by hash from the store into memory, warm; ext4: read the file",
        unit: .megabytesPerSecond
    ) { site in
        try Get([SampleBytes(seed: 3_001).bytes(site.scale.largeByteCount)], of: site, what: "large")
    }
}

private struct Get: Trial {
    let node: Node
    let hashes: [ObjectHash]
    let files: [FilePath]

    init(_ objects: [[UInt8]], of site: Site, what: String) throws {
        node = try site.node()
        hashes = try node.store.put(objects).map(\.hash)
        let folder = site.plain.appending("get-\(what)")
        try PlainFile.makeDirectory(folder)
        files = objects.indices.map { folder.appending("\($0)") }
        for (bytes, file) in zip(objects, files) { try PlainFile.write(bytes, to: file) }
        try node.catalog.flushVerdicts()
        for side in contenders { try read(side) }
    }

    func measure(_ side: Contender, _ round: Int) throws -> Double? {
        var byteCount = 0
        let time = try ContinuousClock().measure { byteCount = try read(side) }
        return hashes.count == 1 ? .megabytes(byteCount, in: time) : .rate(hashes.count, in: time)
    }

    @discardableResult
    private func read(_ side: Contender) throws -> Int {
        switch side {
        case .iom: try hashes.reduce(0) { try $0 + (node.store.localBytes(of: $1)?.count ?? 0) }
        default: try files.reduce(0) { try $0 + PlainFile.bytes(of: $1).count }
        }
    }
}
