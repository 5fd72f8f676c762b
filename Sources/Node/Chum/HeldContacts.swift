import Objects

/// Contacts that broke the protocol: each is held off for a while, and longer each time.
///
/// Knows no clock: it is told what time it is.
struct HeldContacts {
    static let firstPause = Duration.seconds(10)
    static let longestPause = Duration.seconds(600)
    /// Who has done nothing of the kind for so long begins anew.
    static let memory = Duration.seconds(3_600)

    private var holds: [IDHash: (count: Int, until: Duration)] = [:]

    /// A contact broke the protocol; how long it is held off now.
    mutating func hold(_ person: IDHash, at now: Duration) -> Duration {
        holds = holds.filter { now - $0.value.until < Self.memory }
        let count = holds[person]?.count ?? 0
        let pause = min(Self.firstPause * (1 << min(count, 10)), Self.longestPause)
        holds[person] = (count + 1, now + pause)
        return pause
    }

    /// How much longer a contact is held off; nil: it is not.
    func rest(of person: IDHash, at now: Duration) -> Duration? {
        holds[person].flatMap { $0.until > now ? $0.until - now : nil }
    }
}
