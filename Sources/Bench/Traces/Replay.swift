import Node

/// Replays a trace on a device that holds little, and counts what a forecast was good for.
///
/// Opening a conversation brings its newest messages in order (all forecasts but `nothing`); then, and whenever something
/// came in the last quarter of an hour, what the forecast chooses. A background fetch takes its time, and is given up when
/// something else is opened.
struct Replay {
    struct Result: Sendable {
        /// Reads but those of scans, for which nobody waits, and those of them that found it here.
        var readCount = 0
        var hitCount = 0
        var aheadByteCount = 0
        var usedByteCount = 0
        var wastedByteCount = 0
        /// Openings by a habit or anything else but a scan, and those that the forecast named first, or at all.
        var openingCount = 0
        var firstRightCount = 0
        var rightCount = 0
        var turnCount = 0

        var hitRatio: Double { Double(hitCount) / Double(max(1, readCount)) }
    }

    private static let bytesPerSecond = 2.0 * 1_048_576
    private static let secondsPerFetch = 0.01
    /// Somebody who reads takes so long for each thing.
    private static let secondsPerRead = 5.0
    private static let secondsPerLook = 900.0

    private let forecast: Forecast
    private let trace: Trace
    private var state: ForecastState
    private var local: KeptObjects
    private var ledger = AheadLedger<Int>()
    private var confidence = Confidence()
    /// When what is being fetched ahead will be here, and why.
    private var arriving: [Int: (time: Double, why: Ahead)] = [:]
    private var result = Result()

    init(_ trace: Trace, _ forecast: Forecast, quota: Int) {
        (self.trace, self.forecast) = (trace, forecast)
        state = ForecastState(trace)
        local = KeptObjects(trace, quota: quota)
    }

    mutating func run() -> Result {
        for (index, visit) in trace.visits.enumerated() {
            passQuietly(until: visit.time, next: visit.conversation)
            let next = trace.visits.dropFirst(index + 1).first { $0.cause != .scan }?.conversation
            serve(visit, next: next)
        }
        return result
    }

    /// Nobody reads; things come, and may be looked at ahead.
    private mutating func passQuietly(until time: Double, next: Int) {
        var now = (state.lastTime / Self.secondsPerLook).rounded(.down) * Self.secondsPerLook
        while now + Self.secondsPerLook < time {
            now += Self.secondsPerLook
            land(until: now)
            guard !state.pass(to: now).isEmpty else { continue }
            prepare(at: now, next: next)
        }
        land(until: time)
        state.pass(to: time)
    }

    private mutating func serve(_ visit: Trace.Visit, next: Int?) {
        judge(visit)
        // What was under way for another conversation is given up.
        arriving = [:]
        if visit.cause != .scan {
            state.open(visit)
            end(ledger.expire(at: visit.time))
            if forecast != .nothing { fetch(ahead: visit.conversation, .newest, at: visit.time) }
        }
        for (position, object) in visit.reads.enumerated() {
            land(until: visit.time + Double(position) * Self.secondsPerRead)
            read(object, counts: visit.cause != .scan)
        }
        guard visit.cause != .scan else { return }
        prepare(at: visit.time + Double(visit.reads.count) * Self.secondsPerRead, next: next)
    }

    private mutating func judge(_ visit: Trace.Visit) {
        guard visit.cause != .scan else { return }
        let named = state.named(by: forecast, at: visit.time, next: visit.conversation)
        result.openingCount += 1
        if named.first == visit.conversation { result.firstRightCount += 1 }
        if named.contains(visit.conversation) { result.rightCount += 1 }
    }

    private mutating func read(_ object: Int, counts: Bool) {
        if counts {
            result.readCount += 1
            if local.contains(object) { result.hitCount += 1 }
        }
        // What is on its way is waited for as if it were not.
        arriving[object] = nil
        if let end = ledger.use(object) { self.end([end]) }
        touch(object)
    }

    private mutating func touch(_ object: Int) {
        for gone in local.touch(object) { if let end = ledger.lose(gone) { self.end([end]) } }
    }

    private mutating func prepare(at time: Double, next: Int?) {
        for ready in state.preparations(by: forecast, at: time, next: next) {
            let since = ready.since.map { $0 - ForecastState.origin }
            fetch(ahead: Int(ready.place), .likely(ready.clue), at: time, since: since)
        }
    }

    /// The newest of a conversation, one after another, as far back as a time.
    private mutating func fetch(ahead conversation: Int, _ why: Ahead, at time: Double, since: Double? = nil) {
        let isPretended = why.isGuess && forecast == .habits && !confidence.isOn
        var when = max(time, arriving.values.map(\.time).max() ?? time)
        var (messages, byteCount) = (0, 0)
        for object in state.newest(of: conversation) {
            let item = trace.objects[object]
            if let since, item.created < since { return }
            if !item.isAttachment { messages += item.byteCount / TraceContent.messageByteCount }
            guard messages <= LoadingRules.newestCount, byteCount <= LoadingRules.byteCountMax else { return }
            guard item.byteCount <= LoadingRules.attachmentByteCountMax, !local.contains(object),
                arriving[object] == nil,
                local.hasRoom(for: byteCount + item.byteCount)
            else { continue }
            byteCount += item.byteCount
            if isPretended {
                note(object, why, at: time, isPretended: true)
            } else {
                when += Self.secondsPerFetch + Double(item.byteCount) / Self.bytesPerSecond
                arriving[object] = (when, why)
            }
        }
    }

    private mutating func note(_ object: Int, _ why: Ahead, at time: Double, isPretended: Bool) {
        let byteCount = trace.objects[object].byteCount
        end(ledger.add(object, .init(byteCount: byteCount, time: time, why: why, isPretended: isPretended)))
    }

    private mutating func land(until time: Double) {
        let landed = arriving.filter { $0.value.time <= time }.sorted {
            ($0.value.time, $0.key) < ($1.value.time, $1.key)
        }
        for (object, arrival) in landed {
            arriving[object] = nil
            result.aheadByteCount += trace.objects[object].byteCount
            note(object, arrival.why, at: arrival.time, isPretended: false)
            touch(object)
        }
    }

    private mutating func end(_ ends: [AheadLedger<Int>.End]) {
        for end in ends {
            if !end.item.isPretended {
                if end.wasUsed {
                    result.usedByteCount += end.item.byteCount
                } else {
                    result.wastedByteCount += end.item.byteCount
                }
            }
            if end.item.why.isGuess, confidence.note(byteCount: end.item.byteCount, wasUsed: end.wasUsed) {
                result.turnCount += 1
            }
        }
    }
}
