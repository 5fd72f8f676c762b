import Objects

/// In which of two ways each open file is read.
///
/// The kernel takes a file that is open in one way only in the same way again (fs/fuse/iomode.c: EIO otherwise), and by
/// passthrough only with the same id. It is told of a release after it has changed its mind, so what is known here is
/// never behind it.
struct ReadingModes {
    enum Mode: Hashable {
        /// Bytes are asked for and remembered by the kernel.
        case cached
        case passthrough(UInt32)
    }

    private struct Use {
        var mode: Mode
        var count: Int
    }

    private var uses: [EntryNumber: Use] = [:]

    /// Files that are open.
    var count: Int { uses.count }

    /// One more has the file open; nil: nobody has, so it is for the caller to choose a mode.
    mutating func share(_ number: EntryNumber) -> Mode? {
        guard let index = uses.index(forKey: number) else { return nil }
        uses.values[index].count += 1
        return uses.values[index].mode
    }

    /// The first who opens a file.
    mutating func begin(_ number: EntryNumber, _ mode: Mode) { uses[number] = Use(mode: mode, count: 1) }

    /// One fewer has it open: the id that nobody needs any more.
    mutating func release(_ number: EntryNumber) -> UInt32? {
        guard let index = uses.index(forKey: number) else { return nil }
        guard uses.values[index].count == 1 else {
            uses.values[index].count -= 1
            return nil
        }
        guard case .passthrough(let id) = uses.remove(at: index).value.mode else { return nil }
        return id
    }
}
