import Objects
import Synchronization

/// Whether a session compresses, which both sides have to offer in their `hello`.
///
/// One stream over an answer of many pieces of microdata has them as its dictionary and is always used for them. Blobs are
/// compressed only if their beginning shrinks and the link is slower than deflate; on a fast one it would hold them up.
package enum Compression {
    /// Name of the feature in `hello`, and the argument of an `object-request` that wants its answer so.
    package static let feature = "deflate"
    /// Objects that make the stream's memory and start worth it; one alone that a reader waits for goes as it is.
    static let objectCountMin = 16
    /// A link that takes no more than this counts as slow: well below what deflate makes, as it shares the processors.
    static let slowLinkBytesPerSecond = 20.0 * 1_000_000
}

/// What both sides of a session offered.
final class SharedFeatures: Sendable {
    private let names = Mutex<Set<String>>([])

    func agree(_ own: [String], _ theirs: [String]) { names.withLock { $0 = Set(own).intersection(theirs) } }

    func contains(_ name: String) -> Bool { names.withLock { $0.contains(name) } }
}

/// How fast the other side takes what is sent, while something is to be sent.
final class LinkSpeed: Sendable {
    /// After so many bytes the older half counts half.
    private static let byteCountMax = 4.0 * 1_048_576
    /// Fewer bytes tell nothing: they are in buffers of this side.
    private static let byteCountMin = 1.0 * 1_048_576

    private let state = Mutex<(byteCount: Double, seconds: Double)>((0, 0))

    func note(byteCount: Int, in duration: Duration) {
        let seconds = duration / .seconds(1)
        state.withLock { state in
            state.byteCount += Double(byteCount)
            state.seconds += seconds
            if state.byteCount > Self.byteCountMax { state = (state.byteCount / 2, state.seconds / 2) }
        }
    }

    var isSlow: Bool {
        let (byteCount, seconds) = state.withLock { $0 }
        return byteCount >= Self.byteCountMin && byteCount < seconds * Compression.slowLinkBytesPerSecond
    }
}
