import Foundation
import Glibc
import Node
import Objects
import SystemPackage
import Testing

/// What strangers can do to the port of a running instance: nothing that a member would notice.
@Suite(.serialized, .enabled(if: Household.canMount && Household.hasPython), .timeLimit(.minutes(5)))
struct PortTests {
    private static let growthMax = 64 << 20

    private static let tool = Household.tools.appending("wsraw.py").string

    @Test(.enabled(if: access(tool, R_OK) == 0))
    func `No illegal frame and no illegal handshake is accepted, and members do not notice`() async throws {
        try await withMember { home, archive, read in
            let before = try archive.residentByteCount
            let attack = try home.start(
                Program(executable: "python3", arguments: [Self.tool, "127.0.0.1", "\(archive.port)"])
            )
            // While it goes on, too.
            while attack.isRunning { try await read() }
            let outcome = try #require(await attack.outcome(within: .seconds(60)))
            #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.errors)")
            #expect(!outcome.output.contains("ACCEPTED") && !outcome.output.contains("NO REACTION"))
            #expect(outcome.output.contains("alive after all: True"))
            #expect(try archive.residentByteCount - before < Self.growthMax)
            try await read()
        }
    }

    @Test func `A thousand idle connections keep no member from being served`() async throws {
        try await withMember { home, archive, read in
            let before = try archive.residentByteCount
            let idlers = try home.start(
                Program(
                    executable: "python3",
                    arguments: [
                        "-c",
                        """
                        import resource, socket, sys, time
                        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
                        idle = [socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5) for _ in range(1000)]
                        print('all', flush=True)
                        time.sleep(60)
                        """, "\(archive.port)",
                    ]
                )
            )
            try await eventually("all are connected", within: .seconds(20)) { idlers.outputSoFar.contains("all") }
            try await read()
            let descriptors = try FileManager.default.contentsOfDirectory(
                atPath: "/proc/\(archive.process?.processID ?? 0)/fd"
            )
            #expect(descriptors.count < 300)
            #expect(try archive.residentByteCount - before < Self.growthMax)
            // Not even a newcomer is kept out.
            let tablet = try await home.join(name: "tablet", to: archive)
            try await tablet.serve()
            try await eventually("the tablet is connected") { try await tablet.status().connections.count == 1 }
            try await read()
        }
    }

    /// An archive that is served, and a way to read, in a laptop's mount, an object that only the archive has.
    private func withMember(
        _ body: (Household, Instance, () async throws -> Void) async throws -> Void
    ) async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let mount = try await laptop.mount()
            let dice = Dice(seed: 5)
            try await body(home, archive) {
                let bytes = dice.bytes(9_000)
                let hash = try await archive.put(bytes, in: home)
                try await eventually("the laptop reads what the archive has") {
                    try await home.sh("cat '\(mount.object(hash))'").outputBytes == bytes
                }
                // It never had to connect again.
                let established = try Instance.events(in: mount).filter {
                    $0["type"] as? String == "connection-established"
                }
                #expect(established.map { $0["count"] as? Int } == [1])
            }
        }
    }
}

extension Instance {
    /// Memory of the running process (`VmRSS` of proc(5)).
    fileprivate var residentByteCount: Int {
        get throws {
            let path = "/proc/\(process?.processID ?? 0)/status"
            let line = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").first {
                $0.hasPrefix("VmRSS:")
            }
            return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
        }
    }
}
