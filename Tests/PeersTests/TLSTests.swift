import Foundation
import Objects
import Testing

@testable import Peers

/// `wss`, with certificates made here.
@Suite(.timeLimit(.minutes(3))) struct TLSTests {
    private let archive: TestInstance
    private let laptop: TestInstance
    private let papers: Papers

    init() throws {
        (archive, laptop) = try TestInstance.pair()
        papers = try Papers()
    }

    /// Dials the archive and asks it for its status.
    private func ask(_ endpoint: Endpoint, _ authorities: TrustedAuthorities) async throws -> String? {
        let answer = OneShot<String?>()
        let group = laptop.group { session in answer.fulfil(try? await session.client.status()) }
        let dialer = PeerDialer(peering: laptop.peering(), authorities: authorities)
        try await dialer.connect(to: endpoint, instanceKey: archive.boxKey.publicKey, group: group)
        return answer.current ?? nil
    }

    private func listening(body: (Int) async throws -> Void) async throws {
        let listener = PeerListener(
            .init(host: "127.0.0.1", port: 0, certificate: try papers.certificate("good")),
            peering: archive.peering(),
            groups: [archive.waiting],
            logger: silentLogger
        )
        let bound = OneShot<Int>()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await listener.run { port in bound.fulfil(port) } }
            try await body(try #require(await bound.value()))
            tasks.cancelAll()
        }
    }

    @Test func `A listener with a certificate is dialled by address and by name`() async throws {
        try await listening { port in
            for host in ["127.0.0.1", "localhost"] {
                let answer = try await ask(Endpoint(host: host, port: port, isSecure: true), papers.authorities)
                #expect(answer == "{\"name\":\"archive\"}")
            }
        }
    }

    @Test func `A certificate nobody vouches for is refused, and so are others than TLS`() async throws {
        try await listening { port in
            let secure = Endpoint(host: "localhost", port: port, isSecure: true)
            let error = await #expect(throws: PeerError.self) { try await ask(secure, .system) }
            #expect(error?.reason.contains("no certificate that this device trusts") == true, "\(error?.reason ?? "")")
            // Plain to one that speaks TLS.
            await #expect(throws: PeerError.self) { try await ask(.loopback(port), .system) }
            // It goes on for others.
            let answer = try await ask(secure, papers.authorities)
            #expect(answer != nil)
        }
        // TLS to one that speaks plain.
        try await relaying { port, _ in
            let secure = Endpoint(host: "localhost", port: port, isSecure: true)
            await #expect(throws: PeerError.self) { try await ask(secure, papers.authorities) }
        }
    }

    @Test(arguments: ["other-name", "old"])
    func `A certificate for another name, or out of its time, is refused`(_ name: String) async throws {
        let (archive, laptop, papers) = (archive, laptop, papers)
        try await relaying(certificate: papers.certificate(name)) { port, _ in
            let error = await #expect(throws: PeerError.self) {
                let dialer = PeerDialer(peering: laptop.peering(), authorities: papers.authorities)
                try await dialer.connect(
                    to: Endpoint(host: "localhost", port: port, isSecure: true),
                    instanceKey: archive.boxKey.publicKey,
                    group: laptop.waiting
                )
            }
            #expect(error?.reason.contains("no certificate that this device trusts") == true, "\(error?.reason ?? "")")
        }
    }

    @Test func `A relay in TLS is listened through and dialled`() async throws {
        try await relaying(certificate: papers.certificate("good")) { port, _ in
            let endpoint = Endpoint(host: "localhost", port: port, isSecure: true)
            try await PeersTests.listening(archive, through: endpoint, authorities: papers.authorities) { _ in
                let answer = try await ask(endpoint, papers.authorities)
                #expect(answer == "{\"name\":\"archive\"}")
            }
        }
    }

    @Test func `Files that are no certificate, key or authorities are told`() throws {
        let file = papers.path("good.pem")
        #expect(throws: PeerError.self) { try ServerCertificate(certificateFile: file, keyFile: file) }
        #expect(throws: PeerError.self) { try ServerCertificate(certificateFile: "/nowhere", keyFile: "/nowhere") }
        #expect(throws: PeerError.self) { try TrustedAuthorities(file: "/nowhere").load() }
    }

    @Test func `An invitation as JSON may have an address with a fragment`() {
        let token = String(repeating: "t", count: Invitation.tokenCharacterCount)
        let invitation = Invitation(
            token: token,
            publicKey: archive.boxKey.publicKey,
            url: "wss://relay.example.org/#a"
        )
        #expect(Invitation(invitation.json) == invitation && Invitation(invitation.link()) == invitation)
    }

    @Test func `Addresses in TLS are read, and have a port of their own`() {
        #expect(Endpoint(url: "wss://relay.example.org")?.description == "wss://relay.example.org:443/")
        #expect(Endpoint(url: "ws://relay.example.org/x")?.description == "ws://relay.example.org:80/x")
        #expect(Endpoint(url: "WSS://[::1]:8443") == Endpoint(host: "::1", port: 8_443, isSecure: true))
        for wrong in [
            "wsss://a", "https://a", "wss://", "wss:a", "wss://a:0", "wss://a b", "ws://[[]", "ws://[a]", "ws://a]b",
            "ws://[::1]]",
        ] {
            #expect(Endpoint(url: wrong) == nil, "\(wrong)")
        }
    }
}

/// An authority and certificates of it, made by openssl; gone with the last use.
private final class Papers: Sendable {
    private let directory: String

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("papers-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try sh(
            """
            openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=Papers \
              -addext basicConstraints=critical,CA:TRUE
            """
        )
        try certify("good", names: "IP:127.0.0.1,DNS:localhost", "-days 2")
        try certify("other-name", names: "DNS:other.example", "-days 2")
        // OpenSSL 3.0 takes no dates here, but days before now.
        try certify("old", names: "IP:127.0.0.1,DNS:localhost", "-days -1")
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var authorities: TrustedAuthorities { TrustedAuthorities(file: path("ca.pem")) }

    func path(_ name: String) -> String { "\(directory)/\(name)" }

    func certificate(_ name: String) throws -> ServerCertificate {
        try ServerCertificate(certificateFile: path("\(name).pem"), keyFile: path("\(name).key"))
    }

    private func certify(_ name: String, names: String, _ days: String) throws {
        try sh(
            """
            openssl req -newkey rsa:2048 -nodes -keyout \(name).key -out \(name).csr -subj /CN=\(name) &&
            echo subjectAltName=\(names) > \(name).names &&
            openssl x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile \(name).names \
              \(days) -out \(name).pem
            """
        )
    }

    private struct Failure: Error {
        var command: String
    }

    private func sh(_ line: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line]
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(command: line) }
    }
}
