package import Objects
import Synchronization
package import SystemPackage

/// A file open for reading.
///
/// Bytes that are on this disk when it is opened stay readable to the end, evicted or not: the descriptor is kept.
package final class OpenFile: Sendable {
    /// Where the bytes of a file are.
    enum Source: Sendable {
        case local(FileDescriptor)
        /// Rendered; `age` tells whether it may have become other since.
        case document([UInt8], age: UInt64)
        /// The state of the instance as it was when the file was opened.
        case snapshot([UInt8])
        case absent(ObjectHash)
    }

    package let number: EntryNumber
    /// The object it is; nil for what is rendered.
    package let hash: ObjectHash?
    let objectByteCount: Int
    let source: Mutex<Source>
    /// The fetch that failed last, until it was told a second time.
    private let failure = Mutex<Failure?>(nil)

    private struct Failure {
        var error: ObjectError
        var range: Range<Int>
        var moment: Duration
    }

    /// How soon after a failure the same question is the kernel's and not the program's.
    private static let repeatedWithin: Duration = .milliseconds(500)

    init(_ entry: Entry, _ source: Source) {
        number = entry.number
        if case .object(let hash) = entry.kind { self.hash = hash } else { hash = nil }
        objectByteCount = entry.byteCount
        self.source = Mutex(source)
    }

    deinit {
        source.withLock { source in
            if case .local(let descriptor) = source { try? descriptor.close() }
        }
    }

    /// Whether reading cannot wait for the network.
    package var isHere: Bool {
        source.withLock { source in
            if case .absent = source { false } else { true }
        }
    }

    /// Remembers that a fetch failed.
    func note(_ error: ObjectError, in range: Range<Int>, at moment: Duration) {
        guard error != .cancelled, error != .fetchNotAllowed else { return }
        failure.withLock { $0 = Failure(error: error, range: range, moment: moment) }
    }

    /// The failure of a moment ago, once.
    ///
    /// When reading ahead fails, the kernel at once asks again for less, and a deadline that has passed would be waited
    /// for twice.
    func repeatedFailure(in range: Range<Int>, at moment: Duration) -> ObjectError? {
        failure.withLock { failure in
            guard let last = failure else { return nil }
            failure = nil
            return last.range.overlaps(range) && moment - last.moment < Self.repeatedWithin ? last.error : nil
        }
    }

    /// The bytes of a file that is rendered.
    var renderedBytes: [UInt8]? {
        source.withLock { source in
            switch source {
            case .document(let bytes, _), .snapshot(let bytes): bytes
            case .local, .absent: nil
            }
        }
    }
}

/// What a read comes to.
package enum ReadResult: Sendable {
    /// This range of this descriptor, which stays open as long as the `OpenFile`.
    case local(FileDescriptor, Range<Int>)
    /// This range of these bytes.
    case bytes([UInt8], Range<Int>)
    /// To be fetched: `View.fetch`.
    case absent(ObjectHash, Range<Int>)
}
