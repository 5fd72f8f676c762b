import Foundation
import Objects
import Synchronization
import SystemPackage
import Testing

/// An independent ONE peer in Python that gives one conversation with attachments, each as it is told to at that moment.
///
/// Like the reference it serves what it was asked the children of in the same session, and nothing else (one-protocol 4.4).
final class PythonGiver: Sendable {
    /// How an attachment is given; anything but these: as it is.
    enum Manner: String {
        /// Not until it is told otherwise.
        case held
        /// It is not, or not any more, granted.
        case denied
        /// With an error that says nothing.
        case failing
        /// The file is gone.
        case lost
        /// As long as it should be, with another byte in the middle.
        case changed
        case lengthened
        case shortened
        /// No answer at all.
        case silent
        /// Half of it, and then nothing.
        case stalling
        /// Half of it, and then the connection breaks.
        case cut
        /// The connection breaks, and no other is taken; for all of it.
        case away
        /// What it has told is void, once; for what it tells.
        case forgotten
    }

    private let program: RunningProgram
    private let control: FilePath
    private let manners = Mutex<[String: String]>([:])
    let invitation: String
    /// Name and hash of each attachment.
    let attachments: [String: ObjectHash]

    /// Starts one that has attachments with these names and sizes, each in a message of its own.
    init(_ files: KeyValuePairs<String, Int>, in home: Household) async throws {
        control = home.directory.appending("manners-\(UInt32.random(in: 0 ... .max)).json")
        try home.write("{}", to: control)
        let sizes = files.map { "\($0.key):\($0.value)" }.joined(separator: ",")
        let arguments = ["-u", "-c", Self.script, Household.tools.string, control.string, sizes]
        let program = try home.start(Program(executable: "python3", arguments: arguments))
        try await eventually("the Python peer listens") { program.outputSoFar.contains("LISTENS") }
        let lines = program.outputSoFar.split(separator: "\n").map(String.init)
        self.program = program
        invitation = try #require(lines.first { $0.hasPrefix("{") })
        let blobs = lines.filter { $0.hasPrefix("BLOB ") }.map { $0.split(separator: " ") }
        attachments = Dictionary(
            uniqueKeysWithValues: blobs.compactMap { blob in
                ObjectHash(hex: String(blob[2])).map { (String(blob[1]), $0) }
            }
        )
        #expect(attachments.count == files.count)
    }

    /// From now on.
    func give(_ name: String, _ manner: Manner?) throws {
        let text = try manners.withLock { manners in
            manners[name] = manner?.rawValue
            return try JSONSerialization.data(withJSONObject: manners)
        }
        // In one step: it is read at any time.
        let new = control.string + ".new"
        try text.write(to: URL(filePath: new))
        guard rename(new, control.string) == 0 else { throw Errno(rawValue: errno) }
    }

    /// What it does from now on for everything.
    func be(_ manner: Manner?) throws { try give("*", manner) }

    /// How it answers when it is asked what belongs to something.
    func list(_ manner: Manner?) throws { try give("*list", manner) }

    /// Waits until it has forgotten what it told.
    func forget() async throws {
        try list(.forgotten)
        try await eventually("it forgets") { program.outputSoFar.contains("FORGOTTEN") }
        try list(nil)
    }

    func signal(_ number: Int32) { program.signal(number) }

    /// Sessions in which it was asked for anything so far: then the other side has taken it in.
    var sessionCount: Int { program.outputSoFar.split(separator: "\n").count { $0.hasPrefix("ASKED 1 ") } }

    /// Waits until there is another session than so many.
    func meet(after count: Int) async throws {
        try await eventually("it is connected again", within: .seconds(60)) { sessionCount > count }
    }

    /// Breaks the connection, and waits for the next one.
    func reconnect() async throws {
        let count = sessionCount
        try be(.away)
        try await eventually("it has broken it") { program.outputSoFar.contains("AWAY") }
        try be(nil)
        try await meet(after: count)
    }

    /// How often an attachment was asked for.
    func askedCount(_ name: String) -> Int {
        guard let hash = attachments[name] else { return 0 }
        return program.outputSoFar.split(separator: "\n").count { $0 == "ASKED 8 \(hash.hex)" }
    }

