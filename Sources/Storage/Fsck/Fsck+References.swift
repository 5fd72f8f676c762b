import Objects
import SystemPackage

extension Fsck {
    /// What the microdata of one object showed.
    private struct Reading: Sendable {
        var referenceCount = 0
        var isRead = true
        var node: (hash: ObjectHash, version: VersionNode)?
        var findings: [FsckReport.Finding] = []
    }

    /// Follows every direct reference of every object; gives the version nodes among them.
    func followReferences(
        _ survey: Survey,
        _ report: inout FsckReport
    ) async throws -> [ObjectHash: VersionNode] {
        var nodes: [ObjectHash: VersionNode] = [:]
        let readings = try await concurrently(survey.microdata) { hash in try read(hash, survey) }
        for reading in readings {
            report.referenceCount += reading.referenceCount
            if !reading.isRead { report.unreadTypeCount += 1 }
            report.findings += reading.findings
            if let (hash, version) = reading.node { nodes[hash] = version }
        }
        return nodes
    }

    /// 32 zero bytes: what ONE's models write where a reference is mandatory and there is nothing to refer to.
    private static let nothing = ObjectHash(bytes: [UInt8](repeating: 0, count: ObjectHash.byteCount))

    /// What refers to a blob of which nothing tells the size, so that it is known only when it is here.
    private static let pictureTypes: Set<String> = ["ProfileImage", "PersonImage"]

    private func read(_ hash: ObjectHash, _ survey: Survey) throws -> Reading {
        var reading = Reading()
        guard let bytes = try store.localBytes(of: hash), let references = try? Microdata.references(in: bytes, book)
        else {
            // Of a type nobody told us, or text that only looks like an object.
            reading.isRead = false
            return reading
        }
        reading.referenceCount = references.count
        let (_, type) = ObjectKind.sniff(prefix: bytes.prefix(ObjectKind.sniffByteCount))
        for reference in references where !survey.has(reference.hash) && !isKnown(reference.hash) {
            if reference.hash == Self.nothing { continue }
            let detail = "\(reference.path.joined(separator: ".")): \(reference.hash)"
            let isPicture = reference.kind == .blob && Self.pictureTypes.contains(type ?? "")
            let path = store.objects.path(of: hash).description
            reading.findings.append(.init(isPicture ? .withheld : .missingReference, path, detail))
        }
        if type?.hasPrefix("VersionNode") == true, let object = try? Microdata.object(from: bytes, book),
            let version = VersionNode(object: object)
        {
            reading.node = (hash, version)
        }
        return reading
    }
}
