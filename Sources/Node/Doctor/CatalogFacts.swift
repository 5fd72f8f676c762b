import Objects
import SystemPackage

/// What looking at some objects in the catalog and in `objects/` has shown.
struct CatalogSample: Codable, Hashable, Sendable {
    /// How many the catalog says are here, and how many of them were looked for.
    var heldCount = 0
    var soughtCount = 0
    /// How many of these were hashed, too.
    var hashedCount = 0
    /// Files that were looked up in the catalog.
    var fileCount = 0
    /// Said to be here, and not.
    var missing: [ObjectHash] = []
    /// Of another size than the catalog says, or no file.
    var misshapen: [ObjectHash] = []
    /// With other bytes than their name says.
    var wrong: [ObjectHash] = []
    /// That cannot be read.
    var unreadable: [ObjectHash] = []
    /// Files that the catalog does not know to be here.
    var unnoted: [ObjectHash] = []
}

/// Whether the catalog and the files agree.
struct CatalogFacts: Sendable {
    var sample: CatalogSample
    var mending: Mending

    var findings: [Finding] {
        let mend = mending.iom("fsck --repair")
        let bad: [Finding] = [
            finding(sample.missing, "is here by the catalog, and there is no file of it", mend),
            finding(sample.misshapen, "has a file that is not of the size the catalog says", mend),
            finding(sample.wrong, "has a file whose bytes are not what its name says", mend),
            finding(
                sample.unreadable,
                "has a file that cannot be read",
                "ls -l \(ShellWord.quoted(mending.root.appending("objects")))"
            ),
            finding(sample.unnoted, "has a file, and the catalog does not know that it is here", mend),
        ].compactMap(\.self)
        guard bad.isEmpty else { return bad }
        let all = sample.soughtCount == sample.heldCount
        let extent = all ? "all \(sample.heldCount)" : "\(sample.soughtCount) of \(sample.heldCount)"
        return [
            .ok(
                .catalog,
                "catalog and files agree on \(extent) object(s) that are here, \(sample.hashedCount) of them hashed, "
                    + "and on \(sample.fileCount) file(s)"
            )
        ]
    }

    private func finding(_ hashes: [ObjectHash], _ words: String, _ mend: String) -> Finding? {
        guard let first = hashes.first else { return nil }
        let others = hashes.count > 1 ? " (and \(hashes.count - 1) more of those looked at)" : ""
        return .problem(.catalog, "\(first)\(others) \(words)", mend: mend)
    }
}
