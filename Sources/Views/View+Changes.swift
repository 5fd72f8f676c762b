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
    /// What changed since the sequence was made, each as it happens.
    ///
    /// Each is to be given to `invalidations`: from now on what the tree told is remembered until then.
    package func changes() -> AsyncStream<TreeChange> {
        let changes = tree.changes()
        memory.begin()
        documents.begin()
        return changes
    }

    /// Goes up with every change of the tree.
    package var moment: UInt64 { memory.moment }

    /// What a change makes old, in the order in which it is to be dropped.
    ///
    /// To be called before anything is dropped: it is what makes open documents read anew.
    package func invalidations(by change: TreeChange) -> [Invalidation] {
        if case .content(let number) = change {
            // The bytes of an object never change, only how many of them are here; and dropping bytes would wait for those
            // who wait for them. One that comes changes while others are waited for: nothing is asked then.
            let isObject = memory[number]?.isObject
            memory.drop([.attributes(number)])
            if isObject ?? (try? entry(number))?.isObject == true { return [.attributes(number)] }
        }
        let invalidations = affected(by: change)
        memory.drop(invalidations)
        return invalidations
    }

    private func affected(by change: TreeChange) -> [Invalidation] {
        switch change {
        case .content(let number):
            // Before the age: who sees the new one must not find the old text.
            documents.drop(number)
            documentAge.add(1, ordering: .releasing)
            return [.content(number)] + ancestors(of: number)
        case .name(let name, let directory):
            return [.content(directory), .name(name, in: directory)] + ancestors(of: directory)
        }
    }

    /// A directory is as new as its newest entry, so whatever is above changed too.
    private func ancestors(of number: EntryNumber) -> [Invalidation] {
        var ancestors: [Invalidation] = []
        var number = number
        while number != FixedEntry.root, ancestors.count < Self.depthMax, let parent = try? entry(number).parent {
            ancestors.append(.attributes(parent))
            number = parent
        }
        return ancestors
    }
}

extension Entry {
    fileprivate var isObject: Bool { if case .object = kind { true } else { false } }
}
