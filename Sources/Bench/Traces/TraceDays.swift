import Glibc

/// When somebody opens which conversation, and why.
struct TraceDays {
    struct Opening {
        var time: Double
        var conversation: Int
        var cause: Trace.Cause
    }

    /// A conversation that is opened at about the same time of some days of the week.
    private struct Habit {
        var conversation: Int
        var hour: Double
        /// Monday is 0.
        var weekdays: Set<Int>
        var days: Range<Int>
    }

    /// In order of time.
    private(set) var openings: [Opening] = []
    private let plan: TracePlan
    private let objects: [Trace.Object]
    private let popularity: [Double]
    /// What is opened next, where there is a next one.
    private var followers: [Int: Int] = [:]

    private static let minute = 60.0
    private static let wakingHours = 7.0...23.0

    init(_ plan: TracePlan, objects: [Trace.Object], _ dice: inout TraceDice) {
        (self.plan, self.objects) = (plan, objects)
        popularity = (0..<plan.conversationCount).map { 1 / pow(Double($0 + 1), 0.9) }
        for conversation in 0..<plan.conversationCount where dice.happens(plan.followShare) {
            let next = dice.number(0...plan.conversationCount - 1)
            if next != conversation { followers[conversation] = next }
        }
        let habits = habits(&dice)
        for day in 0..<plan.dayCount {
            for habit in habits where habit.days.contains(day) && habit.weekdays.contains(day % 7) {
                guard dice.happens(plan.habitStrength) else { continue }
                let hour = dice.normal(habit.hour, plan.habitMinutes / 60)
                open(habit.conversation, at: Self.time(day, hour), .habit, &dice)
            }
            addIrregular(day, &dice)
        }
        openings.sort { ($0.time, $0.conversation) < ($1.time, $1.conversation) }
    }

    private func habits(_ dice: inout TraceDice) -> [Habit] {
        let daily: [Set<Int>] = [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5, 6], [0, 1, 2, 3, 4], [5, 6]]
        return (0..<plan.dailyHabitCount + plan.weeklyHabitCount).map { index in
            let isDaily = index < plan.dailyHabitCount
            var weekdays: Set<Int> = [dice.number(0...6)]
            if dice.happens(0.3) { weekdays.insert(dice.number(0...6)) }
            if isDaily { weekdays = daily[dice.number(0...daily.count - 1)] }
            var days = 0..<plan.dayCount
            if dice.happens(plan.drift) {
                let change = dice.number(plan.dayCount / 5...plan.dayCount * 4 / 5)
                days = dice.happens(0.5) ? 0..<change : change..<plan.dayCount
            }
            // What is opened every week need not be what most is said in.
            let conversation = isDaily ? dice.index(popularity) : dice.number(0...plan.conversationCount - 1)
            let hour = dice.uniform(Self.wakingHours)
            return Habit(conversation: conversation, hour: hour, weekdays: weekdays, days: days)
        }
    }

    private mutating func addIrregular(_ day: Int, _ dice: inout TraceDice) {
        for _ in 0..<dice.poisson(plan.checksPerDay) { check(Self.time(day, dice.uniform(Self.wakingHours)), &dice) }
        for _ in 0..<dice.poisson(plan.browsesPerDay) {
            let conversation = dice.number(0...plan.conversationCount - 1)
            open(conversation, at: Self.time(day, dice.uniform(Self.wakingHours)), .browse, &dice)
        }
        for _ in 0..<dice.poisson(plan.burstsPerDay) {
            let conversation = dice.index(popularity)
            var time = Self.time(day, dice.uniform(Self.wakingHours))
            for _ in 0..<dice.number(4...15) {
                openings.append(.init(time: time, conversation: conversation, cause: .burst))
                time += dice.exponential(6 * Self.minute)
            }
        }
        if dice.happens(1 / plan.digEveryDays) {
            let conversation = dice.number(0...plan.conversationCount - 1)
            let time = Self.time(day, dice.uniform(Self.wakingHours))
            openings.append(.init(time: time, conversation: conversation, cause: .dig))
        }
        if let every = plan.scanEveryDays, day % every == every - 1 {
            for conversation in 0..<plan.conversationCount {
                let time = Self.time(day, 3) + Double(conversation) * 20
                openings.append(.init(time: time, conversation: conversation, cause: .scan))
            }
        }
    }

    /// Looks what is new, the newest first, and opens some of it.
    private mutating func check(_ time: Double, _ dice: inout TraceDice) {
        let (from, to) = (time - Trace.secondsPerDay / 4, time)
        var fresh: [Int] = []
        for object in objects[lowerBound(from)..<lowerBound(to)].reversed()
        where !fresh.contains(object.conversation) {
            fresh.append(object.conversation)
        }
        var time = time
        for conversation in fresh.prefix(4) where dice.happens(0.5) {
            open(conversation, at: time, .news, &dice)
            time += dice.uniform(1...5) * Self.minute
        }
    }

    private func lowerBound(_ time: Double) -> Int {
        var (low, high) = (0, objects.count)
        while low < high {
            let middle = (low + high) / 2
            if objects[middle].created < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// A conversation, and those that nearly always follow it.
    private mutating func open(_ conversation: Int, at time: Double, _ cause: Trace.Cause, _ dice: inout TraceDice) {
        openings.append(.init(time: time, conversation: conversation, cause: cause))
        var (last, time) = (conversation, time)
        for _ in 0..<2 {
            guard let next = followers[last], dice.happens(plan.followStrength) else { return }
            time += dice.uniform(1...4) * Self.minute
            openings.append(.init(time: time, conversation: next, cause: .follow))
            last = next
        }
    }

    private static func time(_ day: Int, _ hour: Double) -> Double {
        (Double(day) + min(23.9, max(0.1, hour)) / 24) * Trace.secondsPerDay
    }
}
