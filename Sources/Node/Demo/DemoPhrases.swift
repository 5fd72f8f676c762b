/// Small talk out of parts.
enum DemoPhrases {
    private static let openings = [
        "Morning!", "Hey,", "Listen,", "Quick one:", "Guess what -", "No rush, but", "By the way,", "Ha,", "OK,",
        "Well,",
    ]
    private static let middles = [
        "the train was late again", "I found the old map", "the bread turned out fine", "we could meet at the lake",
        "the concert is sold out", "I fixed the bike", "it is snowing up here", "the kids want pancakes",
        "my phone died on the way", "the tent is still wet", "I read the last chapter twice", "the cat is on the roof",
        "the report is nearly done", "we should call grandma", "the market opens at eight", "I booked the small hut",
        "the garden needs water", "the new song is stuck in my head", "the keys are with Clara", "dinner is at seven",
    ]
    private static let endings = [
        "what do you think?", "see you there.", "tell me later.", "bring a jacket!", "👍", "I'll send a photo.",
        "and that's all I know.", "so let's wait.", "you would have laughed.", "call me?", "as always.", "🙂",
    ]
    private static let things = [
        "beach", "harbour", "sunset", "hut", "route", "recipe", "garden", "bike", "ticket", "view", "summit", "kitchen",
    ]

    static func sentence(_ roll: (Int) -> Int) -> String {
        "\(openings[roll(openings.count)]) \(middles[roll(middles.count)]) - \(endings[roll(endings.count)])"
    }

    static func thing(_ roll: (Int) -> Int) -> String { things[roll(things.count)] }
}
