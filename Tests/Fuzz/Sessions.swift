import Objects

@testable import Peers

extension Decoders {
    private static let key = SharedKey(bytes: [UInt8](repeating: 7, count: 32))
    private static let here = BoxKeyPair(random: SeededRandom(seed: 1))
    private static let there = BoxKeyPair(random: SeededRandom(seed: 2))

    /// What is inside encrypted frames, as a peer that has the key may send it: padding, keepalives, fragments, and the
    /// escapes; and the first bytes as a frame of somebody who has not.
    static func frame(_ input: [UInt8]) {
        guard let key else { return }
        var stranger = FrameOpener(key: key, first: 0)
        precondition((try? stranger.open(input)) == nil, "a frame that nobody sealed opens")
        var opener = FrameOpener(key: key, first: 1)
        var reassembly = Reassembly()
        for (index, piece) in Pieces(input[...]).enumerated() {
            let sealed = key.seal(piece.bytes, nonce: NonceCounter.nonce(UInt64(index) * 2 + 1))
            guard let message = try? opener.open(sealed) else { return }
            var below: WireMessage? = message
            if case .text(let text) = message { below = Keepalive.incoming(text).map(WireMessage.text) }
            guard let below else { continue }
            do throws(PeerError) {
                if let whole = try reassembly.incoming(below) { resend(whole) }
            } catch {
                return
            }
        }
    }

    /// What was read goes out and comes in as it was.
    private static func resend(_ message: WireMessage) {
        var reassembly = Reassembly()
        var arrived: WireMessage?
        for piece in Fragmentation.outgoing(message) {
            var below: WireMessage? = piece
            if case .text(let text) = piece {
                below = Keepalive.incoming(Keepalive.outgoing(text)).map(WireMessage.text)
            }
            guard let below else { preconditionFailure("it was taken for a keepalive") }
            if let whole = try? reassembly.incoming(below) { arrived = whole }
        }
        precondition(arrived == message, "it arrives otherwise than it was sent")
    }

    /// The handshakes of both sides, and those with a relay: every message is one of the input, after a true beginning
    /// of so many messages as the first byte says.
    static func handshake(_ input: [UInt8]) {
        guard let first = input.first else { return }
        let messages = Pieces(input.dropFirst()).prefix(16).map { piece in
            piece.kind & 1 == 0 ? WireMessage.binary(piece.bytes) : .text(String(decoding: piece.bytes, as: UTF8.self))
        }
        switch first & 3 {
        case 0: peers(messages, after: Int(first >> 2) & 3, toAcceptor: true)
        case 1: peers(messages, after: Int(first >> 2) & 3, toAcceptor: false)
        case 2: registration(messages, after: Int(first >> 2) & 3)
        default: admission(messages, after: Int(first >> 2) & 1)
        }
    }

    private static func peers(_ messages: [WireMessage], after count: Int, toAcceptor: Bool) {
        let random = SeededRandom(seed: 3)
        var acceptor = AcceptorHandshake(identity: there, groups: ["iom", "chum"], random: random)
        guard
            var initiator = try? InitiatorHandshake(
                identity: here,
                target: there.publicKey,
                group: "iom",
                random: random
            )
        else { return }
        var step: HandshakeStep? = initiator.start()
        for round in 0..<count {
            guard let sent = step?.clear ?? step?.sealed else { break }
            step =
                round % 2 == 0
                ? try? acceptor.receive(sent, random: random) : try? initiator.receive(sent, random: random)
        }
        for message in messages {
            let isTaken =
                toAcceptor
                ? (try? acceptor.receive(message, random: random)) != nil
                : (try? initiator.receive(message, random: random)) != nil
            guard isTaken else { return }
        }
    }

    private static func registration(_ messages: [WireMessage], after count: Int) {
        let random = SeededRandom(seed: 4)
        var registration = RelayRegistration(identity: here)
        var relay = RelayAdmission(serverKey: there, pingInterval: .seconds(25), allowed: nil)
        var said = registration.start()
        for _ in 0..<count {
            guard let step = try? relay.receive(said, random: random) else { break }
            let answer: WireMessage
            switch step {
            case .reply(let message), .listener(_, let message): answer = message
            case .dialler: return
            }
            guard case .reply(let next)? = try? registration.receive(answer, random: random) else { break }
            said = next
        }
        for message in messages {
            guard (try? registration.receive(message, random: random)) != nil else { return }
            precondition(registration.silenceMax > .zero, "no time for pings")
        }
    }

    private static func admission(_ messages: [WireMessage], after count: Int) {
        let random = SeededRandom(seed: 5)
        var relay = RelayAdmission(serverKey: there, pingInterval: .seconds(25), allowed: nil)
        var spare = SpareState()
        _ = (spare.greeted(), spare.pingIsDue())
        if count > 0 {
            _ = try? relay.receive(RelayCommand(.register, publicKey: here.publicKey).message, random: random)
        }
        for message in messages {
            _ = try? spare.receive(message)
            guard let step = try? relay.receive(message, random: random) else { return }
            if case .listener = step { preconditionFailure("registered without the key") }
        }
    }
}