    /// How often it said that an attachment is not granted.
    func deniedCount(_ name: String) -> Int {
        guard let hash = attachments[name] else { return 0 }
        return program.outputSoFar.split(separator: "\n").count { $0 == "DENIED \(hash.hex)" }
    }

    private static let script = #"""
        import sys, random
        sys.path.insert(0, sys.argv[1])
        from one_peer import *
        control, files = sys.argv[2], [f.split(':') for f in sys.argv[3].split(',')]
        me = Me('python@rig.test', 'python-node'); rnd = random.Random(7)
        store, order, below, kinds, names, roots, live, givers = {}, [], {}, {}, {}, [], set(), []
        manner = lambda name: json.load(open(control)).get(name, '')
        def put(data, kind='object', refs=()):
            data = data.encode() if isinstance(data, str) else data; h = hashlib.sha256(data).hexdigest()
            if h not in store: store[h] = data; order.append(h); below[h] = list(refs); kinds[h] = kind
            return h
        def closure(h):
            seen, open_ = set(), list(below[h])
            while open_:
                x = open_.pop()
                if x not in seen: seen.add(x); open_ += below[x]
            return [x for x in reversed(order) if x in seen and manner(names.get(x)) != 'denied']
        mine = put(idobj('Person', sp('email', me.email)), 'id')
        license = put(obj('License', sp('name', 'Affirmation'), sp('description', '[signature.issuer] affirms that content of [data] is correct.')))
        blobs = []
        for name, size in files:
            blob = put(rnd.randbytes(int(size)), 'blob'); names[blob] = name; blobs.append((name, size, blob)); print('BLOB', name, blob)
        def write(other):
            theirs = put(idobj('Person', sp('email', other)), 'id')
            topic_id = '<->'.join(sorted([mine, theirs]))
            channel = put(idobj('ChannelInfo', sp('id', topic_id)), 'id')
            topic = put(obj('Topic', sp('id', topic_id), ref('channel', 'id', channel)), refs=[channel])
            head = None
            for n, (name, size, blob) in enumerate(blobs):
                d = put(obj('BlobDescriptor', ref('data', 'blob', blob), sp('lastModified', '1700000000000'), sp('name', name), sp('size', size), sp('type', 'application/octet-stream')), refs=[blob])
                m = put(obj('ChatMessage', sp('text', 'with ' + name), arr('attachments', 'obj', [d]), ref('sender', 'id', mine)), refs=[mine, d])
                t = put(obj('CreationTime', sp('timestamp', str(1700000000000 + n)), ref('data', 'obj', m)), refs=[m])
                c = put(obj('AffirmationCertificate', ref('data', 'obj', t), ref('license', 'obj', license)), refs=[t, license])
                s = put(obj('Signature', ref('issuer', 'id', mine), ref('data', 'obj', c), sp('signature', H(me.pk.sign(c.encode())))), refs=[mine, c])
                prev = [ref('previous', 'obj', head)] if head else []
                head = put(obj('LinkedListEntry', ref('data', 'obj', t), bag('metadata', 'obj', [s]), *prev), refs=[t, s] + ([head] if head else []))
            info = put(obj('ChannelInfo', sp('id', topic_id), ref('head', 'obj', head)), refs=[head])
            node = put(obj('VersionNodeEdge', ref('data', 'obj', info), sp('depth', '0'), sp('creationTime', '1700000001000')), refs=[info])
            roots[:] = [{'type': 'unversioned', 'hash': topic, 'oneType': 'Topic'}, {'type': 'id', 'idHash': channel, 'oneType': 'ChannelInfo'},
                {'type': 'version_node', 'node': node, 'dataIdHash': channel, 'dataType': 'ChannelInfo'}]
        class Line(Conn):
            def __init__(s, ws): super().__init__(ws); s.turn = asyncio.Lock()
            # Fragments of two messages must not mix.
            async def send(s, m):
                async with s.turn: await super().send(m)
        class Giver(Rpc):
            def __init__(s, c): super().__init__(c); s.served = set()
            async def fail(s, rid, code, text='Unauthorized'):
                await s.c.sendj({'responseId': rid, 'type': 'error', 'error': {'name': 'Error', 'message': text, 'code': code}})
            async def serve(s, o):
                try: await s.answer(o['serviceId'], o['requestId'], (o.get('args') or [''])[0])
                except Exception as e: print('SERVE', type(e).__name__, e)
            async def answer(s, service, rid, h):
                reply = lambda data: s.c.sendj({'responseId': rid, 'type': 'data', 'data': data})
                print('ASKED', service, h)
                if service == 1: return await reply(8)
                if service == 2:
                    s.served |= {r[k] for r in roots for k in ('hash', 'idHash', 'node') if k in r}
                    return await reply(json.dumps(roots))
                if service in (4, 5):
                    while manner('*list') == 'held': await asyncio.sleep(0.02)
                    if manner('*list') == 'denied' or h not in s.served: return await s.fail(rid, 'CES-GOC1')
                    children = closure(h); s.served |= set(children)
                    return await reply(json.dumps([{'type': kinds[x], 'hash': x} for x in children]))
                if service in (6, 7): return await (reply(store[h].decode()) if h in s.served else s.fail(rid, 'CES-GO1'))
                if service == 8: return await s.blob(rid, h)
                await s.fail(rid, 'UNKNOWN-SERVICE')
            async def blob(s, rid, h):
                name = names.get(h)
                while manner(name) == 'held': await asyncio.sleep(0.02)
                how, data = manner(name), store[h]; half = len(data) // 2
                if how == 'denied' or h not in s.served: print('DENIED', h); return await s.fail(rid, 'CES-GBL1')
                if how == 'failing': return await s.fail(rid, 'X', 'it does not work today')
                if how == 'lost': return await s.fail(rid, 'SB-READ2', 'File not found')
                if how == 'silent': return
                if how == 'changed': data = data[:half] + bytes([data[half] ^ 1]) + data[half + 1:]
                if how == 'lengthened': data += b'x' * 70000
                if how == 'shortened': data = data[:-7]
                if how in ('stalling', 'cut'): data = data[:half]
                for i in range(0, len(data), 65536): await s.c.send(struct.pack('<d', rid) + data[i:i + 65536])
                if how == 'cut': s.c.ws.transport.abort()
                elif how != 'stalling': await s.c.sendj({'responseId': rid, 'type': 'stream-end'})
        async def handle(ws):
            if manner('*') == 'away': return ws.transport.abort()
            live.add(ws)
            try:
                c = Line(ws); req = await c.recvj('communication_request'); await c.sendj({'command': 'communication_ready'})
                outer = box_shared(me.ik.dk, bytes.fromhex(req['sourcePublicKey'])); other = unseal(outer, await c.recv())
                epk, esk = nb.crypto_box_keypair(); await c.send(seal(outer, epk)); c.secure(box_shared(esk, other), even=True)
                g = (await c.recvj('connection_group'))['connectionGroupName']; await c.sendj({'command': 'sync'})
                await identify(c, me, initiator=False)
                if g == 'pairing':
                    await c.recvj('authentication_token'); await c.sendj({'command': 'identity', 'obj': me.identity()})
                    write((await c.recvj('identity'))['obj']['personEmail']); await c.send('synchronisation'); await asyncio.sleep(3)
                else:
                    rpc = Giver(c); givers[:] = [rpc]; await c.send('synchronisation'); await c.recv(); await rpc.run()
            except Exception as e: print('END', type(e).__name__, e)
            finally: live.discard(ws)
        async def main():
            async with websockets.serve(handle, '127.0.0.1', 0, max_size=None, ping_interval=None, compression=None) as server:
                me.url = 'ws://127.0.0.1:%d' % server.sockets[0].getsockname()[1]
                print(json.dumps({'token': 'T' * 64, 'publicKey': H(me.ik.ek), 'url': me.url})); print('LISTENS')
                was = ''
                while True:
                    await asyncio.sleep(0.05); now = manner('*list')
                    if now != was and now == 'forgotten':
                        for giver in givers: giver.served = set()
                        print('FORGOTTEN')
                    was = now
                    if manner('*') == 'away':
                        for ws in list(live): ws.transport.abort()
                        print('AWAY')
        asyncio.run(main())
        """#
}
