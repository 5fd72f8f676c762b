import Objects
import SystemPackage

/// Listings below `.iom/`: a hash alone gives the number, and the number where to go on, so nothing is kept.
extension Directory {
    func machineBatch(after number: EntryNumber?) throws(ObjectError) -> [Line] {
        guard entry.number != FixedEntry.machine else {
            return following(number, in: View.machineDirectories.map { fixed($0, isTop: false) })
        }
        let place = try view.place(numbered: entry.number)
        switch place.node {
        case .objects:
            return following(number, in: (0...255).map { fixed(.shard($0), isTop: place.isTop) })
        case .status:
            var entries: [Entry] = []
            for document in StatusDocument.allCases {
                let documentNumber = MachineNode.statusDocument(document).number(isTop: place.isTop)
                entries.append(try view.entry(documentNumber))
            }
            return following(number, in: entries)
        case .types:
            let names = try view.tree.types().filter(View.isListable)
            return following(number, in: names.map { fixed(.type($0), isTop: place.isTop) })
        case .shard(let byte): return try objectBatch(prefix: byte, after: number, isTop: place.isTop)
        case .type(let type): return try linkBatch(type: type, after: number, isTop: place.isTop)
        case .previews: return previewBatch(after: number, isTop: place.isTop)
        case .object, .statusDocument, .typeLink, .preview: throw .system(.notDirectory, "readdir")
        }
    }

    private func objectBatch(prefix: UInt8, after number: EntryNumber?, isTop: Bool) throws(ObjectError) -> [Line] {
        let last = number.flatMap(MachineNode.lastHash(numbered:))
        var lines: [Line] = []
        for object in try view.tree.objects(prefix: prefix, after: last, limit: Self.batchCount) {
            let number = MachineNode.object(object.hash).number(isTop: isTop)
            // Whether it is local is told by `stat`; a listing tells only that it is a file.
            lines.append(Self.line(view.objectEntry(object, isLocal: false, numbered: number, in: entry.number)))
        }
        return lines
    }

    private func linkBatch(type: String, after number: EntryNumber?, isTop: Bool) throws(ObjectError) -> [Line] {
        let last = number.flatMap(MachineNode.lastHash(numbered:))
        return try view.tree.objects(type: type, after: last, limit: Self.batchCount).map { object in
            let number = MachineNode.typeLink(object.hash, type: type).number(isTop: isTop)
            return Self.line(view.linkEntry(object.hash, numbered: number, in: entry.number))
        }
    }

    private func previewBatch(after number: EntryNumber?, isTop: Bool) -> [Line] {
        let last = number.flatMap(MachineNode.lastHash(numbered:))
        return view.status.previews(after: last, limit: Self.batchCount).compactMap { hash in
            let number = MachineNode.preview(hash).number(isTop: isTop)
            return view.previewEntry(hash, numbered: number, in: entry.number).map(Self.line)
        }
    }

    private func fixed(_ node: MachineNode, isTop: Bool) -> Entry {
        view.directory(node.number(isTop: isTop), named: view.name(of: node), in: entry.number)
    }
}
