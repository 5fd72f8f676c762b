package import Objects

/// How long to wait before dialling a peer again (one-protocol 1.8): longer and longer while nobody answers, longest when
/// the other side breaks the protocol or refuses, shortly after a connection that worked.
package struct DialBackoff: Hashable, Sendable {
    private static let steps: [Duration] = [5, 10, 20, 30, 60, 120].map { .seconds($0) }
    /// After a connection that worked: this much, and as much again by chance.
    private static let reconnectTime = Duration.seconds(5)

    private var failureCount = 0

    package init() {}

    /// To be called when a session has begun.
    package mutating func succeeded() { failureCount = 0 }

    /// The wait after a connection that ended or was not made; nil ended because this side wanted it.
    ///
    /// Half of what is above the shortest is chance, so that many instances do not dial in step.
    package mutating func wait(after error: PeerError?, random: some RandomSource) -> Duration {
        let step: Duration
        switch error {
        case .violated, .refused:
            failureCount = Self.steps.count
            step = Self.steps[Self.steps.count - 1]
        case .unreachable, .timedOut:
            step = Self.steps[min(failureCount, Self.steps.count - 1)]
            failureCount = min(failureCount + 1, Self.steps.count)
        case .closed where failureCount > 0:
            step = Self.steps[min(failureCount, Self.steps.count - 1)]
            failureCount = min(failureCount + 1, Self.steps.count)
        case .closed, .cancelled, nil:
            failureCount += 1
            step = Self.reconnectTime * 2
        }
        let half = step / 2
        return half + half * Int(random.number(below: 1001)) / 1000
    }
}
