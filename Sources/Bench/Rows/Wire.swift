import Glibc
import Node
import SystemPackage

extension Row {
    /// How much goes over the wire where little is needed.
    static let wire = [
        head, fileTypes, edit(.append, "append 1 MiB to a large file"),
        edit(.insert, "insert 1 MiB into the middle of a large file"),
    ]

    static let head = Row(
        name: "wire-head",
        what: "read the first 4 KiB of an absent large file in the mount; what goes over the wire",
        unit: .mebibytes,
        goal: .figure(1),
        needs: [.fetched(.headed)]
    ) { site in
        try await ReadBeginning(laptop: site.joinedAndMounted(), site: site, isOne: true)
    }

    static let fileTypes = Row(
        name: "wire-file",
        what: "`file` on ten absent large files in the mount; what goes over the wire "
            + "(file 5.44 itself reads 7 MiB at the start and 7 at the end of each)",
        unit: .mebibytes,
        goal: .figure(20),
        needs: [.fetched(.headed)]
    ) { site in
        try await ReadBeginning(laptop: site.joinedAndMounted(), site: site, isOne: false)
    }

    private static func edit(_ change: Change, _ words: String) -> Row {
        Row(
            name: "wire-\(change)",
            what:
                "\(words), add it anew, and fetch it where its old version is; what goes over the wire from the adding on",
            unit: .mebibytes,
            goal: .figure(4),
            roundsMax: 1
        ) { site in
            try await Edit(laptop: site.joinedAndMounted(), archive: site.mounted(), site: site, change: change)
        }
    }
}

private struct ReadBeginning: Trial {
    let laptop: Laptop
    let site: Site
    let isOne: Bool

    var contenders: [Contender] { [.iom] }

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        let paths = SampleTree.Fetched.headed.paths(round, site.scale).map { laptop.mountPoint.pushing($0) }
        let count = try await Loopback.count {
            if isOne { try readHead(of: paths[0]) } else { try tellTypes(of: paths.dropFirst()) }
        }
        return .mebibytes(count)
    }

    private func readHead(of path: FilePath) throws {
        let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        defer { try? file.close() }
        try withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 64) { buffer in
            guard try file.read(into: buffer) == buffer.count else { throw PeerFailure("a short read of \(path)") }
        }
    }

    private func tellTypes(of paths: some Sequence<FilePath>) throws {
        var program = Program("file")
        program.words += paths.map(\.string)
        let said = try program.output()
        guard !said.contains("cannot") else { throw PeerFailure(said) }
    }
}

/// What is done to a large file.
private enum Change { case append, insert }

private struct Edit: Trial {
    let laptop: Laptop
    let archive: Archive
    let site: Site
    let change: Change

    var contenders: [Contender] { [.iom] }

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        let (folder, name) = ("edited", "\(change).bin")
        let path = FilePath("files/\(folder)/\(name)")
        let source = site.plain.appending(name)
        let (byteCount, more) = (site.scale.largeByteCount, site.scale.appendedByteCount)
        try FileShelf.write(byteCount, seed: 77, to: source)
        try await add(source, to: folder)
        try await wait(for: path, toHave: byteCount)
        try await laptop.fetch(path.string)
        try edit(source, more)
        let count = try await Loopback.count {
            try await add(source, to: folder)
            try await wait(for: path, toHave: byteCount + more)
            try await laptop.fetch(path.string)
        }
        try PlainTree.remove(source)
        return .mebibytes(count)
    }

    private func edit(_ path: FilePath, _ byteCount: Int) throws {
        let new = SampleBytes(seed: 78).bytes(byteCount)
        let file = try FileDescriptor.open(path, .readWrite, options: .closeOnExec)
        try file.closeAfter {
            let size = Int(try file.seek(offset: 0, from: .end))
            // In the middle, but not where a chunk would begin by chance.
            let place = change == .append ? size : size / 2 + 12_345
            var rest = [UInt8](repeating: 0, count: size - place)
            try rest.withUnsafeMutableBytes { try file.readAll(fromOffset: place, into: $0) }
            _ = try file.writeAll(toAbsoluteOffset: Int64(place), new + rest)
        }
    }

    private func add(_ file: FilePath, to folder: String) async throws {
        try await archive.companion.perform(AddFiles(paths: [Array(file.string.utf8)], folder: folder))
    }

    /// Until the laptop knows of that version.
    private func wait(for path: FilePath, toHave byteCount: Int) async throws {
        let shown = laptop.mountPoint.pushing(path).string
        try await laptop.companion.wait("to know of \(path)") {
            var status = stat()
            return stat(shown, &status) == 0 && Int(status.st_size) == byteCount
        }
    }
}
