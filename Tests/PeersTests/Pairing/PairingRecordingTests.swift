import Objects
import Testing

@testable import Peers

/// Pairings recorded between reference implementations: ours takes what the other side said, and says what it answered.
///
/// Secret keys of persons were not recorded: both persons get others, wherever theirs stand.
@Suite struct PairingRecordingTests {
    private static let names = [
        "s1-direct-alice.jsonl", "s1-direct-bob.jsonl", "s5-interop-alice.jsonl", "s7-pylistener-bob.jsonl",
    ]

    @Test(arguments: names)
    func `Every recorded pairing is answered as it was`(_ name: String) throws {
        let lines = try #require(try Fixtures.sessions()[name])
        let recording = try #require(try PairingRecording(lines))
        let first = try recording.replay(seed: 1)
        #expect(first.sent == recording.sent)
        #expect(first.paired?.proven.personEmail == recording.otherEmail)
        // With the same random numbers it says the same to the byte.
        #expect(try recording.replay(seed: 1).messages == first.messages)
    }
}

/// The pairing connection of a recorded session, from identification on, with other keys for both persons.
private struct PairingRecording {
    let isInitiator: Bool
    /// What the recording side sent: JSON, or nil for a challenge or an answer.
    let sent: [JSONValue?]
    let otherEmail: String
    private let received: [Line]
    private let own: TestKeys
    private let other: TestKeys
    private let email: String
    private let instanceName: String
    private let identity: JSONValue
    private let token: String

    /// A message, or the place of a challenge or an answer.
    private enum Line {
        case json(JSONValue)
        case sealed
    }

    private struct TestKeys {
        let box: BoxKeyPair
        let recordedKey: String

        /// The text with the recorded key exchanged for this one.
        func fake(_ text: String) -> String { text.replacing(recordedKey, with: Hex.text(box.publicKey)) }
    }

    struct Outcome {
        var messages: [WireMessage] = []
        var sent: [JSONValue?] = []
        var paired: PairedPeer?
    }

    /// nil: there is no pairing in it.
    init?(_ lines: [SessionLine]) throws {
        let groups = lines.filter { $0.layer == "app" && $0.json?["connectionGroupName"]?.string == "pairing" }
        guard let group = groups.first else { return nil }
        isInitiator = group.dir == "out"
        let rest = lines.filter { line in
            line.layer == "app" && line.conn == group.conn && line.seq > group.seq
                && line.json?["command"]?.string != "sync" && line.text == nil
        }
        let end = rest.lastIndex { $0.json?["command"]?.string == "identity" } ?? -1
        let messages = rest.prefix(end + 1)
        func object(_ command: String, _ direction: String) throws -> JSONValue {
            let line = messages.first { $0.dir == direction && $0.json?["command"]?.string == command }
            return try #require(line?.json?["obj"])
        }
        func keys(_ direction: String, seed: UInt64) throws -> TestKeys {
            TestKeys(
                box: BoxKeyPair(random: SeededRandom(seed: seed)),
                recordedKey: try #require(try object("keys_object", direction)["publicKey"]?.string)
            )
        }
        (own, other) = (try keys("out", seed: 11), try keys("in", seed: 12))
        email = try #require(try object("person_id_object", "out")["email"]?.string)
        otherEmail = try #require(try object("person_id_object", "in")["email"]?.string)
        instanceName = try #require(try object("instance_id_object", "out")["name"]?.string)
        identity = try object("identity", "out")
        let tokens = messages.compactMap { $0.json?["token"]?.string }
        token = try #require(tokens.first)
        received = messages.filter { $0.dir == "in" }.map { $0.json.map(Line.json) ?? .sealed }
        sent = messages.filter { $0.dir == "out" }.map(\.json)
    }

    func replay(seed: UInt64) throws -> Outcome {
        let random = SeededRandom(seed: seed)
        let shared = try #require(SharedKey(publicKey: own.box.publicKey, own: other.box))
        let person = try OwnPerson(
            email: email,
            box: own.box,
            signKey: bytes(try #require(identity["personSignKeyPublic"]?.string)),
            instanceName: instanceName
        )
        var outcome = Outcome()
        var identification = IdentificationExchange(
            own: person,
            isInitiator: isInitiator,
            remoteKey: bytes(try #require(otherInstanceKey)),
            acquaintances: try TestPerson("nobody", seed: 1)
        )
        note(identification.start(), &outcome)
        var pairing: PairingExchange?
        // The side that is dialled has its challenge answered first, and then answers one.
        var isChallenge = isInitiator
        for line in received {
            let message: WireMessage
            switch line {
            case .json(let json): message = .text(other.fake(JSONText.encode(json)))
            case .sealed:
                message =
                    isChallenge
                    ? Challenge.make(shared, random).message
                    : try Challenge.answer(try #require(outcome.messages.last { !$0.isText }), shared, random)
                isChallenge.toggle()
            }
            if pairing != nil {
                let step = try pairing?.receive(message) { #expect($0 == token) }
                note(step?.messages ?? [], &outcome)
                outcome.paired = step?.paired
                continue
            }
            let step = try identification.receive(message, random: random)
            note(step.messages, &outcome)
            guard let peer = step.peer else { continue }
            let identity = try PairingIdentity(.text(own.fake(JSONText.encode(messageOfIdentity))))
            let exchange = try PairingExchange(own: identity, peer: peer, token: isInitiator ? token : nil)
            note(exchange.start(), &outcome)
            pairing = exchange
        }
        return outcome
    }

    private var messageOfIdentity: JSONValue { .object(["command": .string("identity"), "obj": identity]) }

    private var otherInstanceKey: String? {
        let keys = received.compactMap { line -> String? in
            if case .json(let json) = line { json["obj"]?["instanceKeyPublic"]?.string } else { nil }
        }
        return keys.first
    }

    private func note(_ messages: [WireMessage], _ outcome: inout Outcome) {
        outcome.messages += messages
        for message in messages {
            guard case .text(let text) = message else {
                outcome.sent.append(nil)
                continue
            }
            let recorded = text.replacing(Hex.text(own.box.publicKey), with: own.recordedKey)
            outcome.sent.append(JSONText.decode(JSONValue.self, from: recorded))
        }
    }
}
