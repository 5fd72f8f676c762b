package import Objects
import Synchronization

/// A tree in memory, filled by a test.
package final class MemoryTree: TreeReader {
    private struct State {
        var entries: [EntryNumber: Entry] = [:]
        var children: [EntryNumber: [EntryNumber]] = [:]
        var documents: [EntryNumber: [UInt8]] = [:]
        var known: [ObjectHash: (object: KnownObject, held: Bool)] = [:]
        var holders: [ObjectHash: [String]] = [:]
        var originalNames: [EntryNumber: String] = [:]
        /// Numbers of the catalog have up to 63 bits: these soon need the last of them.
        var nextNumber: EntryNumber = (1 << 62) - 20
        var listeners: [AsyncStream<[TreeChange]>.Continuation] = []
        var questionCount = 0
    }

    private let state = Mutex(State())

    package init() {
        for (number, name) in [
            (FixedEntry.conversations, "conversations"), (FixedEntry.contacts, "contacts"), (FixedEntry.files, "files"),
        ] {
            insert(Entry(directory: number, in: FixedEntry.root, name: name))
        }
    }

    // MARK: Filling

    /// Adds an entry as it is; a listener is told of its name.
    package func insert(_ entry: Entry) {
        state.withLock { state in
            state.entries[entry.number] = entry
            let siblings = state.children[entry.parent] ?? []
            let place = siblings.firstIndexOfSorted(above: entry.number)
            if place == 0 || siblings[place - 1] != entry.number {
                state.children[entry.parent, default: []].insert(entry.number, at: place)
            }
        }
        tell(.name(entry.name, in: entry.parent))
    }

    @discardableResult
    package func addDirectory(_ name: String, in parent: EntryNumber, modified: Timestamp = .sample) -> EntryNumber {
        var entry = Entry(directory: newNumber(), in: parent, name: name)
        entry.modified = modified
        insert(entry)
        return entry.number
    }

    @discardableResult
    package func addDocument(
        _ name: String,
        in parent: EntryNumber,
        _ text: String,
        modified: Timestamp = .sample
    ) -> EntryNumber {
        let bytes = Array(text.utf8)
        let number = newNumber()
        state.withLock { $0.documents[number] = bytes }
        insert(
            Entry(
                number: number,
                parent: parent,
                name: name,
                kind: .document,
                byteCount: bytes.count,
                modified: modified,
                localByteCount: bytes.count
            )
        )
        return number
    }

    @discardableResult
    package func addFile(
        _ name: String,
        in parent: EntryNumber,
        _ object: KnownObject,
        localByteCount: Int,
        modified: Timestamp = .sample
    ) -> EntryNumber {
        addKnown(object, held: localByteCount == object.byteCount)
        let number = newNumber()
        insert(
            Entry(
                number: number,
                parent: parent,
                name: name,
                kind: .object(object.hash),
                byteCount: object.byteCount,
                modified: modified,
                localByteCount: localByteCount
            )
        )
        return number
    }

    @discardableResult
    package func addLink(_ name: String, in parent: EntryNumber, to target: String) -> EntryNumber {
        let number = newNumber()
        insert(
            Entry(
                number: number,
                parent: parent,
                name: name,
                kind: .link(target),
                byteCount: target.utf8.count,
                modified: .sample,
                localByteCount: 0
            )
        )
        return number
    }

    package func addKnown(_ object: KnownObject, held: Bool, holders: [String] = []) {
        state.withLock { state in
            state.known[object.hash] = (object, held)
            if !holders.isEmpty { state.holders[object.hash] = holders }
        }
    }

    package func setOriginalName(_ name: String, of number: EntryNumber) {
        state.withLock { $0.originalNames[number] = name }
    }

    package func setDocument(_ number: EntryNumber, _ text: String, modified: Timestamp) {
        let bytes = Array(text.utf8)
        state.withLock { state in
            state.documents[number] = bytes
            state.entries[number]?.byteCount = bytes.count
            state.entries[number]?.localByteCount = bytes.count
            state.entries[number]?.modified = modified
        }
        tell(.content(number))
    }

    package func setLocalByteCount(_ count: Int, of number: EntryNumber) {
        state.withLock { $0.entries[number]?.localByteCount = count }
        tell(.content(number))
    }

    /// A new version of a file, a second later.
    package func setFile(_ number: EntryNumber, _ object: KnownObject) {
        addKnown(object, held: true)
        state.withLock { state in
            guard var entry = state.entries[number] else { return }
            (entry.kind, entry.byteCount, entry.localByteCount) = (
                .object(object.hash), object.byteCount, object.byteCount
            )
            entry.modified = Timestamp(nanoseconds: entry.modified.nanoseconds + 1_000_000_000)
            state.entries[number] = entry
        }
        tell(.content(number))
    }

    package func remove(_ number: EntryNumber) {
        let entry = state.withLock { state -> Entry? in
            guard let entry = state.entries.removeValue(forKey: number) else { return nil }
            state.children[entry.parent]?.removeAll { $0 == number }
            return entry
        }
        if let entry { tell(.name(entry.name, in: entry.parent)) }
    }

    private func newNumber() -> EntryNumber {
        state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
    }

    private func tell(_ change: TreeChange) {
        for listener in state.withLock({ $0.listeners }) { listener.yield([change]) }
    }

    /// How often entries were asked for.
    package var questionCount: Int { state.withLock { $0.questionCount } }

    // MARK: TreeReader

    package func entry(_ number: EntryNumber) throws(ObjectError) -> Entry {
        state.withLock { $0.questionCount += 1 }
        guard let entry = state.withLock({ $0.entries[number] }) else { throw .unknown }
        return entry
    }

    package func entry(named name: String, in directory: EntryNumber) throws(ObjectError) -> Entry {
        let entry = state.withLock { state -> Entry? in
            state.questionCount += 1
            for number in state.children[directory] ?? [] {
                guard let entry = state.entries[number] else { continue }
                if entry.name.utf8.elementsEqual(name.utf8) { return entry }
            }
            return nil
        }
        guard let entry else { throw .unknown }
        return entry
    }

    package func entries(
        in directory: EntryNumber,
        after: EntryNumber?,
        limit: Int
    ) throws(ObjectError) -> [Entry] {
        let entries = state.withLock { state -> [Entry]? in
            state.questionCount += 1
            let children = state.children[directory] ?? []
            guard state.entries[directory] != nil else { return nil }
            guard let after else { return children.prefix(limit).compactMap { state.entries[$0] } }
            let start = children.firstIndexOfSorted(above: after)
            return children[start...].prefix(limit).compactMap { state.entries[$0] }
        }
        guard let entries else { throw .unknown }
        return entries
    }

    package func document(_ number: EntryNumber) throws(ObjectError) -> [UInt8] {
        guard let bytes = state.withLock({ $0.documents[number] }) else { throw .unknown }
        return bytes
    }

    package func known(_ hash: ObjectHash) throws(ObjectError) -> (object: KnownObject, held: Bool)? {
        state.withLock { $0.known[hash] }
    }

    package func objects(
        prefix: UInt8,
        after: ObjectHash?,
        limit: Int
    ) throws(ObjectError) -> [KnownObject] {
        objects(after: after, limit: limit) { $0.hash.bytes.first == prefix }
    }

    package func objects(
        type: String,
        after: ObjectHash?,
        limit: Int
    ) throws(ObjectError) -> [KnownObject] {
        objects(after: after, limit: limit) { $0.kind == .one && $0.type == type }
    }

    private func objects(after: ObjectHash?, limit: Int, where isWanted: (KnownObject) -> Bool) -> [KnownObject] {
        let all = state.withLock { Array($0.known.values) }.map(\.object).filter(isWanted)
            .sorted { $0.hash < $1.hash }
        guard let after else { return Array(all.prefix(limit)) }
        return Array(all.drop { $0.hash <= after }.prefix(limit))
    }

    package func places(of hash: ObjectHash) throws(ObjectError) -> [EntryNumber] {
        state.withLock { $0.entries.values.filter { $0.kind == .object(hash) }.map(\.number).sorted() }
    }

    package func holders(of hash: ObjectHash) throws(ObjectError) -> [String] {
        state.withLock { $0.holders[hash] ?? [] }
    }

    package func originalName(of number: EntryNumber) throws(ObjectError) -> String? {
        state.withLock { $0.originalNames[number] }
    }

    package func types() throws(ObjectError) -> [String] {
        Set(state.withLock { Array($0.known.values) }.filter { $0.object.kind == .one }.compactMap(\.object.type))
            .sorted()
    }

    package func changes() -> AsyncStream<[TreeChange]> {
        let (stream, continuation) = AsyncStream<[TreeChange]>.makeStream()
        state.withLock { $0.listeners.append(continuation) }
        return stream
    }
}

extension [EntryNumber] {
    /// Where the numbers above this one start.
    fileprivate func firstIndexOfSorted(above number: EntryNumber) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] <= number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Timestamp {
    /// The moment 2026-11-22 14:03:22.123456789.
    package static let sample = Timestamp(nanoseconds: 1_795_356_202_123_456_789)
}

extension Entry {
    fileprivate init(directory number: EntryNumber, in parent: EntryNumber, name: String) {
        self.init(
            number: number,
            parent: parent,
            name: name,
            kind: .directory,
            byteCount: 0,
            modified: .sample,
            localByteCount: 0
        )
    }
}
