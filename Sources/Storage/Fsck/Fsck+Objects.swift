import Objects
import SystemPackage

extension Fsck {
    /// Lists `objects/`: what is where it belongs, and what does not belong there.
    func surveyObjects() throws -> Survey {
        var survey = Survey()
        let disk = store.disk
        try ObjectError.from("listing objects/") { () throws(Errno) in
            for entry in try disk.list(Root.Place.objects) {
                let path = Root.Place.objects.appending(name: entry.name)
                guard entry.kind == .directory, entry.name.count == 2, let shard = Hex.bytes(entry.text)?.first else {
                    survey.findings.append(.init(.foreign, path.description))
                    continue
                }
                for file in try disk.list(path) { survey.add(file, in: path, shard) }
            }
        }
        for index in survey.findings.indices where survey.findings[index].kind == .misplaced && repairs {
            try putInPlace(&survey, index)
        }
        survey.findings.sort { $0.path < $1.path }
        return survey
    }

    /// Gives a misplaced object its place, if it is what its name says.
    private func putInPlace(_ survey: inout Survey, _ index: Int) throws {
        let path = DiskPath(survey.findings[index].path)
        guard let name = path.bytes.split(separator: 0x2F).last, let hash = ObjectHash(hex: name) else { return }
        survey.findings[index].isRepaired = try ObjectError.from("moving \(path)") { () throws(Errno) in
            let isWhole = try OpenFile(path, .read, on: store.disk).hash() == hash
            let aside = Root.Place.quarantine.appending("\(hash.hex)-misplaced")
            if isWhole, !survey.has(hash) {
                try store.objects.settle(ShardedArea.shard(of: hash))
                try store.disk.publish(path, as: store.objects.path(of: hash))
                try store.disk.synchronizeDirectory(store.objects.path(of: ShardedArea.shard(of: hash)))
                survey.present.insert(hash)
            } else {
                try store.disk.replace(aside, by: path)
            }
            return true
        }
    }

    /// What hashing one object showed.
    private struct Outcome: Sendable {
        var hash: ObjectHash
        var byteCount = 0
        var isMicrodata = false
        var finding: FsckReport.Finding?
    }

    /// Hashes what is present, or compares stamps.
    func checkObjects(
        _ survey: inout Survey,
        _ report: inout FsckReport,
        _ progress: @escaping @Sendable (Int, Int) -> Void
    ) async throws {
        let (done, total) = (Counter(), survey.present.count)
        let outcomes = try await concurrently(survey.present.sorted()) { hash in
            let outcome = check(hash)
            progress(done.add(1), total)
            return outcome
        }
        for outcome in outcomes {
            if var finding = outcome.finding {
                if repairs {
                    let reason = finding.detail.isEmpty ? finding.kind.rawValue : finding.detail
                    finding.isRepaired = store.quarantine(outcome.hash, reason: "fsck: " + reason).name != nil
                }
                report.findings.append(finding)
                survey.present.remove(outcome.hash)
            } else {
                report.objectCount += 1
                report.byteCount += outcome.byteCount
                if outcome.isMicrodata { survey.microdata.append(outcome.hash) }
            }
        }
        survey.microdata.sort()
    }

    private func check(_ hash: ObjectHash) -> Outcome {
        let path = store.objects.path(of: hash)
        var outcome = Outcome(hash: hash)
        do throws(Errno) {
            guard let status = try store.disk.status(at: path) else { throw .noSuchFileOrDirectory }
            guard status.kind == .file else { throw .tooManySymbolicLinkLevels }
            outcome.byteCount = status.byteCount
            if depth == .fast, store.verdicts.verdict(of: hash) == status.stamp { return outcome }
            let file = try OpenFile(path, .read, on: store.disk)
            let found = try file.hash()
            let after = try file.status()
            if found == hash {
                if after.stamp == status.stamp { store.verdicts.record(status.stamp, of: hash) }
                let (kind, _) = ObjectKind.sniff(prefix: try file.read(0..<ObjectKind.sniffByteCount))
                outcome.isMicrodata = kind == .one || kind == .id
            } else if status.byteCount == 0 {
                outcome.finding = .init(.empty, path.description)
            } else {
                outcome.finding = .init(
                    .wrongBytes,
                    path.description,
                    "\(status.byteCount) bytes whose SHA-256 is \(found)"
                )
            }
        } catch {
            let kind: FsckReport.Finding.Kind = error.meansNoRegularFile ? .notAFile : .unreadable
            outcome.finding = .init(kind, path.description, error.meansNoRegularFile ? "" : "\(error)")
        }
        return outcome
    }
}

extension Fsck.Survey {
    fileprivate mutating func add(_ file: DiskEntry, in shard: DiskPath, _ number: UInt8) {
        let path = shard.appending(name: file.name).description
        guard let hash = ObjectHash(hex: file.name) else {
            findings.append(.init(.foreign, path))
            return
        }
        if ShardedArea.shard(of: hash) == number {
            present.insert(hash)
        } else {
            findings.append(.init(.misplaced, path))
        }
    }
}
