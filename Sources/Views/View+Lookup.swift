package import Objects

/// Names to entries, and which numbers the kernel knows.
extension View {
    /// The entry of a name in a directory.
    ///
    /// Its number stays resolvable until `forget` has given back every lookup.
    package func lookup(_ name: String, in directory: EntryNumber) throws(ObjectError) -> Entry {
        switch directory {
        case FixedEntry.root: return try lookupInRoot(name)
        case FixedEntry.machine:
            guard let node = machineDirectory(named: name) else { throw .unknown }
            return self.directory(node.number(isTop: false), named: name, in: directory)
        case MachineNode.flag...:
            return try retained(child(name, of: place(numbered: directory)))
        default:
            return try lookupInTree(name, in: directory)
        }
    }

    private func lookupInTree(_ name: String, in directory: EntryNumber) throws(ObjectError) -> Entry {
        let moment = memory.moment
        let entry = try tree.entry(named: name, in: directory)
        guard isShowable(entry) else { throw .unknown }
        memory.keep(CollectionOfOne(entry), of: moment)
        return entry
    }

    private func lookupInRoot(_ name: String) throws(ObjectError) -> Entry {
        let bytes = name.utf8
        if bytes.elementsEqual(Readme.name.utf8) { return Readme.entry }
        if bytes.elementsEqual(".iom".utf8) { return try entry(FixedEntry.machine) }
        if let shown = ViewOptions.Shown(rawValue: name), options.show.contains(shown),
            let node = machineDirectory(named: shown.rawValue)
        {
            return directory(node.number(isTop: true), named: name, in: FixedEntry.root)
        }
        return try lookupInTree(name, in: FixedEntry.root)
    }

    /// Counts one more lookup of an entry that a listing gave out.
    package func retain(_ entry: Entry) throws(ObjectError) -> Entry {
        guard entry.number & MachineNode.flag != 0, MachineNode.fixed(entry.number) == nil else { return entry }
        return try retained(child(entry.name, of: place(numbered: entry.parent)))
    }

    /// Gives back lookups.
    package func forget(_ number: EntryNumber, _ count: UInt64) {
        if number & MachineNode.flag != 0 { nodes.forget(number, count) }
    }

    private func retained(_ place: MachinePlace) throws(ObjectError) -> Entry {
        guard !place.node.isFixed else {
            return try entry(of: place, numbered: place.node.number(isTop: place.isTop))
        }
        let number = nodes.retain(place)
        do throws(ObjectError) {
            return try entry(of: place, numbered: number)
        } catch {
            nodes.forget(number, 1)
            throw error
        }
    }

    /// Whether an entry of the tree can be listed: one bad name makes the kernel fail the whole directory.
    func isShowable(_ entry: Entry) -> Bool {
        guard Self.isListable(entry.name) else {
            status.skipped(entry, because: "its name cannot be listed")
            return false
        }
        guard entry.number > FixedEntry.root, entry.number < MachineNode.flag else {
            status.skipped(entry, because: "its number is not for the catalog to give")
            return false
        }
        return true
    }

    /// 1-255 bytes, no `/`, no NUL, not `.` or `..`.
    static func isListable(_ name: String) -> Bool {
        let bytes = name.utf8
        guard (1...nameByteCountMax).contains(bytes.count) else { return false }
        return !bytes.contains(0x2F) && !bytes.contains(0) && !bytes.elementsEqual(".".utf8)
            && !bytes.elementsEqual("..".utf8)
    }

    package static let nameByteCountMax = 255
}
