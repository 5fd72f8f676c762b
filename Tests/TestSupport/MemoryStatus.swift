package import Objects
import Synchronization
package import Views

/// A state that a test sets.
package final class MemoryStatus: StatusSource {
    private struct State {
        var texts: [StatusDocument: StatusText] = [:]
        var pins: Set<PinTarget> = []
        var errors: [ObjectHash: String] = [:]
        var previews: [ObjectHash: [UInt8]] = [:]
        var skipped: [String] = []
    }

    private let state = Mutex(State())
    package let space = StorageSpace(usedByteCount: 100 << 20, quotaByteCount: 500 << 20)

    package init() {}

    package var pins: Set<PinTarget> { state.withLock { $0.pins } }
    package var skipped: [String] { state.withLock { $0.skipped } }

    package func setText(_ text: String, of document: StatusDocument, modified: Timestamp = .sample) {
        state.withLock { $0.texts[document] = StatusText(bytes: Array(text.utf8), modified: modified) }
    }

    package func setErrorText(_ text: String, of hash: ObjectHash) { state.withLock { $0.errors[hash] = text } }

    package func text(of document: StatusDocument) throws(ObjectError) -> StatusText {
        state.withLock { $0.texts[document] ?? StatusText(bytes: Array("{}\n".utf8), modified: .sample) }
    }

    package func isPinned(_ target: PinTarget) throws(ObjectError) -> Bool {
        state.withLock { $0.pins.contains(target) }
    }

    package func setPinned(_ isPinned: Bool, _ target: PinTarget) throws(ObjectError) {
        state.withLock { state in
            if isPinned { state.pins.insert(target) } else { state.pins.remove(target) }
        }
    }

    package func setPreview(_ bytes: [UInt8], of hash: ObjectHash) { state.withLock { $0.previews[hash] = bytes } }

    package func previewStatus(of hash: ObjectHash) -> (byteCount: Int, modified: Timestamp)? {
        preview(of: hash).map { ($0.count, .sample) }
    }

    package func preview(of hash: ObjectHash) -> [UInt8]? { state.withLock { $0.previews[hash] } }

    package func previews(after hash: ObjectHash?, limit: Int) -> [ObjectHash] {
        let all = state.withLock { $0.previews.keys.sorted() }
        return Array(all.filter { one in hash.map { one > $0 } ?? true }.prefix(limit))
    }

    package func errorText(of hash: ObjectHash) -> String? { state.withLock { $0.errors[hash] } }

    package func skipped(_ entry: Entry, because reason: String) {
        state.withLock { $0.skipped.append(entry.name) }
    }
}
