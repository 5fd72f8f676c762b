import Storage
import Synchronization
package import SystemPackage

/// A disk in memory that forgets what was not synchronised when its power is cut, and fails when told to.
///
/// Every operation has a number, from 1. Renaming between two directories is two changes of names here, each with its own
/// fate: harder than any real file system, so what survives it survives those.
package final class MemoryDisk: Disk {
    let state = Mutex(State())

    package init() {}

    /// Count of operations so far.
    package var operationCount: Int { state.withLock { $0.operationCount } }

    /// Cuts the power when the operation of this number begins; a write gets half done.
    package func cutPower(at number: Int) { state.withLock { $0.powerCut = number } }

    /// Makes the operation of this number fail: a write half done, a synchronisation with what it covers lost for good.
    package func fail(at number: Int, with error: Errno) { state.withLock { $0.faults[number] = error } }

    /// Whether the power is off.
    package var isOff: Bool { state.withLock { $0.isOff } }

    /// Count of handles not closed.
    package var openCount: Int { state.withLock { $0.handles.count } }

    struct State {
        var nodes: [UInt64: MemoryNode] = [State.top: MemoryNode(kind: .directory, permissions: 0o700)]
        var handles: [Int32: UInt64] = [:]
        var nextInode: UInt64 = 2
        var nextHandle: Int32 = 3
        var time: Int64 = 0
        var operationCount = 0
        var powerCut: Int?
        var faults: [Int: Errno] = [:]
        var isOff = false
        /// Bytes that fit, all files together.
        var capacity = Int.max

        static let top: UInt64 = 1
    }

    /// Runs one numbered operation; `damage` is what happens when it fails.
    func operate<Result>(
        damage: (inout State) -> Void = { _ in }, _ body: (inout State) throws(Errno) -> Result
    ) throws(Errno) -> Result {
        try state.withLock { (state) throws(Errno) in
            guard !state.isOff else { throw .ioError }
            state.operationCount += 1
            state.time += 1
            if state.operationCount == state.powerCut {
                state.isOff = true
                damage(&state)
                throw .ioError
            }
            if let error = state.faults[state.operationCount] {
                damage(&state)
                throw error
            }
            return try body(&state)
        }
    }
}

/// A file or directory of a `MemoryDisk`: what is in it, and what of that is durable.
struct MemoryNode {
    var kind: DiskStatus.Kind
    var permissions: UInt32
    var bytes: [UInt8] = []
    var durableBytes: [UInt8] = []
    /// A synchronisation failed: the bytes never become durable, whatever is asked (fsync(2), "EIO").
    var isLost = false
    var entries: [[UInt8]: UInt64] = [:]
    var durableEntries: [[UInt8]: UInt64] = [:]
    /// Changes of names since the last synchronisation, in order; those of one item happen together.
    var pending: [[Edit]] = []
    var modified: Int64 = 0
    var changed: Int64 = 0

    struct Edit {
        var name: [UInt8]
        /// nil: the name goes.
        var inode: UInt64?
    }

    init(kind: DiskStatus.Kind, permissions: UInt32) { (self.kind, self.permissions) = (kind, permissions) }

    mutating func edit(_ edits: [Edit]) {
        for edit in edits { entries[edit.name] = edit.inode }
        pending.append(edits)
    }

    mutating func synchronize() {
        synchronizeNames()
        if !isLost { durableBytes = bytes }
    }

    /// Only what is still pending: changes whose synchronisation failed are lost for good.
    mutating func synchronizeNames() {
        for edits in pending { for edit in edits { durableEntries[edit.name] = edit.inode } }
        pending = []
    }
}
