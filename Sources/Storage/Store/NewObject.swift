package import Objects
import Synchronization
package import SystemPackage

/// Something that is to become an object, with what its owner wants to know it by afterwards.
package struct NewObject<Tag: Sendable>: Sendable {
    package var content: Content
    package var tag: Tag
    /// Bytes that are not of this hash are `.damaged` and not stored; nil: any bytes.
    package var expected: ObjectHash?
    /// How many bytes it probably has: bounds what is done at once.
    package var likelyByteCount: Int

    package enum Content: Sendable {
        case bytes([UInt8])
        /// A file by its path, a symbolic link followed.
        case file(FilePath)
        /// A file of another disk, no link followed; itself, under a second name, if it `isLinked` and that is possible.
        case entry(DiskPath, of: PosixDisk, isLinked: Bool)
    }

    package init(_ content: Content, tag: Tag, expected: ObjectHash? = nil, likelyByteCount: Int) {
        (self.content, self.tag, self.expected) = (content, tag, expected)
        self.likelyByteCount = likelyByteCount
    }
}

/// What became of a `NewObject`; durable where it is an object.
package struct StoredObject<Tag: Sendable>: Sendable {
    package let tag: Tag
    /// An error says what was wrong with this one; the others are not touched by it.
    package private(set) var outcome: Result<Arrival, ObjectError>

    init(tag: Tag, outcome: Result<Arrival, ObjectError>) { (self.tag, self.outcome) = (tag, outcome) }

    /// nil: it is none.
    package var object: KnownObject? { try? outcome.get().object }

    /// Says of any bytes what they are for.
    package mutating func mark(as kind: ObjectKind) {
        guard case .success(var arrival) = outcome else { return }
        (arrival.object.kind, arrival.object.type) = (kind, nil)
        outcome = .success(arrival)
    }
}

/// How an object came to be here.
package struct Arrival: Hashable, Sendable {
    package var object: KnownObject
    /// nil: it was here already, or it was one of those given as bytes.
    package var transfer: StagedObject.Transfer?
    package var wasHere: Bool
}

/// Counts what comes into a store, for whoever shows how far it is.
package final class IntakeMeter: Sendable {
    private let bytes = Atomic<Int>(0)
    private let objects = Atomic<Int>(0)

    package init() {}

    /// Bytes hashed so far.
    package var byteCount: Int { bytes.load(ordering: .relaxed) }
    /// Objects durable so far.
    package var count: Int { objects.load(ordering: .relaxed) }

    func add(bytes count: Int) { bytes.wrappingAdd(count, ordering: .relaxed) }
    func add(objects count: Int) { objects.wrappingAdd(count, ordering: .relaxed) }
}

/// Any sequence, to be taken from by whoever takes from an asynchronous one.
package struct Supply<Base: IteratorProtocol>: AsyncSequence, AsyncIteratorProtocol {
    private var base: Base

    package init<Elements: Sequence>(_ elements: Elements) where Elements.Iterator == Base {
        base = elements.makeIterator()
    }

    package func makeAsyncIterator() -> Self { self }

    package mutating func next() async -> Base.Element? { base.next() }
}
