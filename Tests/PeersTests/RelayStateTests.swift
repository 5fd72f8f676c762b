import Objects
import Testing

@testable import Peers

/// What a relay and its listeners say to each other, without a network.
@Suite struct RelayStateTests {
    private let listener = BoxKeyPair(random: SeededRandom(seed: 1))
    private let server = BoxKeyPair(random: SeededRandom(seed: 2))
    private let random = SeededRandom(seed: 3)

    private var admission: RelayAdmission {
        RelayAdmission(serverKey: server, pingInterval: .seconds(25), allowed: nil)
    }

    private func text(_ message: WireMessage) -> String {
        guard case .text(let text) = message else { return "binary" }
        return text
    }

    private struct Vectors: Decodable {
        struct Box: Decodable {
            var precomputedSharedKey: String
        }
        struct Challenge: Decodable {
            var challenge: String
            var sealedChallenge: String
            var expectedAnswerPlain: String
        }
        var box: Box
        var challenge: Challenge
    }

    @Test func `A challenge is answered as the reference answers it`() throws {
        let vectors = try Fixtures.vectors(Vectors.self)
        let key = try #require(SharedKey(bytes: bytes(vectors.box.precomputedSharedKey)))
        let answer = try RelayChallenge.answer(to: vectors.challenge.sealedChallenge, key, random: random)
        #expect(key.open(answer).map { Hex.text($0) } == vectors.challenge.expectedAnswerPlain)
        let isAnswer = try RelayChallenge.isAnswer(Hex.text(answer), to: bytes(vectors.challenge.challenge), key)
        #expect(isAnswer)
    }

    @Test func `A registration says what the protocol says, word for word`() throws {
        var registration = RelayRegistration(identity: listener)
        let hex = Hex.text(listener.publicKey)
        #expect(text(registration.start()) == "{\"command\":\"register\",\"publicKey\":\"\(hex)\"}")
        let key = try #require(SharedKey(publicKey: listener.publicKey, own: server))
        let challenge = random.bytes(64)
        let request = """
            {"command":"authentication_request","publicKey":"\(Hex.text(server.publicKey))",\
            "challenge":"\(Hex.text(key.seal(challenge, random: random)))"}
            """
        guard case .reply(let reply) = try registration.receive(.text(request), random: random) else {
            Issue.record("no reply")
            return
        }
        let command = try RelayCommand(reply)
        #expect(command.command == .authenticationResponse)
        #expect(key.open(bytes(command.response ?? "")) == challenge.map(~))
        #expect(registration.silenceMax == .seconds(10))
        let success = """
            {"command":"authentication_success","pingInterval":25000,"clientIp":"192.0.2.1","clientPort":4711}
            """
        let registered = try registration.receive(.text(success), random: random)
        #expect(registered == .registered)
        #expect(registration.silenceMax == .seconds(29))
        let pong = RelayRegistration.Step.reply(.text("{\"command\":\"pong\"}"))
        let answer = try registration.receive(.text("{\"command\":\"ping\"}"), random: random)
        #expect(answer == pong)
        let handover = WireMessage.text("{\"command\":\"connection_handover\"}")
        let end = try registration.receive(handover, random: random)
        #expect(end == .handedOver)
        #expect(throws: PeerError.self) { try registration.receive(handover, random: random) }
    }

    @Test func `A registration takes nothing out of its turn`() throws {
        let success = WireMessage.text("{\"command\":\"authentication_success\",\"pingInterval\":25000}")
        let wrong: [WireMessage] = [
            success, .text("{\"command\":\"ping\"}"), .text("{\"command\":\"connection_handover\"}"), .text("{}"),
            .text("[]"), .text(""), .binary([1]), .text("{\"command\":\"comm_ping\"}"),
            .text("{\"command\":\"authentication_request\",\"publicKey\":\"00\",\"challenge\":\"\"}"),
            .text(String(repeating: " ", count: 20_000) + "{\"command\":\"ping\"}"),
        ]
        for message in wrong {
            var registration = RelayRegistration(identity: listener)
            _ = registration.start()
            #expect(throws: PeerError.self, "\(message)") { try registration.receive(message, random: random) }
        }
    }

    @Test(arguments: ["0", "-1", "1e300", "600001", "null", "\"25\""])
    func `An interval of pings that cannot be is refused`(_ interval: String) throws {
        var registration = RelayRegistration(identity: listener)
        var admission = admission
        guard case .reply(let request) = try admission.receive(registration.start(), random: random) else { return }
        _ = try registration.receive(request, random: random)
        let success = WireMessage.text("{\"command\":\"authentication_success\",\"pingInterval\":\(interval)}")
        #expect(throws: PeerError.self) { try registration.receive(success, random: random) }
    }

    @Test func `A listener opens nothing for a relay but a challenge`() throws {
        let key = try #require(SharedKey(publicKey: listener.publicKey, own: server))
        for count in [0, 32, 63, 65, 4_096] {
            var registration = RelayRegistration(identity: listener)
            _ = registration.start()
            let sealed = key.seal(random.bytes(count), random: random)
            let request = RelayCommand(.authenticationRequest, publicKey: server.publicKey, challenge: sealed)
            #expect(throws: PeerError.self) { try registration.receive(request.message, random: random) }
        }
    }

