/// How somebody lives whose days are to be traced: how many conversations, how regular, how curious.
struct TracePlan: Sendable {
    var name: String
    var conversationCount = 30
    /// Days that are traced, and days of messages before them.
    var dayCount = 56
    var historyDayCount = 365
    /// Messages a day of the busiest conversation; the others follow by rank.
    var messageRateMax = 30.0
    /// One message of so many has an attachment.
    var attachmentEvery = 12.0
    /// Median of the sizes of attachments, in bytes, and the deviation of their logarithm.
    var attachmentByteCount = 200_000.0
    var attachmentSpread = 1.4
    /// Habits of every day or every working day, and of one or two days of the week.
    var dailyHabitCount = 5
    var weeklyHabitCount = 6
    /// How likely a habit is kept when its time comes.
    var habitStrength = 0.85
    /// Deviation of the time of a habit, in minutes.
    var habitMinutes = 12.0
    /// Part of the habits that begin or end somewhere in the traced days.
    var drift = 0.2
    /// Conversations after which another one is opened, nearly always the same one.
    var followShare = 0.4
    var followStrength = 0.6
    /// So many times a day somebody looks what is new, and opens some of it.
    var checksPerDay = 4.0
    /// Times a day that a conversation is opened for no reason that could be known.
    var browsesPerDay = 2.0
    var burstsPerDay = 0.6
    /// Days between two times that something old is looked for.
    var digEveryDays = 6.0
    /// Days between two backups that read everything; nil: none.
    var scanEveryDays: Int?

    /// Those by which the model was chosen.
    static let tuning: [Self] = [
        Self(name: "regular"),
        Self(
            name: "irregular",
            dailyHabitCount: 3,
            weeklyHabitCount: 3,
            habitStrength: 0.6,
            habitMinutes: 35,
            followShare: 0.2,
            browsesPerDay: 5
        ),
        Self(name: "backed up", dailyHabitCount: 4, weeklyHabitCount: 8, digEveryDays: 3, scanEveryDays: 7),
    ]

    /// Those that nobody looked at before the model was fixed: other people, and other seeds.
    static let unseen: [Self] = [
        Self(
            name: "shift worker",
            conversationCount: 22,
            dayCount: 70,
            messageRateMax: 18,
            dailyHabitCount: 4,
            weeklyHabitCount: 9,
            habitStrength: 0.8,
            habitMinutes: 20,
            drift: 0.7,
            browsesPerDay: 3
        ),
        Self(
            name: "social",
            conversationCount: 60,
            messageRateMax: 55,
            attachmentEvery: 8,
            dailyHabitCount: 7,
            weeklyHabitCount: 10,
            habitStrength: 0.75,
            followShare: 0.6,
            checksPerDay: 7,
            burstsPerDay: 1.5
        ),
        Self(
            name: "erratic",
            conversationCount: 40,
            dailyHabitCount: 1,
            weeklyHabitCount: 1,
            habitStrength: 0.4,
            habitMinutes: 60,
            followShare: 0.1,
            checksPerDay: 2,
            browsesPerDay: 9,
            digEveryDays: 2
        ),
        Self(
            name: "clockwork",
            conversationCount: 25,
            messageRateMax: 12,
            attachmentByteCount: 500_000,
            dailyHabitCount: 8,
            weeklyHabitCount: 12,
            habitStrength: 0.95,
            habitMinutes: 5,
            drift: 0.05,
            checksPerDay: 1,
            browsesPerDay: 0.5,
            burstsPerDay: 0.2,
            scanEveryDays: 10
        ),
    ]

    static let tuningSeeds: ClosedRange<UInt64> = 1...4
    static let unseenSeeds: ClosedRange<UInt64> = 1_001...1_004
}
