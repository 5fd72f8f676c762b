import Objects
import SystemPackage
import Testing

@testable import Peers

/// An independent ONE peer in Python, which may lie about one thing.
struct PythonPeer {
    /// What it does wrong; empty: nothing.
    var lie = ""
    var value = ""
    var email = "python@rig.test"

    static let isThere = Household.hasPython && PythonPeer.hasModules

    private static let hasModules: Bool = {
        let program = Program(executable: "python3", arguments: ["-c", "import nacl, websockets"])
        guard let running = try? program.start() else { return false }
        while running.isRunning {}
        return running.errorsSoFar.isEmpty
    }()

    private func program(_ role: String, _ rest: [String]) -> Program {
        let arguments = ["-c", Self.script, Household.tools.string, role, email, lie, value]
        return Program(executable: "python3", arguments: arguments + rest)
    }

    /// Follows an invitation; what it prints: the last message, then the identity it was told.
    func follow(_ link: String) async throws -> Program.Outcome {
        let invitation = try #require(Invitation(link))
        return try await program("dial", [invitation.json]).run()
    }

    /// Waits for somebody who follows its invitation, which is the first line it prints.
    func listen(in home: Household) async throws -> (program: RunningProgram, invitation: String) {
        let running = try home.start(program("listen", []))
        try await eventually("the Python peer listens") { running.outputSoFar.contains("\n") }
        let line = running.outputSoFar.split(separator: "\n").first.map(String.init)
        return (running, try #require(line))
    }

    private static let script = """
        import sys
        sys.path.insert(0, sys.argv[1])
        from one_peer import *
        role, email, lie, value = sys.argv[2:6]
        me = Me(email, 'python-node')
        async def identify(c, me, initiator):
            await c.sendj({'command': 'person_id_object', 'obj': {'$type$': 'Person', 'email': me.email}})
            p = (await c.recvj('person_id_object'))['obj']
            keys = me.keys()
            if lie == 'keys-owner': keys['owner'] = value
            await c.sendj({'command': 'keys_object', 'obj': keys})
            k = (await c.recvj('keys_object'))['obj']
            shared = box_shared(me.pk.dk, bytes.fromhex(k['publicKey']))
            inv = lambda b: bytes(x ^ 255 for x in b)
            async def respond():
                asked = unseal(shared, await c.recv())
                await c.send(os.urandom(104) if lie == 'answer' else seal(shared, asked if lie == 'echo' else inv(asked)))
            async def challenge():
                ch = os.urandom(64); await c.send(seal(shared, ch)); assert unseal(shared, await c.recv()) == inv(ch)
            if initiator: await respond(); await challenge()
            else: await challenge(); await respond()
            owner = value if lie == 'instance-owner' else me.personId
            await c.sendj({'command': 'instance_id_object', 'obj': {'$type$': 'Instance', 'name': me.inst, 'owner': owner}})
            return (await c.recvj('instance_id_object'))['obj']
        def identity():
            d = me.identity()
            if lie in d or lie == 'url': d[lie] = value
            return {'command': 'identity', 'obj': d}
        async def dial(invitation):
            target = bytes.fromhex(invitation['publicKey'])
            ws = await websockets.connect(invitation['url'], max_size=None, ping_interval=None, compression=None)
            c = Conn(ws)
            await c.sendj({'command': 'communication_request', 'sourcePublicKey': H(me.ik.ek), 'targetPublicKey': H(target)})
            await c.recvj('communication_ready')
            outer = box_shared(me.ik.dk, target); epk, esk = nb.crypto_box_keypair()
            await c.send(seal(outer, epk)); c.secure(box_shared(esk, unseal(outer, await c.recv())), even=False)
            await c.sendj({'command': 'connection_group', 'connectionGroupName': 'pairing'}); await c.recvj('sync')
            await identify(c, me, True)
            await c.sendj({'command': 'authentication_token', 'token': value if lie == 'token' else invitation['token']})
            told = await c.recvj('identity')
            await c.sendj(identity())
            print(await c.recv()); print(json.dumps(told['obj']))
        async def handle(ws):
            c = Conn(ws); request = await c.recvj('communication_request')
            await c.sendj({'command': 'communication_ready'})
            outer = box_shared(me.ik.dk, bytes.fromhex(request['sourcePublicKey'])); other = unseal(outer, await c.recv())
            epk, esk = nb.crypto_box_keypair(); await c.send(seal(outer, epk)); c.secure(box_shared(esk, other), even=True)
            assert (await c.recvj('connection_group'))['connectionGroupName'] == 'pairing'
            await c.sendj({'command': 'sync'})
            await identify(c, me, False)
            assert (await c.recvj('authentication_token'))['token'] == 'T' * 64
            await c.sendj(identity())
            print('told', json.dumps((await c.recvj('identity'))['obj']), flush=True)
            if lie == 'objects': return await ws.close(1000, 'Close called: the disk is full')
            if lie != 'silent': await c.send('synchronisation')
            await asyncio.sleep(20)
        async def listen():
            async with websockets.serve(handle, '127.0.0.1', 0, max_size=None, ping_interval=None, compression=None) as server:
                me.url = 'ws://127.0.0.1:%d' % server.sockets[0].getsockname()[1]
                print(json.dumps({'token': 'T' * 64, 'publicKey': H(me.ik.ek), 'url': me.url}), flush=True)
                await asyncio.sleep(120)
        asyncio.run(dial(json.loads(sys.argv[6])) if role == 'dial' else listen())
        """
}
