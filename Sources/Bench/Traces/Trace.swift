/// What one person opened and read over some weeks, made from a plan and a seed: the same for the same two.
///
/// Times are seconds since the midnight (UTC) at which the traced days begin, a Monday; what is older is negative.
struct Trace: Sendable {
    /// Bytes that are read as a whole: some messages, or an attachment.
    struct Object: Sendable, Hashable {
        var conversation: Int
        var created: Double
        var byteCount: Int
        var isAttachment: Bool
    }

    /// Why a conversation was opened: known to the trace, not to whoever predicts.
    enum Cause: String, CaseIterable, Sendable {
        case habit, follow, news, burst, browse, dig, scan
    }

    /// A conversation is opened, and things in it are read one after another.
    struct Visit: Sendable {
        var time: Double
        var conversation: Int
        var cause: Cause
        /// Indices of objects.
        var reads: [Int]
    }

    /// The first traced day, counted from 1970-01-01: 2025-12-29.
    static let firstDay = 20_451
    static let secondsPerDay = 86_400.0

    let plan: TracePlan
    let seed: UInt64
    /// In order of time.
    let objects: [Object]
    /// In order of time.
    let visits: [Visit]
    /// Indices of the objects of each conversation, in order of time.
    let contents: [[Int]]

    init(_ plan: TracePlan, seed: UInt64) {
        var dice = TraceDice(seed: seed)
        let objects = TraceContent(plan, &dice).objects
        var contents = [[Int]](repeating: [], count: plan.conversationCount)
        for (index, object) in objects.enumerated() { contents[object.conversation].append(index) }
        (self.plan, self.seed, self.objects, self.contents) = (plan, seed, objects, contents)
        let openings = TraceDays(plan, objects: objects, &dice).openings
        var reading = TraceReading(objects: objects, contents: contents)
        visits = openings.map { reading.visit($0, &dice) }
    }

    /// What is read, in order.
    var reads: [(time: Double, object: Int, cause: Cause)] {
        visits.flatMap { visit in visit.reads.map { (visit.time, $0, visit.cause) } }
    }

    var byteCount: Int { objects.reduce(0) { $0 + $1.byteCount } }
}
