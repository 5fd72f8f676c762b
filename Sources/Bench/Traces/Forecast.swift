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

    /// Conversations that are kept ready at once.
    static let countMax = 3
    /// What is less likely is not worth its bytes.
    static let probabilityMin = 0.06
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

    /// Conversations to be kept ready, the likeliest first, and the clue.
    func chosen(by forecast: Forecast, at time: Double, next: Int?) -> [(conversation: Int, clue: Clue)] {
        func newest(_ times: [Double]) -> [(conversation: Int, clue: Clue)] {
            times.indices.filter { times[$0].isFinite }.sorted { times[$0] > times[$1] }.prefix(Forecast.countMax)
                .map { ($0, .lately) }
        }
        switch forecast {
        case .nothing: return []
        case .same: return current.map { [($0, .lately)] } ?? []
        case .opened: return newest(opened)
        case .newest: return newest(arrived)
        case .habits:
            return habits.likely(at: time + Self.origin, fresh: fresh, limit: Forecast.countMax)
                .filter { $0.probability >= Forecast.probabilityMin }.map { (Int($0.place), $0.clue) }
        case .oracle: return next.map { [($0, .often)] } ?? []
        }
    }
}
