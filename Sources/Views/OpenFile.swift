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
        /// A document of which not all that it says is here.
        case unwritten
    }

    /// Whether it may be read in parts before all of it is here.
    enum Arriving: Sendable {
        case unasked
        case asWhole
        case inParts(any ArrivingObject)
    }

    package let number: EntryNumber
    package let lifetime: Lifetime
    /// The object it is; nil for what is rendered.
    package let hash: ObjectHash?
    package let objectByteCount: Int
    let source: Mutex<Source>
    /// How it is read while parts of it are here.
    let arriving = Mutex(Arriving.unasked)
    /// When it was opened, by the view's clock.
    private let opened: Duration
    private let wasMissed = Atomic(false)
    /// The failed fetch it was told of last.
    private let toldFailure = Mutex<UInt64>(0)

    init(_ entry: Entry, _ source: Source, _ lifetime: Lifetime, at opened: Duration) {
        number = entry.number
        (self.lifetime, self.opened) = (lifetime, opened)
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
            switch source {
            case .absent, .unwritten: false
            case .local, .document, .snapshot: true
            }
        }
    }

    /// The file of this disk that has its bytes, open as long as this.
    package var localDescriptor: FileDescriptor? {
        source.withLock { source in
            if case .local(let descriptor) = source { descriptor } else { nil }
        }
    }

    /// Whether this is the first time that its bytes were not here when they were read.
    var isFirstMiss: Bool { !wasMissed.exchange(true, ordering: .relaxed) }

    /// What failed fetches of it are remembered by.
    var fetchKey: ObjectHash { hash ?? ObjectHash(of: Array("document/\(number)".utf8)) }

    /// The failure of a moment ago, once; who opened the file since then is to try anew.
    func repeated(_ failure: RecentFailures.Failure?) -> ObjectError? {
        guard let failure, opened <= failure.moment else { return nil }
        return toldFailure.withLock { told in
            guard told < failure.serial else { return nil }
            told = failure.serial
            return failure.error
        }
    }

    /// The bytes of a file that is rendered.
    var renderedBytes: [UInt8]? {
        source.withLock { source in
            switch source {
            case .document(let bytes, _), .snapshot(let bytes): bytes
            case .local, .absent, .unwritten: nil
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
