import Glibc

/// What is said in the conversations of a trace, and what is attached to it.
struct TraceContent {
    /// Messages that are one object here, of about so many bytes each.
    private static let messagesPerObject = 10
    static let messageByteCount = 2_500
    private static let attachmentByteCounts = 3_000.0...12_000_000.0

    /// In order of time.
    private(set) var objects: [Trace.Object] = []

    init(_ plan: TracePlan, _ dice: inout TraceDice) {
        for conversation in 0..<plan.conversationCount {
            let rate = plan.messageRateMax / pow(Double(conversation + 1), 1.1)
            // Some conversations rest at the weekend, some are for it.
            let weekend = dice.uniform(0.2...1.6)
            for day in -plan.historyDayCount..<plan.dayCount {
                let factor = (day % 7 + 7) % 7 >= 5 ? weekend : 1
                // A day with anything in it has some more.
                guard dice.happens(min(0.95, rate * factor)) else { continue }
                add(1 + dice.poisson(rate * factor), on: day, to: conversation, plan, &dice)
            }
        }
        objects.sort { ($0.created, $0.conversation, $0.byteCount) < ($1.created, $1.conversation, $1.byteCount) }
    }

    private mutating func add(
        _ count: Int,
        on day: Int,
        to conversation: Int,
        _ plan: TracePlan,
        _ dice: inout TraceDice
    ) {
        let times = (0..<count).map { _ in (Double(day) + Self.time(&dice)) * Trace.secondsPerDay }.sorted()
        var pending = 0
        for (index, time) in times.enumerated() {
            pending += 1
            if pending == Self.messagesPerObject || index == times.count - 1 {
                objects.append(
                    .init(
                        conversation: conversation,
                        created: time,
                        byteCount: pending * Self.messageByteCount,
                        isAttachment: false
                    )
                )
                pending = 0
            }
            guard dice.happens(1 / plan.attachmentEvery) else { continue }
            let byteCount = exp(dice.normal(log(plan.attachmentByteCount), plan.attachmentSpread))
            let range = Self.attachmentByteCounts
            objects.append(
                .init(
                    conversation: conversation,
                    created: time,
                    byteCount: Int(min(range.upperBound, max(range.lowerBound, byteCount))),
                    isAttachment: true
                )
            )
        }
    }

    /// When in the day something is said: mostly between eight and ten in the evening.
    private static func time(_ dice: inout TraceDice) -> Double {
        let hour = dice.happens(0.5) ? dice.normal(12, 3) : dice.normal(19.5, 2)
        return min(23.99, max(0.01, hour)) / 24
    }
}
