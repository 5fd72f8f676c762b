package import Objects
import Synchronization
import SystemPackage

/// The whole tree of design 8: entries and their bytes, for anybody who shows them.
///
/// Knows neither FUSE nor where bytes come from. Everything but reading bytes that are not here is answered without
/// waiting for the network. Nothing can be written but pins.
package final class View: Sendable {
    let tree: any TreeReader
    let objects: any ObjectReader
    let status: any StatusSource
    let time: any Timekeeper
    /// Where uses are noted; nil: nobody wants to know.
    let uses: UseLog?
    let counters: ReadCounters
    package let options: ViewOptions
    let nodes = NodeTable()
    let memory = EntryMemory()
    let documents = DocumentMemory()
    let failures = RecentFailures()
    /// Goes up with every change of a document: what was rendered before may be old.
    let documentAge = Atomic<UInt64>(0)

    package init(
        of tree: any TreeReader,
        objects: any ObjectReader,
        status: any StatusSource,
        time: any Timekeeper = SystemTime(),
        uses: UseLog? = nil,
        counters: ReadCounters = ReadCounters(),
        options: ViewOptions
    ) {
        (self.tree, self.objects, self.status) = (tree, objects, status)
        (self.time, self.uses, self.counters, self.options) = (time, uses, counters, options)
    }

    /// The entry of a number.
    package func entry(_ number: EntryNumber) throws(ObjectError) -> Entry {
        switch number {
        case FixedEntry.root: return rootEntry()
        case FixedEntry.readme: return Readme.entry
        case FixedEntry.machine: return directory(FixedEntry.machine, named: ".iom", in: FixedEntry.root)
        case MachineNode.flag...: return try entry(of: place(numbered: number), numbered: number)
        default:
            if let entry = memory[number] { return entry }
            let moment = memory.moment
            let entry = try tree.entry(number)
            memory.keep(CollectionOfOne(entry), of: moment)
            return entry
        }
    }

    /// What `statfs(2)` shows.
    package var space: StorageSpace { status.space }

    /// The target of a symbolic link, relative to the directory it is in.
    package func link(_ number: EntryNumber) throws(ObjectError) -> String {
        guard case .link(let target) = try entry(number).kind else { throw .system(.invalidArgument, "readlink") }
        return target
    }

    /// Where an entry is, relative to the mount; empty for the root.
    package func path(of entry: Entry) throws(ObjectError) -> String {
        var names = [entry.name]
        var parent = entry.parent
        while parent != FixedEntry.root, names.count <= Self.depthMax {
            let directory = try self.entry(parent)
            names.append(directory.name)
            parent = directory.parent
        }
        return names.reversed().joined(separator: "/")
    }

    /// No path has more names than this: a tree that is deeper has a cycle.
    static let depthMax = 1_000

    /// As new as its newest entry, and never "now".
    private func rootEntry() -> Entry {
        var root = directory(FixedEntry.root, named: "", in: FixedEntry.root)
        for number in Self.treeDirectories {
            guard let entry = try? self.entry(number) else { continue }
            root.modified = max(root.modified, entry.modified)
        }
        return root
    }

    /// The directories of the root that the tree reader answers for.
    static let treeDirectories = [FixedEntry.conversations, FixedEntry.contacts, FixedEntry.files]

    func directory(_ number: EntryNumber, named name: String, in parent: EntryNumber) -> Entry {
        Entry(
            number: number,
            parent: parent,
            name: name,
            kind: .directory,
            byteCount: 0,
            modified: Timestamp(nanoseconds: 0),
            localByteCount: 0
        )
    }
}
