import NIOCore
import Objects
import Peers

/// What is wanted of one holder: requests under way, and what has come since and goes with the next one; no I/O.
///
/// The first goes at once; what is wanted while enough requests are under way is gathered. So a request has as many
/// objects as came in during a round trip, and nobody waits for others to come. Readers and the background have lines and
/// requests of their own.
struct Gathering<Item> {
    /// Requests under way in each line.
    static var requestCountMax: Int { 4 }
    /// Objects a request asks for.
    static var itemCountMax: Int { IoMClient.hashCountMax }
    /// Bytes a request asks for, unless a single object has more: what is small does not wait for much that is large.
    static var byteCountMax: Int { 1 << 20 }

    private struct Line {
        var waiting = CircularBuffer<(item: Item, byteCount: Int)>()
        var requestCount = 0
    }

    private var reader = Line()
    private var background = Line()

    var isIdle: Bool {
        reader.waiting.isEmpty && background.waiting.isEmpty && reader.requestCount + background.requestCount == 0
    }

    mutating func add(_ item: Item, byteCount: Int, _ priority: CallPriority) {
        switch priority {
        case .reader: reader.waiting.append((item, byteCount))
        case .background: background.waiting.append((item, byteCount))
        }
    }

    /// The next request that may be made, the readers' first; nil if enough are under way, or nothing is wanted.
    ///
    /// `isWanted` is asked for each item once, as it leaves the line.
    mutating func next(isWanted: (Item) -> Bool) -> (items: [Item], priority: CallPriority)? {
        if let items = Self.take(&reader, isWanted) { return (items, .reader) }
        return Self.take(&background, isWanted).map { ($0, .background) }
    }

    private static func take(_ line: inout Line, _ isWanted: (Item) -> Bool) -> [Item]? {
        guard line.requestCount < requestCountMax else { return nil }
        var items: [Item] = []
        var byteCount = 0
        while items.count < itemCountMax, let first = line.waiting.first {
            guard items.isEmpty || byteCount + first.byteCount <= byteCountMax else { break }
            line.waiting.removeFirst()
            guard isWanted(first.item) else { continue }
            items.append(first.item)
            byteCount += first.byteCount
        }
        guard !items.isEmpty else { return nil }
        line.requestCount += 1
        return items
    }

    /// A request has ended.
    mutating func finish(_ priority: CallPriority) {
        switch priority {
        case .reader: reader.requestCount -= 1
        case .background: background.requestCount -= 1
        }
    }

    /// Takes out everything that waits: the holder is not to be asked any more.
    mutating func drain() -> [Item] {
        let items = (reader.waiting + background.waiting).map(\.item)
        reader.waiting.removeAll()
        background.waiting.removeAll()
        return items
    }
}
