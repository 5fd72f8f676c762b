import Testing

/// Two hundred messages, cut and resumed, with an independent ONE peer in both roles, directly and through a relay.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isThere))
struct ExchangeTests {
    @Test(arguments: [
        Exchange(isDialled: false), Exchange(isDialled: true), Exchange(isDialled: true, isRelayed: true),
    ])
    func `Messages with attachments go both ways through cuts, until both sides have the same`(
        _ exchange: Exchange
    ) async throws {
        try await Household.with { home in try await exchange.run(in: home) }
    }

    @Test func `A hundred mebibytes go both ways through a relay, and nobody has them in memory`() async throws {
        try await Household.with { home in
            let exchange = Exchange(isDialled: false, isRelayed: true, largeByteCount: 100 << 20)
            let peaks = try await exchange.run(in: home)
            print("peaks of memory: \(peaks.instance >> 20) MiB, the relay \((peaks.relay ?? 0) >> 20) MiB")
            // As small as without it.
            #expect(peaks.instance < 100 << 20 && peaks.relay.map { $0 < 100 << 20 } == true)
        }
    }
}
