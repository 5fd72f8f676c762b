package import Objects
package import Storage
import Synchronization
import SystemPackage
package import Views

/// What the owner asked to keep on this device; every change is durable before it counts.
///
/// A pin by path holds the entry it named when it was set, and everything that is or comes below it, whatever either is
/// called later. A pin by hash holds the object wherever it is shown.
package final class PinBoard: Sendable {
    /// Pins there may be.
    package static let countMax = 10_000
    /// No path has more names than this: a tree that is deeper has a cycle.
    private static let depthMax = 1_000

    private struct State {
        var pins: Pins
        /// The entries of pins that are paths, as far as they are known.
        var numbers: [EntryNumber: Pins.Pin] = [:]
        /// Folders in which something is pinned: when names change there, a pin may be called something else.
        var trail: Set<EntryNumber> = []
        var hashes: Set<ObjectHash> = []
    }

    private let disk: any Disk
    private let random: any RandomSource
    private let tree: any TreeReader
    private let state: Mutex<State>
    /// Held by whoever writes the file.
    private let writing = Mutex<Void>(())
    private let changed = Broadcast<Void>(bufferCount: 1)

    package init(disk: any Disk, random: any RandomSource, tree: any TreeReader) throws {
        (self.disk, self.random, self.tree) = (disk, random, tree)
        let pins = try Pins(on: disk)
        state = Mutex(State(pins: pins, hashes: Set(pins.pins.compactMap(\.hash))))
        try settle()
    }

    /// In the order in which they were set.
    package var pins: [Pins.Pin] { state.withLock { $0.pins.pins } }

    package var isEmpty: Bool { state.withLock { $0.pins.pins.isEmpty } }

    /// The entry of a pin that is a path; nil while there is none.
    package func entry(of pin: Pins.Pin) -> Entry? {
        let number = state.withLock { state in state.numbers.first { $0.value == pin }?.key }
        return number.flatMap { try? tree.entry($0) }
    }

    /// Runs the body while nobody can set a pin or take one away: what is not pinned in it is dropped before it is.
    package func whileTheyStay<Answer: Sendable, Failure: Error>(
        _ body: () throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        try writing.withLock { (_) throws(Failure) in try body() }
    }

    /// An element whenever a pin was set or taken away; never more than one waiting.
    package func changes() -> AsyncStream<Void> { changed.listen() }
}

/// Which pin holds what: answered by going up from it, whatever is pinned.
extension PinBoard {
    /// The pin that holds an entry: its own, that of the nearest folder above, or one that holds its bytes elsewhere.
    package func pin(holding entry: Entry) throws(ObjectError) -> Pins.Pin? {
        let numbers = state.withLock { $0.numbers }
        if let pin = try pin(above: entry, among: numbers) { return pin }
        guard case .object(let hash) = entry.kind else { return nil }
        return try pin(holding: hash)
    }

    /// The pin that holds an object: by its hash, or by one of the places where it is shown.
    package func pin(holding hash: ObjectHash) throws(ObjectError) -> Pins.Pin? {
        let (numbers, isPinned) = state.withLock { ($0.numbers, $0.hashes.contains(hash)) }
        if isPinned { return Pins.Pin(hash) }
        guard !numbers.isEmpty else { return nil }
        for place in try tree.places(of: hash) {
            guard let entry = try existing(place) else { continue }
            if let pin = try pin(above: entry, among: numbers) { return pin }
        }
        return nil
    }

    package func pin(holding target: PinTarget) throws(ObjectError) -> Pins.Pin? {
        switch target {
        case .object(let hash): try pin(holding: hash)
        case .entry(let entry): try pin(holding: entry)
        }
    }

    /// The pin that was set on just this.
    package func pin(of target: PinTarget) -> Pins.Pin? {
        state.withLock { state in
            switch target {
            case .object(let hash): state.hashes.contains(hash) ? Pins.Pin(hash) : nil
            case .entry(let entry): state.numbers[entry.number]
            }
        }
    }

    private func pin(above entry: Entry, among numbers: [EntryNumber: Pins.Pin]) throws(ObjectError) -> Pins.Pin? {
        guard !numbers.isEmpty else { return nil }
        var (number, parent) = (entry.number, entry.parent)
        for _ in 0..<Self.depthMax {
            if let pin = numbers[number] { return pin }
            guard parent != FixedEntry.root, parent != number, let next = try existing(parent) else { return nil }
            (number, parent) = (next.number, next.parent)
        }
        return nil
    }

    private func existing(_ number: EntryNumber) throws(ObjectError) -> Entry? {
        do throws(ObjectError) { return try tree.entry(number) } catch .unknown { return nil } catch { throw error }
    }

