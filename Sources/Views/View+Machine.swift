import Objects
import SystemPackage

/// `.iom/`: for machines. Resolves by name; what is listed is in `Directory+Machine.swift`.
extension View {
    /// What a machine number stands for.
    func place(numbered number: EntryNumber) throws(ObjectError) -> MachinePlace {
        if let node = MachineNode.fixed(number) {
            return MachinePlace(node: node, isTop: number & MachineNode.topFlag != 0)
        }
        guard let place = nodes[number] else { throw .unknown }
        return place
    }

    func entry(of place: MachinePlace, numbered number: EntryNumber) throws(ObjectError) -> Entry {
        let parent = parent(of: place)
        switch place.node {
        case .objects, .types, .status, .previews, .shard, .type:
            return directory(number, named: name(of: place.node), in: parent)
        case .statusDocument(let document):
            let text = try status.text(of: document)
            var entry = directory(number, named: document.rawValue, in: parent)
            (entry.kind, entry.modified) = (.document, text.modified)
            (entry.byteCount, entry.localByteCount) = (text.bytes.count, text.bytes.count)
            return entry
        case .object(let hash):
            guard let known = try tree.known(hash) else { throw .unknown }
            return objectEntry(known.object, isLocal: known.held, numbered: number, in: parent)
        case .typeLink(let hash, _):
            return linkEntry(hash, numbered: number, in: parent)
        case .preview(let hash):
            guard let entry = previewEntry(hash, numbered: number, in: parent) else { throw .unknown }
            return entry
        }
    }

    private static let previewSuffix = ".jpg"

    func previewEntry(_ hash: ObjectHash, numbered number: EntryNumber, in parent: EntryNumber) -> Entry? {
        guard let found = status.previewStatus(of: hash) else { return nil }
        var entry = directory(number, named: name(of: .preview(hash)), in: parent)
        (entry.kind, entry.modified) = (.document, found.modified)
        (entry.byteCount, entry.localByteCount) = (found.byteCount, found.byteCount)
        return entry
    }

    func objectEntry(_ object: KnownObject, isLocal: Bool, numbered number: EntryNumber, in parent: EntryNumber)
        -> Entry
    {
        var entry = directory(number, named: object.hash.hex, in: parent)
        entry.kind = .object(object.hash)
        (entry.byteCount, entry.localByteCount) = (object.byteCount, isLocal ? object.byteCount : 0)
        return entry
    }

    func linkEntry(_ hash: ObjectHash, numbered number: EntryNumber, in parent: EntryNumber) -> Entry {
        let hex = hash.hex
        let objects = parent & MachineNode.topFlag == 0 ? "../../objects" : "../../.iom/objects"
        var entry = directory(number, named: hex, in: parent)
        entry.kind = .link("\(objects)/\(hex.prefix(2))/\(hex)")
        return entry
    }

    /// The thing of this name in a machine directory; existence of objects and types is checked.
    func child(_ name: String, of place: MachinePlace) throws(ObjectError) -> MachinePlace {
        func here(_ node: MachineNode) -> MachinePlace { MachinePlace(node: node, isTop: place.isTop) }
        switch place.node {
        case .objects:
            guard name.utf8.count == 2, let byte = Hex.bytes(name)?.first else { throw .unknown }
            return here(.shard(byte))
        case .shard(let byte):
            guard let hash = ObjectHash(hex: name), hash.bytes.first == byte else { throw .unknown }
            return here(.object(hash))
        case .types:
            guard try tree.types().contains(where: { $0.utf8.elementsEqual(name.utf8) }), Self.isListable(name) else {
                throw .unknown
            }
            return here(.type(name))
        case .type(let type):
            guard let hash = ObjectHash(hex: name), let known = try tree.known(hash), known.object.kind == .one,
                known.object.type?.utf8.elementsEqual(type.utf8) == true
            else { throw .unknown }
            return here(.typeLink(hash, type: type))
        case .status:
            guard let document = StatusDocument.allCases.first(where: { $0.rawValue.utf8.elementsEqual(name.utf8) })
            else { throw .unknown }
            return here(.statusDocument(document))
        case .previews:
            guard name.hasSuffix(Self.previewSuffix),
                let hash = ObjectHash(hex: name.dropLast(Self.previewSuffix.count)),
                status.previewStatus(of: hash) != nil
            else { throw .unknown }
            return here(.preview(hash))
        case .object, .statusDocument, .typeLink, .preview: throw .system(.notDirectory, "lookup")
        }
    }

    /// What is in `.iom` itself, or of the same kind at the top.
    func machineDirectory(named name: String) -> MachineNode? {
        Self.machineDirectories.first { self.name(of: $0).utf8.elementsEqual(name.utf8) }
    }

    static let machineDirectories: [MachineNode] = [.objects, .previews, .status, .types]

    func name(of node: MachineNode) -> String {
        switch node {
        case .objects: "objects"
        case .types: "types"
        case .status: "status"
        case .previews: "previews"
        case .shard(let byte): Hex.text([byte])
        case .statusDocument(let document): document.rawValue
        case .object(let hash), .typeLink(let hash, _): hash.hex
        case .type(let name): name
        case .preview(let hash): hash.hex + Self.previewSuffix
        }
    }

    private func parent(of place: MachinePlace) -> EntryNumber {
        let node: MachineNode
        switch place.node {
        case .objects, .types, .status, .previews: return place.isTop ? FixedEntry.root : FixedEntry.machine
        case .shard: node = .objects
        case .statusDocument: node = .status
        case .object(let hash): node = .shard(hash.bytes.first ?? 0)
        case .type: node = .types
        case .typeLink(_, let type): node = .type(type)
        case .preview: node = .previews
        }
        return node.number(isTop: place.isTop)
    }
}
