package import Objects
import Synchronization
import SystemPackage

/// What was written to parts of objects since the start, in whole blocks: a part written twice counts twice.
package final class WrittenBytes: Sendable {
    private let count = Atomic<Int>(0)

    package var byteCount: Int { count.load(ordering: .acquiring) }

    func add(_ byteCount: Int) { count.wrappingAdd(byteCount, ordering: .releasing) }
}

/// The objects of which only parts are here (`partial/`), so that whatever interrupts a fetch costs little.
///
/// Derived: deleting it costs time only. Knows how much of each is here without looking at the disk.
package final class PartialStore: Sendable {
    /// More are not kept: the oldest that is not in use goes when another begins.
    static let countMax = 256

    private let disk: any Disk
    private let incoming: Incoming
    /// Counts what is written to all of them.
    package let written = WrittenBytes()
    private let state = Mutex(State())

    private struct State {
        /// Bytes that are here.
        var byteCounts: [ObjectHash: Int] = [:]
        var open: [ObjectHash: Weak] = [:]
    }

    private struct Weak {
        weak let file: PartialFile?
    }

    init(on disk: any Disk, _ incoming: Incoming) {
        (self.disk, self.incoming) = (disk, incoming)
        survey()
    }

    static func path(of hash: ObjectHash, _ suffix: String = "") -> DiskPath {
        Root.Place.partial.appending(hash.hex + suffix)
    }

    /// Finds what an earlier process left; what belongs to nothing goes.
    private func survey() {
        guard let entries = try? disk.list(Root.Place.partial) else { return }
        let found = Set(entries.compactMap { $0.kind == .file ? ObjectHash(hex: $0.name) : nil })
        for entry in entries {
            guard let hash = ObjectHash(hex: entry.name.prefix(64)), found.contains(hash) else {
                try? disk.remove(Root.Place.partial.appending(name: entry.name))
                continue
            }
        }
        for hash in found {
            guard let file = try? OpenFile(Self.path(of: hash, ".map"), .read, on: disk),
                let size = try? disk.status(at: Self.path(of: hash))?.byteCount,
                let bytes = try? file.read(0..<Self.surveyByteCountMax),
                let map = PartialMap(encoded: bytes, objectByteCount: size)
            else {
                remove(hash)
                continue
            }
            state.withLock { $0.byteCounts[hash] = map.ranges.ranges.reduce(0) { $0 + $1.count } }
        }
    }

    private static let surveyByteCountMax = 16 << 20

    /// How many bytes of an object are here while not all are; 0 if it is none of these.
    package func byteCount(of hash: ObjectHash) -> Int { state.withLock { $0.byteCounts[hash] ?? 0 } }

    /// The objects of which parts are here.
    package var hashes: [ObjectHash] { state.withLock { Array($0.byteCounts.keys) } }

    /// More or less of an object is here now.
    package func note(_ byteCount: Int, of hash: ObjectHash) {
        state.withLock { $0.byteCounts[hash] = byteCount }
    }

    /// What is here of an object, or a new file for it; one file however often it is asked for.
    package func open(_ hash: ObjectHash, byteCount: Int) throws(ObjectError) -> PartialFile {
        try state.withLock { state throws(ObjectError) in
            if let file = state.open[hash]?.file, file.byteCount == byteCount { return file }
            if state.byteCounts[hash] == nil { makeRoom(&state) }
            let file = try ObjectError.from("making a place for \(hash)") { () throws(Errno) in
                try PartialFile(hash, byteCount: byteCount, on: disk, incoming, written: written)
            }
            state.open[hash] = Weak(file: file)
            state.byteCounts[hash] = state.byteCounts[hash] ?? 0
            return file
        }
    }

    /// Drops parts: nobody needs them any more, or they are wrong.
    package func remove(_ hash: ObjectHash) {
        state.withLock { Self.forget(hash, &$0) }
        for suffix in ["", ".map", ".chunks"] { try? disk.remove(Self.path(of: hash, suffix)) }
    }

    /// The file has become an object.
    func finished(_ hash: ObjectHash) { remove(hash) }

    /// Takes parts that turned out wrong out of the way, with the reason beside them; one a hash is kept.
    package func quarantine(_ hash: ObjectHash, reason: String) {
        let name = "\(hash.hex)-partial"
        let place = Root.Place.quarantine.appending(name)
        if (try? disk.replace(place, by: Self.path(of: hash))) != nil {
            try? incoming.replaceHint(
                Root.Place.quarantine.appending(name + ".reason"),
                with: Array((reason + "\n").utf8)
            )
        }
        remove(hash)
    }

    private static func forget(_ hash: ObjectHash, _ state: inout State) {
        state.byteCounts[hash] = nil
        state.open[hash] = nil
    }

    /// Drops what nobody has open, the oldest first, until this much of the disk is free again or nothing is left.
    package func drop(byteCount: Int) {
        state.withLock { state in
            var rest = byteCount
            for hash in unused(&state) where rest > 0 { rest -= drop(hash, &state) }
        }
    }

    /// Drops the oldest file that nobody has open, if there are too many.
    private func makeRoom(_ state: inout State) {
        guard state.byteCounts.count >= Self.countMax, let oldest = unused(&state).first else { return }
        _ = drop(oldest, &state)
    }

    /// What nobody has open, the oldest first.
    private func unused(_ state: inout State) -> [ObjectHash] {
        state.open = state.open.filter { $0.value.file != nil }
        let unused = state.byteCounts.keys.filter { state.open[$0] == nil }
        let ages = unused.map {
            ($0, (try? disk.status(at: Self.path(of: $0)))??.stamp.modified ?? Timestamp(nanoseconds: 0))
        }
        return ages.sorted { $0.1 < $1.1 }.map(\.0)
    }

    /// - Returns: bytes of the disk that are free again.
    private func drop(_ hash: ObjectHash, _ state: inout State) -> Int {
        Self.forget(hash, &state)
        return ["", ".map", ".chunks"].reduce(0) { sum, suffix in
            let path = Self.path(of: hash, suffix)
            let allocated = (try? disk.status(at: path))??.allocatedByteCount ?? 0
            try? disk.remove(path)
            return sum + allocated
        }
    }
}
