package import Objects
import Synchronization
import SystemPackage

/// A directory open for listing.
///
/// A cursor tells after which entry to go on, so it stays good whatever appears or disappears meanwhile, and a directory
/// of any size is never held as a whole:
/// ```
/// 0  the start      1  after "."      2  after ".."      n + 2  after the entry with number n
/// ```
package final class Directory: Sendable {
    package typealias Cursor = UInt64

    /// One line of a listing and the cursor after it.
    package struct Line: Sendable {
        package var entry: Entry
        package var cursor: Cursor
        /// `.` or `..`: a name, not one more lookup.
        package var isDots: Bool
    }

    /// How many entries are asked for at once.
    static let batchCount = 256

    let view: View
    package let entry: Entry
    /// The lines read last: the next call nearly always goes on within them.
    private let batch = Mutex<[Line]>([])

    init(_ entry: Entry, of view: View) { (self.entry, self.view) = (entry, view) }

    /// Hands out the lines after a cursor until `take` refuses one or there are no more.
    package func list(after cursor: Cursor, _ take: (Line) throws(ObjectError) -> Bool) throws(ObjectError) {
        var cursor = cursor
        while true {
            let lines = try lines(after: cursor)
            guard let last = lines.last else { return }
            for line in lines where try !take(line) { return }
            cursor = last.cursor
        }
    }

    /// Some lines after a cursor; none at the end.
    private func lines(after cursor: Cursor) throws(ObjectError) -> ArraySlice<Line> {
        let known = batch.withLock { $0 }
        if let index = known.firstIndex(where: { $0.cursor == cursor }), index + 1 < known.count {
            return known[(index + 1)...]
        }
        let lines = try load(after: cursor)
        batch.withLock { $0 = lines }
        return lines[...]
    }

    private func load(after cursor: Cursor) throws(ObjectError) -> [Line] {
        switch cursor {
        case 0: [line(entry, named: ".", 1)]
        case 1: [line(try view.entry(entry.parent), named: "..", 2)]
        case 2: try batch(after: nil)
        default: try batch(after: cursor - 2)
        }
    }

    private func line(_ entry: Entry, named name: String, _ cursor: Cursor) -> Line {
        var entry = entry
        entry.name = name
        return Line(entry: entry, cursor: cursor, isDots: true)
    }

    /// Up to `batchCount` lines after the entry of this number; fewer or none only at the end.
    private func batch(after number: EntryNumber?) throws(ObjectError) -> [Line] {
        switch entry.number {
        case FixedEntry.root: return following(number, in: try rootEntries())
        case FixedEntry.machine, MachineNode.flag...: return try machineBatch(after: number)
        default: return try treeBatch(after: number)
        }
    }

    private func treeBatch(after number: EntryNumber?) throws(ObjectError) -> [Line] {
        var number = number
        while true {
            let moment = view.memory.moment
            let entries = try view.tree.entries(in: entry.number, after: number, limit: Self.batchCount)
            view.memory.keep(entries, of: moment)
            guard let last = entries.last else { return [] }
            let lines = entries.filter(view.isShowable).map(Self.line)
            // All of a batch was unfit to show: that is not the end.
            guard lines.isEmpty, last.number != number else { return lines }
            number = last.number
        }
    }

    private func rootEntries() throws(ObjectError) -> [Entry] {
        var entries = [Readme.entry]
        for number in View.treeDirectories {
            do throws(ObjectError) { entries.append(try view.tree.entry(number)) } catch ObjectError.unknown {
                continue
            }
        }
        for shown in ViewOptions.Shown.allCases where view.options.show.contains(shown) {
            guard let node = view.machineDirectory(named: shown.rawValue) else { continue }
            let number = node.number(isTop: true)
            entries.append(view.directory(number, named: shown.rawValue, in: FixedEntry.root))
        }
        return entries
    }

    /// Of a short, whole list: what comes after the entry of this number.
    func following(_ number: EntryNumber?, in entries: [Entry]) -> [Line] {
        let lines = entries.map(Self.line)
        guard let number else { return lines }
        guard let index = lines.firstIndex(where: { $0.cursor == number + 2 }) else { return [] }
        return Array(lines[(index + 1)...])
    }

    static func line(_ entry: Entry) -> Line {
        // Machine things lie beside one another, so without their top bits they are still told apart.
        let isMachine = entry.number & MachineNode.flag != 0
        let number = isMachine ? entry.number & ~(MachineNode.flag | MachineNode.topFlag) : entry.number
        return Line(entry: entry, cursor: number + 2, isDots: false)
    }
}

extension View {
    /// Opens a directory for listing.
    package func openDirectory(_ number: EntryNumber) throws(ObjectError) -> Directory {
        let entry = try entry(number)
        guard entry.kind == .directory else { throw .system(.notDirectory, "opendir") }
        note(entry, .listed)
        return Directory(entry, of: self)
    }
}
