import Node

extension Row {
    /// Conversations with other people, who speak CHUM.
    static let meeting = [contactFirst, contactLong, contactNext, contactNextWire, contactAgain]

    private static let contactFirst = Row(
        name: "contact-first",
        what: "a new contact takes a conversation of 200 messages: from the connection until the last can be read in "
            + "its mount",
        unit: .seconds,
        goal: .figure(5)
    ) { FirstSync(site: $0) }

    private static let contactLong = Row(
        name: "contact-long",
        what:
            "a new contact takes a conversation of 20,000 messages, a half, a quarter and an eighth of them: from the "
            + "connection until it knows all",
        unit: .messagesPerSecond,
        goal: .times(1 / 1.3, of: .quarter),
        roundsMax: 1
    ) { LongSync(site: $0) }

    private static let contactNext = Row(
        name: "contact-next",
        what:
            "one more message in a conversation of 20,000, and of an eighth of them: processor time of both until the "
            + "other knows it; mean",
        unit: .milliseconds,
        goal: .times(1 / 1.3, of: .eighth),
        roundsMax: 1
    ) {
        NextMessage(site: $0) { meeting in
            var time = Duration.zero
            for _ in 0..<NextMessage.count { time += try await meeting.sayOneMore() }
            return time.milliseconds / Double(NextMessage.count)
        }
    }

    private static let contactNextWire = Row(
        name: "contact-next-wire",
        what: "the same: what goes over the wire",
        unit: .mebibytes,
        goal: .times(1 / 1.3, of: .eighth),
        roundsMax: 1
    ) {
        NextMessage(site: $0) { meeting in
            .mebibytes(try await Loopback.count { try await meeting.sayAndWait() })
        }
    }

    private static let contactAgain = Row(
        name: "contact-again",
        what: "the two are connected again and there is nothing new: what goes over the wire",
        unit: .mebibytes,
        goal: .times(1 / 1.3, of: .eighth),
        roundsMax: 1
    ) {
        NextMessage(site: $0) { meeting in
            .mebibytes(try await Loopback.count { try await meeting.reconnect() })
        }
    }
}

extension Contender {
    /// IoM with a half, a quarter and an eighth of the messages.
    static let half: Self = "half"
    static let quarter: Self = "quarter"
    static let eighth: Self = "eighth"
}

private struct FirstSync: Trial {
    let site: Site
    var contenders: [Contender] { [.iom] }

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        let meeting = try await Meeting(in: site.path("first-\(round)"), messageCount: site.scale.firstMessageCount)
        return try await ending(meeting) { try await meeting.synchronizeTree().seconds }
    }
}

private struct LongSync: Trial {
    let site: Site
    var contenders: [Contender] { [.iom, .half, .quarter, .eighth] }

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        let count = contender.part(of: site.scale.longMessageCount)
        let meeting = try await Meeting(in: site.path("long-\(contender)-\(round)"), messageCount: count)
        return try await ending(meeting) { .rate(count, in: try await meeting.synchronize()) }
    }
}

/// What one thing costs in conversations that were taken before, of two lengths.
private struct NextMessage: Trial {
    static let count = 3

    let contenders: [Contender] = [.iom, .eighth]
    let site: Site
    let figure: @Sendable (Meeting) async throws -> Double

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        try await figure(try await site.meeting(messageCount: contender.part(of: site.scale.longMessageCount)))
    }
}

private func ending(_ meeting: Meeting, _ body: () async throws -> Double) async throws -> Double {
    let result: Result<Double, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    await meeting.end()
    return try result.get()
}

extension Contender {
    fileprivate func part(of count: Int) -> Int {
        let divisors: [Self: Int] = [.half: 2, .quarter: 4, .eighth: 8]
        return max(1, count / (divisors[self] ?? 1))
    }
}
