import Objects
import Testing

@testable import Peers

/// Both handshakes as values, without I/O.
@Suite struct HandshakeTests {
    private let random = SeededRandom(seed: 1)
    private let alice = BoxKeyPair(random: SeededRandom(seed: 2))
    private let bob = BoxKeyPair(random: SeededRandom(seed: 3))

    @Test func bothComeToTheSameKey() throws {
        var initiator = try InitiatorHandshake(identity: alice, target: bob.publicKey, group: "iom", random: random)
        var acceptor = AcceptorHandshake(identity: bob, groups: ["iom", "chum"], random: random)
        let request = try #require(initiator.start().clear)
        let (source, target) = (Hex.text(alice.publicKey), Hex.text(bob.publicKey))
        let text = #"{"command":"communication_request","sourcePublicKey":"\#(source)","targetPublicKey":"\#(target)"}"#
        #expect(request == .text(text))
        let ready = try #require(try acceptor.receive(request, random: random).clear)
        #expect(ready == .text(#"{"command":"communication_ready"}"#))
        let key = try #require(try initiator.receive(ready, random: random).clear)
        #expect(key.byteCount == 72)
        let accepted = try acceptor.receive(key, random: random)
        #expect(accepted.clear?.byteCount == 72)
        let reply = try #require(accepted.clear)
        let selection = try initiator.receive(reply, random: random)
        let (near, far) = (try #require(selection.keys), try #require(accepted.keys))
        #expect(near.key == far.key)
        #expect((near.firstSent, near.firstReceived, far.firstSent, far.firstReceived) == (1, 0, 0, 1))
        #expect(selection.sealed == .text(#"{"command":"connection_group","connectionGroupName":"iom"}"#))
        let group = try #require(selection.sealed)
        let sync = try acceptor.receive(group, random: random)
        #expect(sync.group == "iom")
        #expect(sync.sealed == .text(#"{"command":"sync"}"#))
        let last = try #require(sync.sealed)
        #expect(try initiator.receive(last, random: random).group == "iom")
        #expect(acceptor.remoteKey == alice.publicKey)
        #expect(throws: PeerError.self) { _ = try acceptor.receive(group, random: random) }
        #expect(throws: PeerError.self) { _ = try initiator.receive(last, random: random) }
    }

    @Test func whatIsNotTheHandshakeIsRefused() throws {
        let zeros = String(repeating: "0", count: 64)
        let (source, target) = (Hex.text(alice.publicKey), Hex.text(bob.publicKey))
        func request(_ source: String, _ target: String, _ command: String = "communication_request") -> WireMessage {
            .text(#"{"command":"\#(command)","sourcePublicKey":"\#(source)","targetPublicKey":"\#(target)","x":[1]}"#)
        }
        func first(_ message: WireMessage) throws -> HandshakeStep {
            var acceptor = AcceptorHandshake(identity: bob, groups: ["iom"], random: random)
            return try acceptor.receive(message, random: random)
        }
        #expect(try first(request(source, target)).refusal == nil)
        #expect(try first(request(source, source)).refusal != nil)
        #expect(try first(request(target, target)).refusal != nil)
        let wrongs: [WireMessage] = [
            request(zeros, target), request(source.uppercased(), target), request("", target), request("00", target),
            request(source, target, "sync"), .binary([1]), .text("{}"), .text(""), .text("[]"),
            .text(String(repeating: " ", count: 20000) + "{}"),
        ]
        for wrong in wrongs { #expect(throws: PeerError.self) { _ = try first(wrong) } }
    }

    @Test func aKeyOfSomebodyElseDoesNotOpen() throws {
        var acceptor = AcceptorHandshake(identity: bob, groups: ["iom"], random: random)
        var liar = try InitiatorHandshake(
            identity: BoxKeyPair(random: random),
            target: bob.publicKey,
            group: "iom",
            random: random
        )
        _ = liar.start()
        let claim = HandshakeCommand("communication_request", source: alice.publicKey, target: bob.publicKey)
        let ready = try #require(try acceptor.receive(claim.message, random: random).clear)
        let key = try #require(try liar.receive(ready, random: random).clear)
        #expect(throws: PeerError.refused("the other side does not have the key it claims")) {
            _ = try acceptor.receive(key, random: random)
        }
    }

    @Test func anUnknownGroupIsRefused() throws {
        var acceptor = AcceptorHandshake(identity: bob, groups: ["iom"], random: random)
        var initiator = try InitiatorHandshake(identity: alice, target: bob.publicKey, group: "debug", random: random)
        var message = try #require(initiator.start().clear)
        for _ in 0..<2 {
            let answer = try #require(try acceptor.receive(message, random: random).clear)
            let step = try initiator.receive(answer, random: random)
            message = try #require(step.clear ?? step.sealed)
        }
        #expect(throws: PeerError.self) { _ = try acceptor.receive(message, random: random) }
    }
}
