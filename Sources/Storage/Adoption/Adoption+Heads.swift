import Objects
import SystemPackage

extension Adoption {
    private static let headBatchCountMax = 4096

    /// Sets the heads of the source that are good and not behind those here (one-format 2.5).
    func adoptHeads(_ disk: PosixDisk, _ report: inout AdoptionReport) throws {
        let entries = try ObjectError.from("listing \(source.path)") { () throws(Errno) -> [DiskEntry] in
            guard try disk.status(at: "vheads") != nil else { return [] }
            return try disk.list("vheads")
        }
        var batch: [(id: IDHash, node: ObjectHash)] = []
        for entry in entries.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            let path = "vheads/" + entry.text
            guard let id = ObjectHash(hex: entry.name).map(IDHash.init), entry.kind == .file else {
                report.findings.append(.init(.foreign, path))
                continue
            }
            report.headCount += 1
            switch try judge(id, DiskPath("vheads").appending(name: entry.name), disk) {
            case .set(let node): batch.append((id, node))
            case .isSet: report.setHeadCount += 1
            case .leave(let kind): report.findings.append(.init(kind, path))
            case .isBehind: break
            }
            if batch.count == Self.headBatchCountMax { try set(&batch, &report) }
        }
        try set(&batch, &report)
    }

    private func set(_ batch: inout [(id: IDHash, node: ObjectHash)], _ report: inout AdoptionReport) throws {
        try store.setHeads(batch)
        report.setHeadCount += batch.count
        batch = []
    }

    private enum Judgement {
        case set(ObjectHash)
        case isSet
        /// The head here follows it.
        case isBehind
        case leave(AdoptionReport.Finding.Kind)
    }

    private func judge(_ id: IDHash, _ path: DiskPath, _ disk: PosixDisk) throws -> Judgement {
        guard let bytes = try? OpenFile(path, .read, on: disk).read(0..<2 * ObjectHash.byteCount + 1) else {
            return .leave(.unreadable)
        }
        if bytes.isEmpty { return .leave(.emptyHead) }
        guard let node = ObjectHash(hex: bytes) else { return .leave(.damagedHead) }
        guard let version = try? store.versionNode(node), try store.contains(version.data) else {
            return .leave(.headWithoutNode)
        }
        let here: ObjectHash?
        do throws(ObjectError) {
            here = try store.head(of: id)
        } catch {
            guard case .damaged = error else { throw error }
            here = nil
        }
        guard let here else { return .set(node) }
        if here == node { return .isSet }
        if try isAncestor(here, of: node) { return .set(node) }
        return try isAncestor(node, of: here) ? .isBehind : .leave(.otherHead)
    }

    /// False too where the history is not all here.
    private func isAncestor(_ ancestor: ObjectHash, of descendant: ObjectHash) throws(ObjectError) -> Bool {
        do throws(ObjectError) {
            return try VersionNode.isAncestor(ancestor, of: descendant) { (hash) throws(ObjectError) in
                try store.versionNode(hash)
            }
        } catch {
            guard error == .unknown else { throw error }
            return false
        }
    }
}
