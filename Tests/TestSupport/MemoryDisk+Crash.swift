import Objects
package import Storage
import Synchronization

extension MemoryDisk {
    /// What of that which was not synchronised is there after a power cut.
    package enum Survival: Hashable, Sendable {
        /// Nothing.
        case nothing
        /// All names, none of the bytes: what a file system does that writes bytes late.
        case names
        /// Everything: the cut came just after it was written.
        case everything
        /// Some names, and of each file some of the bytes, or zeros in their place.
        case some(seed: UInt64)
    }

    /// Turns the power on after a cut, or cuts it for a moment.
    package func restart(_ survival: Survival) {
        let random: SeededRandom? = if case .some(let seed) = survival { SeededRandom(seed: seed) } else { nil }
        state.withLock { state in
            state.handles = [:]
            (state.isOff, state.powerCut, state.faults) = (false, nil, [:])
            for inode in state.nodes.keys.sorted() {
                state.nodes[inode]?.restart(survival, random)
            }
        }
    }

    /// Lets no more than this fit.
    package func limit(byteCount: Int) { state.withLock { $0.capacity = byteCount } }

    /// Changes a file behind the back of whoever uses the disk, leaving its size and times if told so.
    package func tamper(_ path: DiskPath, keepingTimes: Bool = false, _ body: (inout [UInt8]) -> Void) {
        state.withLock { state in
            guard let inode = try? state.find(path), var node = state.nodes[inode] else { return }
            body(&node.bytes)
            node.durableBytes = node.bytes
            state.time += 1
            if !keepingTimes { (node.modified, node.changed) = (state.time, state.time) }
            state.nodes[inode] = node
        }
    }
}

extension MemoryNode {
    fileprivate mutating func restart(_ survival: MemoryDisk.Survival, _ random: SeededRandom?) {
        switch survival {
        case .nothing: bytes = durableBytes
        case .names:
            bytes = durableBytes
            for edits in pending { keep(edits) }
        case .everything:
            if isLost { bytes = durableBytes }
            for edits in pending { keep(edits) }
        case .some:
            for edits in pending where random?.number(below: 2) == 0 { keep(edits) }
            bytes = isLost ? durableBytes : torn(random)
        }
        (entries, pending, durableBytes, isLost) = (durableEntries, [], bytes, false)
    }

    private mutating func keep(_ edits: [Edit]) {
        for edit in edits { durableEntries[edit.name] = edit.inode }
    }

    /// What is written late is written page by page in any order: of each page the new bytes, or the old ones or zeros.
    private func torn(_ random: SeededRandom?) -> [UInt8] {
        guard bytes != durableBytes, let random else { return bytes }
        let (low, high) = (min(bytes.count, durableBytes.count), max(bytes.count, durableBytes.count))
        let count = Int(random.number(below: UInt64(high - low + 1))) + low
        var torn = bytes.prefix(count) + [UInt8](repeating: 0, count: max(0, count - bytes.count))
        if random.number(below: 2) == 0 { torn += [UInt8](repeating: 0, count: max(0, bytes.count - count)) }
        let pageByteCount = 4096
        for start in stride(from: 0, to: torn.count, by: pageByteCount) where random.number(below: 3) == 0 {
            let end = min(start + pageByteCount, torn.count)
            let old = durableBytes.dropFirst(start).prefix(end - start)
            torn.replaceSubrange(start..<end, with: old + [UInt8](repeating: 0, count: end - start - old.count))
        }
        return Array(torn)
    }
}
