import Objects
import Synchronization

/// Whether a session compresses, which both sides have to offer in their `hello`.
///
/// Measured on loopback, where both ends share two processors (RESULTS of Bench): one stream over an answer of many pieces
/// of microdata makes a third of them for some microseconds each, and is always used for them. Blobs are worth it only if
/// they are text and the link is slower than deflate.
package enum Compression {
    /// Name of the feature in `hello`, and the argument of an `object-request` that wants its answer so.
    package static let feature = "deflate"
    /// Objects that make the stream's memory and start worth it; one alone that a reader waits for goes as it is.
    static let objectCountMin = 16
    /// A link that takes no more than this gains by deflate, which makes about 80 MB/s of text a third.
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
