import Foundation
import Objects
import Testing

@testable import Peers

/// Live against the independent implementation in one_peer.py, both ways.
@Suite(
    .timeLimit(.minutes(5)),
    .enabled(if: Fixtures.tools != nil, "one_peer.py is not on this machine: set IOM_TOOLS"),
    .enabled(if: PythonTool.has("nacl, websockets"), "python has no pynacl or websockets")
)
struct IndependentPeerTests {
    private let archive: TestInstance
    private let laptop: TestInstance

    init() throws {
        (archive, laptop) = try TestInstance.pair()
    }

    /// tools, secret key, registration message; then what the script needs.
    private func arguments(_ script: String, _ rest: [String]) throws -> [String] {
        guard case .text(let registration) = ProofMessage.message(laptop.proof) else { return [] }
        let tools = try #require(Fixtures.tools).path
        return ["-c", Self.common + script, tools, Hex.text(laptop.boxKey.secret), registration] + rest
    }

    /// `dial()` gives a connection that is through the handshake of group `iom`.
    private static let common = """
        import sys, asyncio, json, hashlib
        sys.path.insert(0, sys.argv[1])
        from one_peer import *
        secret = bytes.fromhex(sys.argv[2]); public = nb.crypto_scalarmult_base(secret); proof = sys.argv[3]
        async def dial():
            ws = await websockets.connect(sys.argv[4], max_size=None, ping_interval=None, compression=None)
            c = Conn(ws); target = bytes.fromhex(sys.argv[5])
            await c.sendj({'command': 'communication_request', 'sourcePublicKey': H(public), 'targetPublicKey': H(target)})
            await c.recvj('communication_ready')
            outer = box_shared(secret, target); epk, esk = nb.crypto_box_keypair()
            await c.send(seal(outer, epk)); c.secure(box_shared(esk, unseal(outer, await c.recv())), even=False)
            await c.sendj({'command': 'connection_group', 'connectionGroupName': 'iom'}); await c.recvj('sync')
            await c.send(proof); await c.recvj('registration')
            return c

        """

    @Test func itDialsAndFetches() async throws {
        let large = SeededRandom(seed: 4).bytes(200_000)
        let hash = archive.store(large)
        let script = """
            async def main():
                c = await dial()
                rpc = Rpc(c); task = asyncio.ensure_future(rpc.run())
                print(await rpc.call(39))
                answer = await rpc.call(33, [sys.argv[6], 'ab' * 32], 'test')
                print(answer[:32].hex(), answer[32], int.from_bytes(answer[33:41], 'big'), hashlib.sha256(answer[41:200041]).hexdigest())
                print(answer[200041:].hex())
                await c.send('x' * 70000); print(await rpc.call(39))
                try: await rpc.call(77)
                except RuntimeError as e: print('UNKNOWN-SERVICE' in str(e))
                task.cancel(); await c.ws.close()
            asyncio.run(main())
            """
        try await listening(archive) { port in
            let outcome = try await PythonTool.running(
                try arguments(
                    script,
                    ["ws://127.0.0.1:\(port)", Hex.text(archive.boxKey.publicKey), hash.hex]
                )
            )
            let status = "{\"name\":\"archive\"}"
            let absent = String(repeating: "ab", count: 32) + "ff" + String(repeating: "0", count: 16)
            let expected = [status, "\(hash) 3 200000 \(hash)", absent, status, "True", ""]
            #expect(outcome.output == expected.joined(separator: "\n"))
        }
    }

    @Test func whoTakesNothingIsCutOff() async throws {
        let hashes = (0..<200).map { archive.store(SeededRandom(seed: $0).bytes(60_000)) }
        let script = """
            async def main():
                c = await dial()
                for n in range(40): await c.sendj({'requestId': n, 'type': 'request', 'serviceId': 33, 'args': [sys.argv[6].split(), 'test']})
                await asyncio.sleep(60)
            asyncio.run(main())
            """
        let reason = OneShot<PeerError?>()
        let group = archive.group { session in reason.fulfil(await session.ended()) }
        try await listening(archive, groups: [group], writeTimeout: .milliseconds(500)) { port in
            let arguments = try arguments(
                script,
                [
                    "ws://127.0.0.1:\(port)", Hex.text(archive.boxKey.publicKey),
                    hashes.map(\.hex).joined(separator: " "),
                ]
            )
            await withTaskGroup(of: Void.self) { tasks in
                tasks.addTask { _ = try? await PythonTool.running(arguments) }
                #expect(await reason.value() == .timedOut("the other side takes no data"))
                tasks.cancelAll()
            }
        }
    }

    @Test func itIsDialledAndAnswers() async throws {
        let script = """
            async def handle(ws):
                c = Conn(ws); request = await c.recvj('communication_request')
                await c.sendj({'command': 'communication_ready'})
                outer = box_shared(secret, bytes.fromhex(request['sourcePublicKey'])); other = unseal(outer, await c.recv())
                epk, esk = nb.crypto_box_keypair(); await c.send(seal(outer, epk)); c.secure(box_shared(esk, other), even=True)
                assert (await c.recvj('connection_group'))['connectionGroupName'] == 'iom'
                await c.sendj({'command': 'sync'}); await c.recvj('registration'); await c.send(proof)
                rpc = Rpc(c); rpc.services = {39: lambda: 'x' * 100000, 34: lambda h, o, n: b'y' * n}
                await rpc.run()
            async def main():
                async with websockets.serve(handle, '127.0.0.1', 0, max_size=None, ping_interval=None, compression=None) as server:
                    print(server.sockets[0].getsockname()[1], flush=True); await asyncio.sleep(60)
            asyncio.run(main())
            """
        let (process, output) = try PythonTool.start(try arguments(script, []))
        defer { process.terminate() }
        let line = try await OwnThread.run { output.fileHandleForReading.availableData }
        let port = try #require(Int(String(decoding: line, as: UTF8.self).filter(\.isNumber)))
        let answers = OneShot<[String]>()
        let group = archive.group { session in
            var pieces: [String] = []
            pieces.append((try? await session.client.status()) ?? "")
            var byteCount = 0
            do {
                let hash = ObjectHash(of: [1])
                for try await bytes in try await session.client.range(0..<150_000, of: hash) {
                    byteCount += bytes.count
                }
            } catch {
                Issue.record(error)
            }
            answers.fulfil(pieces + ["\(byteCount)"])
        }
        try await PeerDialer(peering: archive.peering()).connect(
            to: Endpoint(host: "127.0.0.1", port: port),
            instanceKey: laptop.boxKey.publicKey,
            group: group
        )
        #expect(answers.current == [String(repeating: "x", count: 100_000), "150000"])
    }
}
