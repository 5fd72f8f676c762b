package import Objects
import SystemPackage

/// Extended attributes (design 8): what is known of a file beyond `stat(2)`.
package enum ExtendedAttribute: String, CaseIterable, Sendable {
    case hash = "user.iom.hash"
    case local = "user.iom.local"
    case holders = "user.iom.holders"
    case pinned = "user.iom.pinned"
    case type = "user.iom.type"
    case error = "user.iom.error"
    case name = "user.iom.name"
}

extension View {
    /// The value of an extended attribute as text; nil where the entry has none.
    package func value(of attribute: ExtendedAttribute, of number: EntryNumber) throws(ObjectError) -> String? {
        let entry = try entry(number)
        switch attribute {
        case .name: return number < MachineNode.flag ? try originalName(of: entry) : nil
        case .pinned:
            guard isPinnable(entry) else { return nil }
            return try status.isPinned(Self.pinTarget(entry)) ? "yes" : "no"
        case .local: return localText(of: entry)
        case .hash: return try hash(of: entry)?.hex
        case .type:
            guard case .object(let hash) = entry.kind, let known = try tree.known(hash)?.object else {
                return entry.kind == .document ? "document" : nil
            }
            return known.type ?? Self.text(of: known.kind)
        case .holders:
            guard case .object(let hash) = entry.kind else { return nil }
            return try tree.holders(of: hash).joined(separator: ",")
        case .error:
            guard case .object(let hash) = entry.kind else { return nil }
            return status.errorText(of: hash)
        }
    }

    /// The extended attributes an entry has.
    package func extendedAttributes(of number: EntryNumber) throws(ObjectError) -> [ExtendedAttribute] {
        let entry = try entry(number)
        switch entry.kind {
        case .link: return []
        case .directory:
            return try Self.withName([.pinned].filter { _ in isPinnable(entry) }, value(of: .name, of: number))
        case .document:
            let always: [ExtendedAttribute] = [.hash, .local, .type] + (isPinnable(entry) ? [.pinned] : [])
            return try Self.withName(always, value(of: .name, of: number))
        case .object(let hash):
            let always: [ExtendedAttribute] = [.hash, .holders, .local, .pinned, .type]
            let error: [ExtendedAttribute] = status.errorText(of: hash) == nil ? [] : [.error]
            return try Self.withName(always + error, value(of: .name, of: number))
        }
    }

    /// Sets `user.iom.pinned`, to `yes` or `no`; everything else is read-only.
    ///
    /// nil removes it.
    package func setValue(_ value: String?, of name: String, of number: EntryNumber) throws(ObjectError) {
        guard ExtendedAttribute(rawValue: name) == .pinned else { throw .system(.readOnlyFileSystem, "setxattr") }
        let entry = try entry(number)
        guard isPinnable(entry) else { throw .system(.readOnlyFileSystem, "setxattr") }
        switch value {
        case "yes": try status.setPinned(true, Self.pinTarget(entry))
        case "no", nil: try status.setPinned(false, Self.pinTarget(entry))
        default: throw .system(.invalidArgument, "user.iom.pinned is yes or no")
        }
    }

    /// Objects anywhere, and what is in the tree of conversations, contacts and files.
    package func isPinnable(_ entry: Entry) -> Bool {
        if case .object = entry.kind { return true }
        return entry.number < MachineNode.flag && entry.number > FixedEntry.readme && entry.number != FixedEntry.machine
    }

    /// What is pinned by an entry: below `.iom/` the object, which has other places too.
    package static func pinTarget(_ entry: Entry) -> PinTarget {
        if entry.number & MachineNode.flag != 0, case .object(let hash) = entry.kind { return .object(hash) }
        return .entry(entry)
    }

    private func originalName(of entry: Entry) throws(ObjectError) -> String? {
        guard entry.number > FixedEntry.machine else { return nil }
        return try tree.originalName(of: entry.number)
    }

    private func hash(of entry: Entry) throws(ObjectError) -> ObjectHash? {
        switch entry.kind {
        case .object(let hash): return hash
        case .directory, .link: return nil
        case .document:
            return try open(entry.number).renderedBytes.map { ObjectHash(of: $0) }
        }
    }

    private func localText(of entry: Entry) -> String? {
        switch entry.kind {
        case .directory, .link: return nil
        case .document: return entry.localByteCount < entry.byteCount ? "no" : "yes"
        case .object:
            let local = localByteCount(of: entry)
            guard entry.localByteCount < entry.byteCount else { return "yes" }
            guard local > 0 else { return "no" }
            let percent = (Double(min(local, entry.byteCount - 1)) * 100 / Double(entry.byteCount)).rounded(.down)
            return "\(Int(percent))%"
        }
    }

    private static func text(of kind: ObjectKind) -> String {
        switch kind {
        case .one: "one"
        case .id: "id"
        case .clob: "clob"
        case .blob: "blob"
        }
    }

    private static func withName(_ attributes: [ExtendedAttribute], _ name: String?) -> [ExtendedAttribute] {
        name == nil ? attributes : attributes + [.name]
    }
}