    /// Whether a change of the tree may bring something that is to be kept, or rename a pin.
    func concerns(_ change: TreeChange) -> Bool {
        let (numbers, trail, isSettled) = state.withLock { state in
            (state.numbers, state.trail, state.numbers.count + state.hashes.count == state.pins.pins.count)
        }
        switch change {
        case .content(let number):
            guard let entry = try? tree.entry(number), entry.kind != .directory else { return false }
            return entry.localByteCount < entry.byteCount && (try? pin(above: entry, among: numbers)) ?? nil != nil
        case .name(_, let directory):
            // A pin whose entry is not known may be about to have one.
            if !isSettled || trail.contains(directory) { return true }
            return (try? tree.entry(directory)).flatMap { try? pin(above: $0, among: numbers) } != nil
        }
    }
}

extension PinBoard {
    /// Sets a pin, or takes it away; what another one goes on holding is `.resourceBusy`.
    package func set(_ isPinned: Bool, _ target: PinTarget) throws(ObjectError) {
        switch target {
        case .object(let hash): try change { $0.set(isPinned, Pins.Pin(hash)) }
        case .entry(let entry):
            guard let pin = Pins.Pin(try path(of: entry)) else { throw .system(.invalidArgument, "pinning") }
            try change { pins in
                pins.set(isPinned, pin)
                // Its own pin may still have the name it was set by.
                if !isPinned, let own = state.withLock({ $0.numbers[entry.number] }) { pins.set(false, own) }
            }
        }
        guard !isPinned, let other = try pin(holding: target) else { return }
        throw .system(.resourceBusy, "it stays here because `\(other)` is pinned")
    }

    /// Takes away a pin by its own words, whether what it names is known or not; false if there is none.
    package func remove(_ pin: Pins.Pin) throws(ObjectError) -> Bool {
        guard pins.contains(pin) else { return false }
        try change { $0.set(false, pin) }
        return true
    }

    private func change(_ body: (inout Pins) throws(ObjectError) -> Void) throws(ObjectError) {
        try writing.withLock { (_) throws(ObjectError) in
            try write(body)
            try find()
        }
        changed.tell()
    }

    private func write(_ body: (inout Pins) throws(ObjectError) -> Void) throws(ObjectError) {
        var pins = state.withLock { $0.pins }
        let before = pins
        try body(&pins)
        guard pins != before else { return }
        guard pins.pins.count <= Self.countMax else {
            throw .system(.noSpace, "more than \(Self.countMax) pins: pin the folders they are in")
        }
        try pins.write(on: disk, random: random)
        state.withLock { state in
            (state.pins, state.hashes) = (pins, Set(pins.pins.compactMap(\.hash)))
            state.numbers = state.numbers.filter { pins.contains($0.value) }
        }
    }

    /// Finds the entries of the pins, and calls each pin as its entry is called now.
    func settle() throws(ObjectError) { try writing.withLock { (_) throws(ObjectError) in try find() } }

    private func find() throws(ObjectError) {
        let (before, numbers) = state.withLock { ($0.pins, $0.numbers) }
        let known = Dictionary(numbers.map { ($0.value, $0.key) }) { first, _ in first }
        var (found, trail, renamed) = ([EntryNumber: Pins.Pin](), Set<EntryNumber>(), [Pins.Pin: Pins.Pin]())
        for pin in before.pins where pin.hash == nil {
            var entry: Entry?
            if let number = known[pin] { entry = try existing(number) }
            if entry == nil { entry = try find(pin) }
            guard let entry else { continue }
            let current = Pins.Pin(try path(of: entry) { trail.insert($0) }) ?? pin
            if current != pin { renamed[pin] = current }
            found[entry.number] = current
        }
        var after = before
        after.rename(renamed)
        if after != before { try after.write(on: disk, random: random) }
        state.withLock { ($0.pins, $0.numbers, $0.trail) = (after, found, trail) }
    }

    /// The entry a pin names, by this or a former name.
    private func find(_ pin: Pins.Pin) throws(ObjectError) -> Entry? {
        var found: Entry?
        var directory = FixedEntry.root
        for name in pin.description.split(separator: "/") {
            do throws(ObjectError) {
                let entry = try tree.entry(named: String(name), in: directory)
                (found, directory) = (entry, entry.number)
            } catch .unknown {
                return nil
            } catch {
                throw error
            }
        }
        return found
    }

    /// Where an entry is; `above` is told of every folder it is in.
    private func path(of entry: Entry, above: (EntryNumber) -> Void = { _ in }) throws(ObjectError) -> String {
        var names = [entry.name]
        var parent = entry.parent
        above(parent)
        while parent != FixedEntry.root, names.count < Self.depthMax {
            let directory = try tree.entry(parent)
            names.append(directory.name)
            parent = directory.parent
            above(parent)
        }
        return names.reversed().joined(separator: "/")
    }
}
