import Node

/// Ways to choose what to fetch before it is asked for.
enum Forecast: String, CaseIterable, Sendable {
    case nothing = "no prefetch"
    case same = "same conversation again"
    case opened = "most recently opened first"
    case newest = "most recent first"
    case habits = "habits (iom)"
    /// Knows what comes: how good any could be.
    case oracle = "knowing the future"

    /// Conversations that are kept ready at once, by those who do not say themselves.
    static let countMax = 3
}

/// What a forecast can know at one moment of a trace.
struct ForecastState {
    /// Midnight of the first traced day, in seconds since 1970.
    static let origin = Double(Trace.firstDay) * Trace.secondsPerDay

    let trace: Trace
    private(set) var habits = Habits()
    /// When each conversation was opened last, and when something came to it.
    private var opened: [Double]
    private var arrived: [Double]
    private var nextObject: Int
    private(set) var current: Int?
    private(set) var lastTime = 0.0

    init(_ trace: Trace) {
        self.trace = trace
        opened = [Double](repeating: -.infinity, count: trace.contents.count)
        arrived = opened
        nextObject = 0
        pass(to: 0)
        // What was there at the beginning was seen before.
        opened = arrived.map { $0 == -.infinity ? $0 : min($0, -1) }
    }

    /// Time goes on to a moment; the conversations to which something came.
    @discardableResult
    mutating func pass(to time: Double) -> Set<Int> {
        lastTime = max(lastTime, time)
        var changed: Set<Int> = []
        while nextObject < trace.objects.count, trace.objects[nextObject].created <= time {
            let object = trace.objects[nextObject]
            arrived[object.conversation] = object.created
            changed.insert(object.conversation)
            nextObject += 1
        }
        return changed
    }

    /// Objects that are there, the newest first.
    func newest(of conversation: Int) -> some Sequence<Int> {
        trace.contents[conversation].lazy.reversed().drop { trace.objects[$0].created > lastTime }
    }

    mutating func open(_ visit: Trace.Visit) {
        habits.open(UInt64(visit.conversation), at: visit.time + Self.origin, fresh: fresh)
        opened[visit.conversation] = visit.time
        current = visit.conversation
    }

    /// Conversations with something that came after they were opened, the newest first.
    private var fresh: [UInt64] {
        arrived.indices.filter { arrived[$0] > opened[$0] }.sorted { arrived[$0] > arrived[$1] }.map(UInt64.init)
    }

    /// Conversations to be kept ready, with what is known to speak for them.
    func preparations(by forecast: Forecast, at time: Double, next: Int?) -> [Preparation] {
        func all(_ conversations: [Int]) -> [Preparation] {
            conversations.map { Preparation(place: UInt64($0), clue: .lately, since: nil) }
        }
        return switch forecast {
        case .nothing: []
        case .same: all(current.map { [$0] } ?? [])
        case .opened: all(newest(opened))
        case .newest: all(newest(arrived))
        case .habits: habits.preparations(at: time + Self.origin, fresh: fresh)
        case .oracle: all(next.map { [$0] } ?? [])
        }
    }

    private func newest(_ times: [Double]) -> [Int] {
        times.indices.filter { times[$0].isFinite }.sorted { times[$0] > times[$1] }.prefix(Forecast.countMax) + []
    }

    /// Conversations it expects to be opened next, the likeliest first.
    func named(by forecast: Forecast, at time: Double, next: Int) -> [Int] {
        guard forecast == .habits else {
            return preparations(by: forecast, at: time, next: next).map { Int($0.place) }
        }
        return habits.likely(at: time + Self.origin, fresh: fresh, limit: Forecast.countMax).map { Int($0.place) }
    }
}
