import SystemPackage

extension Row {
    static let listing = [
        list(.find, isFirst: true), list(.ls, isFirst: true), list(.find, isFirst: false), list(.ls, isFirst: false),
    ]

    private static func list(_ program: ListingProgram, isFirst: Bool) -> Row {
        let goal: [ListingProgram: Double] = [.find: 0.6, .ls: 0.5]
        let first = KernelCache.canBeEmptied ? "mounted just before, all kernel caches dropped" : "mounted just before"
        return Row(
            name: "\(program)-\(isFirst ? "first" : "warm")",
            what: "`\(program.words.joined(separator: " "))` of a folder of many files, \(isFirst ? first : "again")",
            unit: .entriesPerSecond,
            goal: isFirst ? nil : goal[program].map { .all([.times($0, of: .ext4), .times(2, of: .bindfs)]) },
            needs: [.small, .listed]
        ) { site in
            let archive = try await site.mounted()
            let gallery = try await site.gallery(Peer.local + Peer.distant)
            return List(gallery: gallery, archive: archive, program: program, isFirst: isFirst)
        }
    }
}

/// A program that lists everything below a folder.
private enum ListingProgram: String {
    case find, ls

    var words: [String] {
        switch self {
        case .find: ["find"]
        case .ls: ["ls", "-lR"]
        }
    }
}

private struct List: GalleryTrial {
    let gallery: Gallery
    let archive: Archive
    let program: ListingProgram
    let isFirst: Bool

    func measure(_ showing: Showing, _ round: Int) async throws -> Double {
        let part = showing.isSlow ? SampleTree.Shown.small : .listed
        let top = showing.top.pushing(part.path)
        var listing = Program()
        listing.words = program.words + [top.string]
        if isFirst {
            try await archive.remount(showing.contender)
            try KernelCache.empty()
        } else {
            try listing.run()
        }
        let time = try ContinuousClock().measure { try listing.run() }
        return .rate(try entryCount(top, atLeast: archive.files(part).count), in: time)
    }

    /// As `find` sees it; it has to be complete.
    private func entryCount(_ top: FilePath, atLeast expected: Int) throws -> Int {
        let count = try Program("find", top.string).output().split(separator: "\n").count
        guard count > expected else { throw PeerFailure("\(count) entries instead of more than \(expected)") }
        return count
    }
}
