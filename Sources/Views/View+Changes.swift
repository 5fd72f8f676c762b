package import Objects
import Synchronization

/// What somebody who remembers parts of the tree must drop from memory.
package enum Invalidation: Hashable, Sendable {
    /// Size, times and blocks of this entry.
    case attributes(EntryNumber)
    /// Those, and its bytes or listing.
    case content(EntryNumber)
    /// That this name in this directory stands for what it stood for.
    case name(String, in: EntryNumber)
}

extension View {
    /// What changed since the sequence was made, as it happens.
    ///
    /// Each element is to be given to `invalidations`: from now on what the tree told is remembered until then.
    package func changes() -> AsyncStream<[TreeChange]> {
        let changes = tree.changes()
        memory.begin()
        documents.begin()
        return changes
    }

    /// Goes up with every change of the tree.
    package var moment: UInt64 { memory.moment }

    /// What changes that happened at once make old, in the order in which it is to be dropped.
    ///
    /// To be called before anything is dropped: it is what makes open documents read anew.
    package func invalidations(by changes: [TreeChange]) -> [Invalidation] {
        var invalidations: [Invalidation] = []
        var ancestors = Ancestors()
        for change in changes {
            let (dropped, changed) = affected(by: change)
            invalidations += dropped
            if let changed { add(to: &ancestors, of: changed) }
        }
        invalidations += ancestors.inOrder.map(Invalidation.attributes)
        memory.drop(invalidations)
        return invalidations
    }

    /// - Returns: what is dropped, and above what everything else changed with it.
    private func affected(by change: TreeChange) -> ([Invalidation], EntryNumber?) {
        switch change {
        case .content(let number):
            // The bytes of an object never change, only how many of them are here; and dropping bytes would wait for those
            // who wait for them. One that comes changes while others are waited for: nothing is asked then.
            let isObject = memory[number]?.isObject
            memory.drop([.attributes(number)])
            if isObject ?? (try? entry(number))?.isObject == true { return ([.attributes(number)], nil) }
            // Before the age: who sees the new one must not find the old text.
            documents.drop(number)
            documentAge.add(1, ordering: .releasing)
            return ([.content(number)], number)
        case .name(let name, let directory):
            return ([.content(directory), .name(name, in: directory)], directory)
        }
    }

    /// Directories above what changed, each once and those next to it first.
    private struct Ancestors {
        var inOrder: [EntryNumber] = []
        var found: Set<EntryNumber> = []
    }

    /// A directory is as new as its newest entry, so whatever is above changed too.
    private func add(to ancestors: inout Ancestors, of number: EntryNumber) {
        var (number, depth) = (number, 0)
        while number != FixedEntry.root, depth < Self.depthMax, let parent = try? entry(number).parent {
            guard ancestors.found.insert(parent).inserted else { return }
            ancestors.inOrder.append(parent)
            (number, depth) = (parent, depth + 1)
        }
    }
}

extension Entry {
    fileprivate var isObject: Bool { if case .object = kind { true } else { false } }
}
