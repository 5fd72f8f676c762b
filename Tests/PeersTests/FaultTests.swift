import Foundation
import Objects
import Testing

@testable import Peers

/// Two instances with chaos.py on the wire between them.
@Suite(
    .timeLimit(.minutes(3)),
    .serialized,
    .enabled(if: Fixtures.tools != nil, "chaos.py is not on this machine: set IOM_TOOLS")
)
struct FaultTests {
    private let archive: TestInstance
    private let laptop: TestInstance
    private let object = SeededRandom(seed: 1).bytes(20_000)

    init() throws {
        (archive, laptop) = try TestInstance.pair()
        archive.store(object)
    }

    /// What a fetch through the proxy gives; nil if the connection did not hold.
    private func fetch(_ fault: [String], _ port: Int) async throws -> [UInt8]? {
        let proxy = try await Proxy(port: port, fault: fault)
        defer { proxy.stop() }
        let fetched = OneShot<[UInt8]>()
        let hash = ObjectHash(of: object)
        let group = laptop.group { session in
            if let bytes = try? await PeerReader(session.client).bytes(of: hash) { fetched.fulfil(bytes) }
        }
        try? await PeerDialer(peering: laptop.peering()).connect(
            to: Endpoint(host: "127.0.0.1", port: proxy.port),
            instanceKey: archive.boxKey.publicKey,
            group: group
        )
        return fetched.current
    }

    @Test func flippedBitsAndCutsNeverGiveWrongBytes() async throws {
        try await listening(archive) { port in
            for position in [10, 200, 330, 500, 640, 900, 2000, 9000] {
                for fault in [
                    ["--flip-at", "\(position)"], ["--cut-after", "\(position)"],
                    ["--cut-after", "\(position)", "--rst"],
                ] {
                    let bytes = try await fetch(fault, port)
                    #expect(bytes == nil || bytes == object, "\(fault)")
                }
            }
            let cut = try await fetch(["--cut-after", "9000"], port)
            #expect(cut == nil)
        }
    }

    @Test func slowAndChoppedBytesArrive() async throws {
        try await listening(archive) { port in
            for fault in [["--chunk", "7"], ["--latency", "5", "--jitter", "20"]] {
                let bytes = try await fetch(fault, port)
                #expect(bytes == object, "\(fault)")
            }
        }
    }
}

/// chaos.py in front of a port.
private struct Proxy {
    let port: Int
    private let process: Process

    init(port upstream: Int, fault: [String]) async throws {
        // A port that was free a moment ago.
        port = try SilentServer().port
        let tool = try #require(Fixtures.tools).appendingPathComponent("chaos.py").path
        process = try PythonTool.start([tool, "\(port)", "\(upstream)"] + fault).process
        // It says nothing when it is ready.
        while (try? TestSocket(port: port)) == nil { try await Task.sleep(for: .milliseconds(20)) }
    }

    func stop() { process.terminate() }
}