    @Test func `Only who holds a key is registered for it`() throws {
        for keys in [listener, BoxKeyPair(random: SeededRandom(seed: 9))] {
            var admission = admission
            let first = RelayCommand(.register, publicKey: listener.publicKey).message
            guard case .reply(let request) = try admission.receive(first, random: random) else { return }
            let command = try RelayCommand(request)
            #expect(command.publicKey == Hex.text(server.publicKey))
            let key = try #require(SharedKey(publicKey: server.publicKey, own: keys))
            if keys == listener {
                let answer = try RelayChallenge.answer(to: command.challenge, key, random: random)
                let response = RelayCommand(.authenticationResponse, response: answer).message
                let success = WireMessage.text("{\"command\":\"authentication_success\",\"pingInterval\":25000}")
                let step = try admission.receive(response, random: random)
                #expect(step == .listener(key: listener.publicKey, success))
            } else {
                #expect(throws: PeerError.self) {
                    try RelayChallenge.answer(to: command.challenge, key, random: random)
                }
                let answer = key.seal(random.bytes(64), random: random)
                let response = RelayCommand(.authenticationResponse, response: answer).message
                #expect(throws: PeerError.self) { try admission.receive(response, random: random) }
                #expect(throws: PeerError.self) { try admission.receive(first, random: random) }
            }
        }
    }

    @Test func `The challenge itself, and an answer to another one, are no answers`() throws {
        var earlier: WireMessage?
        for attempt in 0..<2 {
            var admission = admission
            var registration = RelayRegistration(identity: listener)
            guard case .reply(let request) = try admission.receive(registration.start(), random: random),
                case .reply(let answer) = try registration.receive(request, random: random)
            else { return }
            if attempt == 0 {
                earlier = answer
                let echo = RelayCommand(
                    .authenticationResponse,
                    response: bytes(try RelayCommand(request).challenge ?? "")
                )
                #expect(throws: PeerError.self) { try admission.receive(echo.message, random: random) }
            } else if let earlier {
                #expect(throws: PeerError.self) { try admission.receive(earlier, random: random) }
            }
        }
    }

    @Test func `Weak and malformed keys are refused`() {
        for key in ["", "00", String(repeating: "0", count: 64), String(repeating: "zz", count: 32)] {
            for name in ["register\",\"publicKey", "communication_request\",\"targetPublicKey"] {
                var admission = admission
                let message = WireMessage.text("{\"command\":\"\(name)\":\"\(key)\"}")
                // A relay computes nothing with the key of a target.
                if name.hasPrefix("communication"), key.count == 64, key.first == "0" { continue }
                #expect(throws: PeerError.self) { try admission.receive(message, random: random) }
            }
        }
    }

    @Test func `A handover waits for the greeting`() {
        var spare = SpareState()
        let beforeIt: [Bool?] = [spare.pingIsDue(), spare.claim(), spare.claim()]
        #expect(beforeIt == [false, false, nil])
        let isReady = spare.greeted()
        #expect(isReady && spare.isHandedOver)
    }

    @Test func `A handover waits for the pong that is owed`() throws {
        let pong = RelayCommand(.pong).message
        var spare = SpareState()
        let isClaimed = spare.greeted()
        #expect(!isClaimed)
        #expect(throws: PeerError.self) { try spare.receive(pong) }
        let first = [spare.pingIsDue(), spare.pingIsDue(), try spare.receive(pong)]
        #expect(first == [true, false, false])
        let second: [Bool?] = [spare.pingIsDue(), spare.claim(), spare.isHandedOver]
        #expect(second == [true, false, false])
        #expect(throws: PeerError.self) { try spare.receive(.text("{\"command\":\"ping\"}")) }
        let end: [Bool?] = [try spare.receive(pong), spare.isHandedOver, spare.claim(), spare.pingIsDue()]
        #expect(end == [true, true, nil, false])
    }

    @Test func `Who has gone is handed over to nobody`() {
        var (spare, other) = (SpareState(), SpareState())
        _ = (spare.greeted(), other.greeted())
        other.leave()
        let claims = [spare.claim(), other.claim()]
        #expect(claims == [true, nil])
    }

    @Test func `A relay has a limit of connections, in all and for each address`() throws {
        var limits = RelayLimits()
        (limits.connections, limits.connectionsPerAddress) = (5, 3)
        var table = RelayTable(limits: limits)
        for _ in 0..<3 { try table.connect("a") }
        #expect(throws: PeerError.refused("too many connections from this address")) { try table.connect("a") }
        for _ in 0..<2 { try table.connect("b") }
        #expect(throws: PeerError.refused("this relay is full")) { try table.connect("c") }
        table.disconnect("a")
        try table.connect("a")
        #expect(table.connectionCount == 5)
    }

    @Test func `The oldest listener of a key goes for a new one, and the newest is taken`() throws {
        var limits = RelayLimits()
        (limits.sparesPerKey, limits.sparesPerAddress) = (2, 3)
        var table = RelayTable(limits: limits)
        let dropped = try [
            table.add(1, key: [1], address: "a"), table.add(2, key: [1], address: "a"),
            table.add(3, key: [1], address: "a"), table.add(4, key: [2], address: "a"),
            table.add(6, key: [3], address: "b"),
        ]
        #expect(dropped == [nil, nil, 1, nil, nil])
        #expect(throws: PeerError.self) { try table.add(5, key: [3], address: "a") }
        table.remove(4)
        let taken = [table.take([1]), table.take([1]), table.take([1]), table.take([2])]
        #expect(taken == [3, 2, nil, nil])
        #expect(table.spareCount == 1)
    }
}
