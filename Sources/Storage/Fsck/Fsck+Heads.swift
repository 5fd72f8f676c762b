import Objects
import SystemPackage

extension Fsck {
    /// Checks every head, and, where `nodes` are known, that every thing with versions has one.
    func checkHeads(
        _ survey: Survey,
        _ nodes: [ObjectHash: VersionNode],
        _ report: inout FsckReport
    ) throws {
        var good: Set<IDHash> = []
        var bad: [(id: IDHash, finding: FsckReport.Finding)] = []
        for id in try listHeads(&report) {
            report.headCount += 1
            if let finding = try judge(id, survey) { bad.append((id, finding)) } else { good.insert(id) }
        }
        let newest = depth == .full ? try newestNodes(nodes, survey) : [:]
        let known = good.union(bad.map(\.id))
        for id in newest.keys.sorted() where !known.contains(id) {
            bad.append((id, .init(.missingHead, store.heads.path(of: id.objectHash).description)))
        }
        for (id, finding) in bad {
            var finding = finding
            if repairs, finding.kind != .headWithoutObject { finding.isRepaired = try repair(id, newest[id]) }
            report.findings.append(finding)
        }
    }

    /// The heads by name; what has no name of a head goes to the report.
    private func listHeads(_ report: inout FsckReport) throws(ObjectError) -> [IDHash] {
        var ids: [IDHash] = []
        try ObjectError.from("listing heads/") { () throws(Errno) in
            for entry in try store.disk.list(Root.Place.heads) {
                let path = Root.Place.heads.appending(name: entry.name)
                guard entry.kind == .directory, entry.name.count == 2, let shard = Hex.bytes(entry.text)?.first else {
                    report.findings.append(.init(.foreign, path.description))
                    continue
                }
                for file in try store.disk.list(path) {
                    if let hash = ObjectHash(hex: file.name), ShardedArea.shard(of: hash) == shard {
                        ids.append(IDHash(hash))
                    } else {
                        report.findings.append(.init(.foreign, path.appending(name: file.name).description))
                    }
                }
            }
        }
        return ids.sorted()
    }

    /// nil: the head is good.
    private func judge(_ id: IDHash, _ survey: Survey) throws(ObjectError) -> FsckReport.Finding? {
        let path = store.heads.path(of: id.objectHash).description
        let head: ObjectHash?
        do throws(ObjectError) {
            head = try store.head(of: id)
        } catch {
            switch error {
            case .damaged: return .init(.damagedHead, path)
            case .system(let errno, _): return .init(.unreadable, path, "\(errno)")
            default: throw error
            }
        }
        guard let head else { return nil }
        guard survey.has(head) else { return isKnown(head) ? nil : .init(.headWithoutNode, path, head.hex) }
        guard let version = try? store.versionNode(head) else { return .init(.headWithoutNode, path, head.hex) }
        guard survey.has(version.data) || isKnown(version.data) else {
            return .init(.headWithoutObject, path, version.data.hex)
        }
        return nil
    }

    /// Of each thing with versions the newest node: what its head should be if it has none that is good.
    private func newestNodes(
        _ nodes: [ObjectHash: VersionNode],
        _ survey: Survey
    ) throws(ObjectError) -> [IDHash: ObjectHash] {
        var ids: [ObjectHash: IDHash] = [:]
        var newest: [IDHash: ObjectHash] = [:]
        for (hash, version) in nodes.sorted(by: { $0.key < $1.key }) where survey.has(version.data) {
            if ids[version.data] == nil { ids[version.data] = try idHash(of: version.data) }
            guard let id = ids[version.data] else { continue }
            guard let other = newest[id].flatMap({ nodes[$0] }) else {
                newest[id] = hash
                continue
            }
            if Self.rank(other) < Self.rank(version) { newest[id] = hash }
        }
        return newest
    }

    /// Later counts for more.
    ///
    /// An imported version has the time of its peer's node, which is kept too: then the edge made for it here counts
    /// for more, and the merge of that edge most (one-format 2.6).
    private static func rank(_ version: VersionNode) -> (Double, Int, Double) {
        let kind =
            switch version.link {
            case .change: 0
            case .edge: 1
            case .merge: 2
            }
        return (version.creationTime, kind, version.depth)
    }

    private func idHash(of data: ObjectHash) throws(ObjectError) -> IDHash? {
        guard let bytes = try store.localBytes(of: data), let object = try? Microdata.object(from: bytes, book),
            let idBytes = try? Microdata.idBytes(of: object, book)
        else { return nil }
        return IDHash(ObjectHash(of: idBytes))
    }

    /// Sets the head anew, or, where nothing tells to what, takes the damaged file away.
    private func repair(_ id: IDHash, _ newest: ObjectHash?) throws(ObjectError) -> Bool {
        if let newest {
            try store.setHead(newest, of: id)
            return true
        }
        return try ObjectError.from("quarantining a head") { () throws(Errno) in
            try store.disk.replace(
                Root.Place.quarantine.appending("head-" + id.hex),
                by: store.heads.path(of: id.objectHash)
            )
            try store.disk.synchronizeDirectory(Root.Place.quarantine)
            return false
        }
    }
}
