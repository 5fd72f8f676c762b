import SystemPackage

extension Row {
    static let listing = [listFirst, listAgain]

    static let listFirst = Row(
        name: "ls-first",
        what: "`ls -lR` of the whole mount, mounted just before; ext4: of a copy, as the kernel has it",
        unit: .entriesPerSecond
    ) { site in
        try await List(archive: site.mounted(), isFirst: true)
    }

    static let listAgain = Row(
        name: "ls-again",
        what: "the same once more",
        unit: .entriesPerSecond
    ) { site in
        try await List(archive: site.mounted(), isFirst: false)
    }
}

private struct List: Trial {
    let archive: Archive
    let isFirst: Bool
    private let entryCount: Int

    init(archive: Archive, isFirst: Bool) throws {
        (self.archive, self.isFirst) = (archive, isFirst)
        entryCount = try PlainTree.entryCount(below: archive.copy)
    }

    func measure(_ side: Contender, _ round: Int) async throws -> Double? {
        let listing = ListingProgram(directory: archive.top(on: side))
        if isFirst, side == .iom { try await archive.remount() } else { try listing.run() }
        return .rate(entryCount, in: try ContinuousClock().measure { try listing.run() })
    }
}
