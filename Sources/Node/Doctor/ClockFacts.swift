import Objects

/// The clock of another instance, as seen from here.
struct PeerClock: Codable, Hashable, Sendable {
    var name: String
    /// How far it is ahead of the one here, in seconds; negative: behind.
    ///
    /// nil: it does not tell its time.
    var secondsAhead: Double?
    /// How far that may be off: its answer was under way for some of the time.
    var uncertainty: Double

    init(name: String, secondsAhead: Double?, uncertainty: Double = 0) {
        (self.name, self.secondsAhead, self.uncertainty) = (name, secondsAhead, uncertainty)
    }

    /// From the time in an answer that came at `ours` and took `trip`; both in milliseconds since 1970.
    init(name: String, theirs: Int64?, ours: Int64, trip: Duration) {
        let half = trip / .seconds(1) / 2
        let seconds = theirs.map { (Double($0) - Double(ours)) / 1_000 + half }
        // Times are told in whole milliseconds.
        self.init(name: name, secondsAhead: seconds, uncertainty: half + 0.001)
    }
}

/// Whether the devices agree on the time: messages are in order of it, and what is old goes by it.
struct ClockFacts: Sendable {
    var clocks: [PeerClock] = []
    /// Connected, and gave no answer in time.
    var silent: [String] = []
    /// Whether the owner has other devices.
    var hasPeers = false

    private static let secondsMax = 2.0
    private static let secondsWrong = 60.0
    private static let mend = "sudo timedatectl set-ntp true"

    var findings: [Finding] {
        guard !clocks.isEmpty || !silent.isEmpty else {
            guard hasPeers else { return [.ok(.clock, "there is no other device whose clock could differ")] }
            return [.unknown(.clock, "no other device is connected, so the clock could not be compared with any")]
        }
        return clocks.sorted { $0.name < $1.name }.map(Self.finding)
            + silent.sorted().map {
                .unknown(.clock, "\($0) did not answer in time, so its clock could not be compared")
            }
    }

    private static func finding(_ clock: PeerClock) -> Finding {
        guard let seconds = clock.secondsAhead else { return .unknown(.clock, "\(clock.name) does not tell its time") }
        let amount = (abs(seconds) * 10).rounded() / 10
        let way = seconds < 0 ? "behind" : "ahead of"
        let words = "the clock of \(clock.name) is \(amount) s \(way) the one here: set whichever of them is wrong"
        // What may be due to the way of the answer is held against nobody.
        switch abs(seconds) - clock.uncertainty {
        case secondsWrong...: return .problem(.clock, words, mend: mend)
        case secondsMax...: return .warning(.clock, words, mend: mend)
        default:
            guard clock.uncertainty <= secondsMax else {
                return .unknown(.clock, "\(clock.name) answered too slowly for its clock to be compared")
            }
            return .ok(.clock, "the clocks of \(clock.name) and of this device agree")
        }
    }
}
