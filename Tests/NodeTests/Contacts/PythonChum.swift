import SystemPackage
import Testing

/// An independent ONE peer in Python that pairs, gives a conversation with attachments, and takes what it is given.
struct PythonChum {
    /// Messages it has, each fifth with an attachment.
    var messageCount = 200
    /// How often it drops the connection in the middle.
    var cutCount = 0
    /// What it does wrong; empty: nothing.
    var lie = ""

    /// Pairs by an invitation, or, without one, waits for somebody who follows its own.
    func start(in home: Household, link: String? = nil) throws -> RunningProgram {
        let arguments = ["-u", "-c", Self.script, Household.tools.string, "\(messageCount)", "\(cutCount)", lie]
        return try home.start(Program(executable: "python3", arguments: arguments + [link].compactMap(\.self)))
    }

    private static let script = #"""
        import sys, random, urllib.parse
        sys.path.insert(0, sys.argv[1])
        from one_peer import *
        count, cuts, lie = int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
        me = Me('python@rig.test', 'python-node'); rnd = random.Random(5)
        store, order, below, kinds = {}, [], {}, {}
        def put(data, kind='object', refs=()):
            data = data.encode() if isinstance(data, str) else data; h = hashlib.sha256(data).hexdigest()
            if h not in store: store[h] = data; order.append(h); below[h] = list(refs); kinds[h] = kind
            return h
        def closure(h):
            seen, open_ = set(), list(below[h])
            while open_:
                x = open_.pop()
                if x not in seen: seen.add(x); open_ += below[x]
            return [{'type': kinds[x], 'hash': x} for x in reversed(order) if x in seen]
        mine = put(idobj('Person', sp('email', me.email)), 'id')
        license = put(obj('License', sp('name', 'Affirmation'), sp('description', '[signature.issuer] affirms that content of [data] is correct.')))
        roots = []
        def write(other):
            theirs = put(idobj('Person', sp('email', other)), 'id')
            topic_id = '<->'.join(sorted([mine, theirs]))
            channel = put(idobj('ChannelInfo', sp('id', topic_id)), 'id')
            topic = put(obj('Topic', sp('id', topic_id), ref('channel', 'id', channel)), refs=[channel])
            head, sizes = None, [0, 1, 65528, 200000, 3 << 20]
            for n in range(count):
                parts, refs = [sp('text', 'message %03d' % n)], [mine]
                if n % 5 == 0:
                    size = sizes[(n // 5) % len(sizes)] if n // 5 < len(sizes) else rnd.randrange(3000)
                    blob = put(rnd.randbytes(size), 'blob')
                    d = put(obj('BlobDescriptor', ref('data', 'blob', blob), sp('lastModified', '1700000000000'), sp('name', 'file %d' % n), sp('size', str(size)), sp('type', 'application/octet-stream')), refs=[blob])
                    parts.append(arr('attachments', 'obj', [d])); refs.append(d)
                m = put(obj('ChatMessage', *parts, ref('sender', 'id', mine)), refs=refs)
                t = put(obj('CreationTime', sp('timestamp', str(1700000000000 + n)), ref('data', 'obj', m)), refs=[m])
                c = put(obj('AffirmationCertificate', ref('data', 'obj', t), ref('license', 'obj', license)), refs=[t, license])
                s = put(obj('Signature', ref('issuer', 'id', mine), ref('data', 'obj', c), sp('signature', H(me.pk.sign(c.encode())))), refs=[mine, c])
                prev = [ref('previous', 'obj', head)] if head else []
                head = put(obj('LinkedListEntry', ref('data', 'obj', t), bag('metadata', 'obj', [s]), *prev), refs=[t, s] + ([head] if head else []))
            info = put(obj('ChannelInfo', sp('id', topic_id), *([ref('head', 'obj', head)] if head else [])), refs=[head] if head else [])
            node = put(obj('VersionNodeEdge', ref('data', 'obj', info), sp('depth', '0'), sp('creationTime', '1700000001000')), refs=[info])
            roots[:] = [{'type': 'unversioned', 'hash': topic, 'oneType': 'Topic'}, {'type': 'id', 'idHash': channel, 'oneType': 'ChannelInfo'},
                {'type': 'version_node', 'node': node, 'dataIdHash': channel, 'dataType': 'ChannelInfo'}]
            if lie == 'leute':
                someone = put(idobj('Someone', sp('someoneId', 'me')), 'id')
                leute = put(obj('Leute', sp('appId', 'one.leute'), ref('me', 'id', someone), bag('other', 'id', []), bag('group', 'id', [])), refs=[someone])
                thing = put(idobj('Leute', sp('appId', 'one.leute')), 'id')
                n2 = put(obj('VersionNodeEdge', ref('data', 'obj', leute), sp('depth', '0'), sp('creationTime', '1900000001000')), refs=[leute])
                roots.append({'type': 'version_node', 'node': n2, 'dataIdHash': thing, 'dataType': 'Leute'})
            if lie == 'hash':
                wrong = put('x', 'object'); store[wrong] = b'y'
                roots.append({'type': 'unversioned', 'hash': wrong, 'oneType': 'Email'})
            for h in order:
                if kinds[h] == 'blob': print('BLOB', h, len(store[h]))
        told = {}
        def pull(kind): return {'object': 6, 'id': 7, 'blob': 8, 'clob': 8}[kind]
        async def serve(c, cut):
            rpc = Rpc(c); served = 0
            def counted(f):
                def g(*a):
                    nonlocal served; served += 1
                    if cut and served == cut: asyncio.ensure_future(c.ws.close())
                    return f(*a)
                return g
            text = lambda h: store[h].decode()
            rpc.services = {k: counted(f) for k, f in {1: lambda: 8, 2: lambda: json.dumps(roots), 4: lambda h: json.dumps(closure(h)),
                5: lambda h: json.dumps(closure(h)), 6: text, 7: text, 8: lambda h, e=None: store[h]}.items()}
            await c.send('synchronisation'); await c.recv()
            run = asyncio.ensure_future(rpc.run()); await asyncio.sleep(0.3)
            async def take():
                while not cut:
                    for r in json.loads(await rpc.call(2)):
                        if r['type'] != 'version_node' or r['node'] in told: continue
                        kids = json.loads(await rpc.call(4, r['node'])); told[r['node']] = 1
                        for k in kids:
                            if k['hash'] in store or k['hash'] in told: continue
                            v = await rpc.call(pull(k['type']), k['hash'], *([None] if k['type'] == 'blob' else []))
                            data = v.encode() if isinstance(v, str) else v
                            assert hashlib.sha256(data).hexdigest() == k['hash']; told[k['hash']] = 1
                            if b'//refin.io/ChatMessage' in data: print('GOT', data.decode().split('"text">')[1].split('</span>')[0])
                            if k['type'] == 'blob': print('GOT BLOB', k['hash'], len(data))
                    await asyncio.sleep(0.4)
            taking = asyncio.ensure_future(take())
            try: await run
            except Exception as e: print('END', type(e).__name__)
            taking.cancel()
        async def main():
            global cuts
            if len(sys.argv) > 5:
                link = sys.argv[5]; i = json.loads(urllib.parse.unquote(link.split('#', 1)[1])); key = bytes.fromhex(i['publicKey'])
                c, r = await connect(i['url'], me, key, 'pairing')
                await c.sendj({'command': 'authentication_token', 'token': i['token']})
                other = (await c.recvj('identity'))['obj']; await c.sendj({'command': 'identity', 'obj': me.identity()})
                print(await c.recv()); await c.ws.close(); write(other['personEmail'])
                while True:
                    cut = rnd.randrange(2, 600) if cuts > 0 else 0; cuts -= 1
                    try:
                        c, r = await connect(i['url'], me, key, 'chum'); await serve(c, cut)
                    except Exception as e: print('DIAL', type(e).__name__, e); await asyncio.sleep(0.5)
            async def handle(ws):
                global cuts
                try:
                    c = Conn(ws); req = await c.recvj('communication_request'); await c.sendj({'command': 'communication_ready'})
                    outer = box_shared(me.ik.dk, bytes.fromhex(req['sourcePublicKey'])); other = unseal(outer, await c.recv())
                    epk, esk = nb.crypto_box_keypair(); await c.send(seal(outer, epk)); c.secure(box_shared(esk, other), even=True)
                    g = (await c.recvj('connection_group'))['connectionGroupName']; await c.sendj({'command': 'sync'})
                    await identify(c, me, initiator=False)
                    if g == 'pairing':
                        await c.recvj('authentication_token'); await c.sendj({'command': 'identity', 'obj': me.identity()})
                        write((await c.recvj('identity'))['obj']['personEmail']); await c.send('synchronisation'); await asyncio.sleep(3)
                    else:
                        cut = rnd.randrange(2, 600) if cuts > 0 else 0; cuts -= 1
                        await serve(c, cut)
                except Exception as e: print('ERR', type(e).__name__, e)
            async with websockets.serve(handle, '127.0.0.1', 0, max_size=None, ping_interval=None, compression=None) as server:
                me.url = 'ws://127.0.0.1:%d' % server.sockets[0].getsockname()[1]
                print(json.dumps({'token': 'T' * 64, 'publicKey': H(me.ik.ek), 'url': me.url})); await asyncio.sleep(120)
        asyncio.run(main())
        """#
}
