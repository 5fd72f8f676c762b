import Foundation
import Glibc
import Objects
import SystemPackage
import Testing

@testable import Node

/// Devices that reach each other through a relay only, all of them real processes.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct RelayTests {
    /// An archive that others cannot dial but through the relay.
    private func archive(_ home: Household, behind relay: RunningRelay) async throws -> Instance {
        let archive = try await home.demo()
        try await archive.serve(behind: relay)
        return archive
    }

    @Test(.enabled(if: Household.canMount)) func `A device joins, follows and reads through a relay`() async throws {
        try await Household.with { home in
            let relay = try await home.startRelay()
            let archive = try await archive(home, behind: relay)
            let letter = home.directory.appending("letter.bin")
            try home.write(SeededRandom(seed: 7).bytes(300_000), to: letter)
            try await archive.succeed("add", letter.string, "--to", "letters")
            let link = try await archive.succeed("invite").lines[0]
            #expect(link.removingPercentEncoding?.contains(relay.url) == true)
            let laptop = try await home.join(to: archive)
            try await laptop.serve()
            try await laptop.synced(with: archive)
            // Nothing but the relay is known to it.
            let endpoints = try await laptop.status().connections.compactMap(\.address)
            #expect(endpoints == [relay.url.dropFirst(5).prefix { $0 != "/" }].map(String.init), "\(endpoints)")
            let mount = try await laptop.mount()
            let read = try await home.sh("cat '\(mount)/files/letters/letter.bin' | cmp - '\(letter)'")
            #expect(read.exitCode == 0, "\(read.output)\(read.errors)")
            let lines = try await archive.succeed("status").lines
            #expect(lines.contains { $0.hasPrefix("relay          \(relay.url): can be dialled") })
            // It says whom it passed on, and no more than the beginning of a key.
            let log = relay.program.errorsSoFar
            #expect(log.contains("a dial is passed on"))
            let key = try #require(try await archive.json("peers").first?["publicKey"] as? String)
            #expect(log.contains(key.prefix(8)) && !log.contains(key))
        }
    }

    @Test func `Devices find each other again after their relay was away`() async throws {
        try await Household.with { home in
            let first = try await home.startRelay()
            let archive = try await archive(home, behind: first)
            let laptop = try await home.join(to: archive)
            try await laptop.serve()
            try await eventually("it is connected") { try await laptop.status().connections.count == 1 }
            let ended = await first.program.end(SIGTERM)
            #expect(ended?.exitCode == 0, "\(ended?.errors ?? "")")
            try await eventually("it is not") { try await laptop.status().connections.isEmpty }
            #expect(try await archive.status().relays.first?.spares == 0)
            try await archive.succeed("say", "Climbing Tuesdays", "said while the relay was away")
            let address = String(first.url.dropFirst(5).prefix { $0 != "/" })
            _ = try await home.startRelay(listen: address)
            try await laptop.synced(with: archive, within: .seconds(60))
        }
    }

    @Test func `A relay takes those it was told to, and says so to the others`() async throws {
        try await Household.with { home in
            let allowed = try await home.found(name: "allowed")
            let key = try #require(try await allowed.json("peers").first?["publicKey"] as? String)
            let file = home.directory.appending("keys")
            try home.write("# the box in the cellar\n\(key) # allowed\n\n", to: file)
            let relay = try await home.startRelay("--allow-file", file.string)
            let other = try await home.found(name: "other")
            for instance in [allowed, other] {
                try instance.configure("instance", "relays = [\"\(relay.url)\"]")
                try await instance.serve()
            }
            try await eventually("one is let in") { try await allowed.status().relays.first?.spares == 2 }
            try await eventually("the other is told why not") {
                try await other.status().relays.first?.lastError == "this relay is not for this publicKey"
            }
            let wrong = try await Program(
                executable: Household.program,
                arguments: ["relay", "--listen", "127.0.0.1:0", "--allow", "beef"]
            ).run()
            #expect(wrong.exitCode == 1 && wrong.errors.contains("64 hex digits"))
        }
    }

    @Test func `With an authority of one's own a relay is dialled in TLS, and not without`() async throws {
        try await Household.with { home in
            try await home.sh(
                """
                openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=Household \
                  -addext basicConstraints=critical,CA:TRUE 2>&1 &&
                openssl req -newkey rsa:2048 -nodes -keyout key.pem -out request.pem -subj /CN=relay 2>&1 &&
                printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\\n' > names &&
                openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names \
                  -out chain.pem 2>&1
                """
            ).mustSucceed()
            func file(_ name: String) -> String { home.directory.appending(name).string }
            let arguments = ["--tls-certificate", file("chain.pem"), "--tls-key", file("key.pem")]
            let relay = try await home.startRelay(arguments[0], arguments[1], arguments[2], arguments[3])
            #expect(relay.url.hasPrefix("wss://127.0.0.1:"))
            let archive = try await home.demo()
            try archive.configure(
                "instance",
                "relays = [\"\(relay.url)\"]\ntls_authorities = \"\(file("ca.pem"))\""
            )
            try await archive.serve()
            try await eventually("it listens through the relay", within: .seconds(20)) {
                try await archive.status().relays.first?.spares == 2
            }
            let link = try await archive.succeed("invite").lines[0]
            let laptop = try home.instance("laptop")
            let untrusting = try await laptop.iom("join", link, "--name", "laptop")
            #expect(untrusting.exitCode == 1 && untrusting.errors.contains("no certificate that this device trusts"))
            try await laptop.succeed("join", link, "--name", "laptop", "--tls-authorities", file("ca.pem"))
            try await laptop.serve()
            try await laptop.synced(with: archive)
        }
    }
}
