import Objects
import Synchronization
import Views

/// Files that are read without having been opened (`no_open`); those read lately are kept open.
///
/// A bounded count, so a file that is evicted while somebody reads it slowly may be asked of another instance.
final class UnopenedFiles: Sendable {
    private static let countMax = 1_024

    private struct State {
        var files: [EntryNumber: OpenFile] = [:]
        /// Numbers in the order in which they were opened, in a ring.
        var order: [EntryNumber] = []
        var oldest = 0

        mutating func keep(_ file: OpenFile) -> OpenFile? {
            if let before = files.updateValue(file, forKey: file.number) { return before }
            guard order.count >= countMax else {
                order.append(file.number)
                return nil
            }
            let dropped = files.removeValue(forKey: order[oldest])
            order[oldest] = file.number
            oldest = (oldest + 1) % countMax
            return dropped
        }
    }

    private let state = Mutex(State())

    /// The file of an entry as it is now.
    func file(
        of entry: Entry,
        open: (Entry) throws(ObjectError) -> OpenFile
    ) throws(ObjectError) -> OpenFile {
        let known = state.withLock { $0.files[entry.number] }
        if let known, known.lifetime.isContentLasting, known.isStill(entry) { return known }
        let file = try open(entry)
        // What it replaces is closed outside of the lock.
        _ = state.withLock { $0.keep(file) }
        return file
    }
}

extension OpenFile {
    /// Whether it has the bytes of this entry.
    fileprivate func isStill(_ entry: Entry) -> Bool {
        if case .object(let hash) = entry.kind { return self.hash == hash && objectByteCount == entry.byteCount }
        return hash == nil
    }
}
