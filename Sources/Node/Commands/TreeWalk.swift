import Objects
import Views

/// The tree by paths, as a person names them.
struct TreeWalk {
    /// Symbolic links followed on the way to one entry.
    private static let linksMax = 8

    let view: View

    /// The entry at a path relative to the top; `/`, `.` and the empty path are the top itself.
    func entry(at path: String) throws -> Entry {
        try entry(at: path.split(separator: "/").map(String.init), linksLeft: Self.linksMax)
    }

    private func entry(at names: [String], linksLeft: Int) throws -> Entry {
        var trail = [try view.entry(FixedEntry.root)]
        for (index, name) in names.enumerated() where name != "." {
            if name == ".." {
                if trail.count > 1 { trail.removeLast() }
                continue
            }
            let found = try child(name, of: trail[trail.count - 1], on: names)
            guard case .link(let target) = found.kind else {
                trail.append(found)
                continue
            }
            guard linksLeft > 0 else { throw CommandError("`\(name)` is a circle of links") }
            let before = trail.dropFirst().map(\.name)
            let rest = names[(index + 1)...]
            return try entry(
                at: before + target.split(separator: "/").map(String.init) + rest,
                linksLeft: linksLeft - 1
            )
        }
        return trail[trail.count - 1]
    }

    private func child(_ name: String, of directory: Entry, on path: [String]) throws -> Entry {
        do {
            return try view.lookup(name, in: directory.number)
        } catch ObjectError.unknown {
            throw CommandError("there is no `\(path.joined(separator: "/"))`: `iom ls` shows what there is")
        }
    }

    /// Everything in a directory.
    func entries(in directory: Entry) throws -> [Entry] {
        var entries: [Entry] = []
        try view.openDirectory(directory.number).list(after: 0) { line throws(ObjectError) in
            if !line.isDots { entries.append(line.entry) }
            return true
        }
        return entries
    }

    /// Every file at or below an entry.
    func files(below entry: Entry) -> Files { Files(walk: self, open: [entry]) }

    /// Files one after the other, directory by directory; only the directories on the way to the next are held.
    struct Files {
        fileprivate let walk: TreeWalk
        /// What is still to be looked at, the next one last.
        fileprivate var open: [Entry]

        /// nil after the last.
        mutating func next() throws -> Entry? {
            while let entry = open.popLast() {
                switch entry.kind {
                case .directory: open += try walk.entries(in: entry).reversed()
                case .object, .document: return entry
                case .link: continue
                }
            }
            return nil
        }
    }
}
