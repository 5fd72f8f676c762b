"""hostile_contact.py TOOLS ROLE [LIE[=LINK]...]: contacts that pair as they should and then do what they should not, each one
thing (of `attacks`). ROLE dial: each follows its link, then dials; ROLE listen: each prints an invitation and waits for the
other side. Built on one_peer.py in TOOLS."""
import contextlib, logging, sys, urllib.parse
sys.path.insert(0, sys.argv[1])
from one_peer import *
logging.getLogger('asyncio').setLevel(logging.CRITICAL)      # what it could not answer any more

ATTACKS = {}
GB = 1 << 30
STRANGERS = asyncio.Semaphore(8)                # who has not proven anything yet; more of one address make room for others
HEAVY = asyncio.Lock()                          # one of these at a time: each is measured alone
HEAVY_ATTACKS = {'endless-fragments', 'json-of-numbers', 'json-of-arrays', 'json-of-objects', 'json-too-deep', 'json-of-keys',
                 'long-arguments', 'garbage', 'million-roots', 'children-of-json', 'million-parents'}


class Open(dict):
    """Calls that are open; an answer to another one goes nowhere."""
    def get(s, n): return super().get(n) or asyncio.get_event_loop().create_future()
    def pop(s, n): return super().pop(n, None)


def attack(f):
    ATTACKS[f.__name__.replace('_', '-')] = f
    return f


def say(*words):
    print(*words, flush=True)


class Contact:
    """A person with something to give, and one connection at a time."""

    def __init__(s, lie):
        s.lie, s.me = lie, Me(lie + '@hostile.test', 'hostile-node')
        s.store, s.kinds, s.roots, s.closures, s.hostile = {}, {}, [], {}, True
        s.mine = s.put(idobj('Person', sp('email', s.me.email)), 'id')
        s.services = {1: lambda: 8, 2: lambda: json.dumps(s.roots), 4: s.children, 5: s.children, 6: s.text, 7: s.text,
                      8: lambda h, e=None: s.store[h]}
        s.during = None                         # what it does beside serving

    def put(s, data, kind='object'):
        data = data.encode() if isinstance(data, str) else data
        h = sha(data); s.store[h] = data; s.kinds[h] = kind
        return h

    def text(s, h): return s.store[h].decode()
    def children(s, h): return json.dumps([{'type': s.kinds[x], 'hash': x} for x in s.closures.get(h, [])])

    def offer(s, h, type, below=()):
        """Something that is no version, with all below it, what refers first."""
        s.closures[h] = list(below)
        s.roots.append({'type': 'unversioned', 'hash': h, 'oneType': type})

    def version(s, thing, data, type, below=(), node=None):
        """A version of a thing; the thing itself is offered, too."""
        node = node or s.put(obj('VersionNodeEdge', ref('data', 'obj', data), sp('depth', '0'), sp('creationTime', '1700000001000')))
        s.closures[node] = [data] + list(below)
        s.roots.append({'type': 'version_node', 'node': node, 'dataIdHash': thing, 'dataType': type})

    def message(s, text, time=1700000000000, sender=None, key=None, attachments=()):
        """A message, with what belongs to it, what refers first."""
        sender = sender or s.mine
        license = s.put(obj('License', sp('name', 'Affirmation'), sp('description', '[signature.issuer] affirms that content of [data] is correct.')))
        parts = [arr('attachments', 'obj', attachments)] if attachments else []
        m = s.put(obj('ChatMessage', sp('text', text), *parts, ref('sender', 'id', sender)))
        t = s.put(obj('CreationTime', sp('timestamp', str(time)), ref('data', 'obj', m)))
        c = s.put(obj('AffirmationCertificate', ref('data', 'obj', t), ref('license', 'obj', license)))
        signature = H((key or s.me.pk).sign(c.encode()))
        g = s.put(obj('Signature', ref('issuer', 'id', sender), ref('data', 'obj', c), sp('signature', signature)))
        return t, [g, c, license, t, m, sender]

    def conversation(s, messages, id=None):
        """The conversation of the two, with these messages, the oldest first."""
        theirs = s.put(idobj('Person', sp('email', s.other)), 'id')
        id = id or '<->'.join(sorted([s.mine, theirs]))
        channel = s.put(idobj('ChannelInfo', sp('id', id)), 'id')
        head, below = None, []
        for t, parts in messages:
            prev = [ref('previous', 'obj', head)] if head else []
            head = s.put(obj('LinkedListEntry', ref('data', 'obj', t), bag('metadata', 'obj', parts[:1]), *prev))
            below = [head] + parts + [x for x in below if x not in parts]
        info = s.put(obj('ChannelInfo', sp('id', id), *([ref('head', 'obj', head)] if head else [])))
        topic = s.put(obj('Topic', sp('id', id), ref('channel', 'id', channel)))
        s.offer(topic, 'Topic', [channel])
        s.version(channel, info, 'ChannelInfo', below)
        return channel

    async def session(s, c):
        """CHUM on a connection, until it ends."""
        s.c, s.turn, whole = c, asyncio.Lock(), c.send

        async def send(message):                # a message and its fragments stay together
            async with s.turn: await whole(message)
        c.send = send
        if s.hostile: say('BEGIN', s.lie)
        s.rpc = Rpc(c); s.rpc.pend = Open(); s.rpc.services = s.services
        await c.send('synchronisation'); await c.recv()
        s.running = running = asyncio.ensure_future(s.rpc.run())
        await asyncio.sleep(0.3)
        doing = asyncio.ensure_future(s.during(s)) if s.during and s.hostile else None
        if not s.hostile:
            say('SERVED', s.lie, len(json.loads(await s.rpc.call(2))))
        reason = 'nothing'
        try: await running
        except websockets.ConnectionClosed as e: reason = e.rcvd.reason if e.rcvd else 'cut'
        except asyncio.CancelledError: await c.ws.wait_closed()
        except Exception as e: reason = '%s %s' % (type(e).__name__, e)
        if doing: doing.cancel()
        say('OVER', s.lie, reason)
        s.behave()

    async def dial(s, link):
        i = json.loads(urllib.parse.unquote(link.split('#', 1)[1])); key = bytes.fromhex(i['publicKey'])
        async with STRANGERS:
            c, r = await connect(i['url'], s.me, key, 'pairing')
            await c.sendj({'command': 'authentication_token', 'token': i['token']})
            s.other = (await c.recvj('identity'))['obj']['personEmail']
            await c.sendj({'command': 'identity', 'obj': s.me.identity()})
            await c.recv(); await c.ws.close()
        ATTACKS[s.lie](s)
        while True:
            try:
                async with HEAVY if s.hostile and s.lie in HEAVY_ATTACKS else contextlib.nullcontext():
                    async with STRANGERS: c, r = await connect(i['url'], s.me, key, 'chum')
                    await s.session(c)
            except Exception as e: say('REFUSED', s.lie, str(e)[:200])
            await asyncio.sleep(1)

    def behave(s):
        s.hostile = False
        s.services = {1: lambda: 8, 2: lambda: '[]', 4: s.children, 5: s.children, 6: s.text, 7: s.text, 8: s.services[8]}

    async def accept(s, ws):
        c = Conn(ws)
        req = await c.recvj('communication_request'); await c.sendj({'command': 'communication_ready'})
        outer = box_shared(s.me.ik.dk, bytes.fromhex(req['sourcePublicKey'])); other = unseal(outer, await c.recv())
        epk, esk = nb.crypto_box_keypair(); await c.send(seal(outer, epk)); c.secure(box_shared(esk, other), even=True)
        group = (await c.recvj('connection_group'))['connectionGroupName']; await c.sendj({'command': 'sync'})
        await identify(c, s.me, initiator=False)
        if group == 'pairing':
            await c.recvj('authentication_token'); await c.sendj({'command': 'identity', 'obj': s.me.identity()})
            s.other = (await c.recvj('identity'))['obj']['personEmail']
            await c.send('synchronisation'); ATTACKS[s.lie](s); await asyncio.sleep(3)
        else:
            await s.session(c)

    async def listen(s):
        async def handle(ws):
            try: await s.accept(ws)
            except Exception as e: say('DIED', s.lie, type(e).__name__, e)
        async with websockets.serve(handle, '127.0.0.1', 0, max_size=None, ping_interval=None, compression=None) as server:
            s.me.url = 'ws://127.0.0.1:%d' % server.sockets[0].getsockname()[1]
            say(s.lie, json.dumps({'token': 'T' * 64, 'publicKey': H(s.me.ik.ek), 'url': s.me.url}, separators=(',', ':')))
            await asyncio.Future()

    async def frame(s, message, counter=0, key=None, head=None):
        """One encrypted frame as it should not be."""
        text = isinstance(message, str)
        data = (head or bytes([0x10 if text else 0])) + (message.encode() if text else message)
        n = s.c.nonce(s.c.tx + counter); s.c.tx += 2
        f = nb.crypto_box_afternm(data, n, key or s.c.key)
        await s.c.ws.send(f)
        return f


# ---------------------------------------------------------------- frames
@attack
def wrong_nonce(s):
    s.during = lambda s: s.frame('{}', counter=2)

@attack
def replayed_frame(s):
    async def run(s): await s.c.ws.send(await s.frame('{"type":"x"}'))
    s.during = run

@attack
def foreign_key(s):
    s.during = lambda s: s.frame('{}', key=os.urandom(32))

@attack
def text_frame(s):
    s.during = lambda s: s.c.ws.send('{"requestId":1,"type":"request","serviceId":1,"args":[]}')

@attack
def bad_padding(s):
    s.during = lambda s: s.frame('{}', head=b'\x1f')

@attack
def bad_text(s):
    s.during = lambda s: s.frame(b'\xff\xfe', head=b'\x10')

@attack
def oversized_frame(s):
    s.during = lambda s: s.frame(bytes(2 << 20))

@attack
def nested_fragments(s):
    async def run(s): await s.frame(FS); await s.frame(FB)
    s.during = run

@attack
def end_without_start(s):
    s.during = lambda s: s.frame(FE)

@attack
def text_in_fragments(s):
    async def run(s): await s.frame(FS); await s.frame('hello')
    s.during = run

@attack
def endless_fragments(s):
    async def run(s):
        await s.turn.acquire(); await s.frame(FS)
        for n in range(GB // CH): await s.frame(b'[' * CH)
    s.during = run

@attack
def empty_fragments(s):
    async def run(s):
        await s.turn.acquire(); await s.frame(FB)
        while True: await s.frame(b'')
    s.during = run


@attack
def another_key(s): s.me.pk = KeyPair()


# ---------------------------------------------------------------- messages
def flood(text, total=GB):
    """So much in messages that are each short enough."""
    async def run(s):
        message = text()
        for n in range(total // len(message)): await s.c.send(message)
    return run

@attack
def json_of_numbers(s): s.during = flood(lambda: '{"type":"x","requestId":1,"args":[' + '1,' * (20 << 20) + '1]}')

@attack
def json_of_arrays(s): s.during = flood(lambda: '{"requestId":1,"type":"request","serviceId":1,"args":[' + '[],' * (13 << 20) + '1]}')

@attack
def json_of_objects(s): s.during = flood(lambda: '{"requestId":1,"type":"request","serviceId":1,"args":[' + '{"a":{}},' * (4 << 20) + '1]}')

@attack
def json_too_deep(s): s.during = flood(lambda: '{"responseId":0,"type":"data","data":' + '[' * (40 << 20))

@attack
def json_of_keys(s):
    s.during = flood(lambda: '{"requestId":1,"type":"x","args":[{' + ','.join('"%x":1' % n for n in range(3 << 20)) + '}]}')

@attack
def long_arguments(s):
    async def run(s):
        text = 'x' * (40 << 20)
        for n in range(26): await s.c.send('{"requestId":%d,"type":"request","serviceId":6,"args":["%s"]}' % (n, text))
    s.during = run

@attack
def garbage(s): s.during = flood(lambda: 'x' * (1 << 20))

@attack
def small_garbage(s):
    async def run(s):
        while True: await s.c.send('{}')
    s.during = run

@attack
def unasked_answers(s):
    async def run(s):
        while True: await s.c.send('{"responseId":4711,"type":"data","data":"x"}')
    s.during = run

@attack
def unasked_bytes(s):
    async def run(s):
        while True: await s.c.send(struct.pack('<d', 4711) + bytes(65000))
    s.during = run

@attack
def unknown_services(s):
    async def run(s):
        for n in range(1000):
            await s.c.sendj({'requestId': n, 'type': 'request', 'serviceId': 11 + n, 'args': []}); await asyncio.sleep(0.01)
    s.during = run

@attack
def repeated_numbers(s):
    async def run(s):
        while True: await s.c.sendj({'requestId': 1, 'type': 'request', 'serviceId': 2, 'args': []})
    s.during = run


# ---------------------------------------------------------------- what it gives
@attack
def another_version(s): s.services[1] = lambda: 9

@attack
def roots_that_are_none(s): s.services[2] = lambda: '[' * 1000000

@attack
def million_roots(s):
    root = '{"type":"unversioned","hash":"%064x","oneType":"Email"}'
    s.services[2] = lambda: '[' + ','.join(root % n for n in range(300000)) + ']'

@attack
def changing_roots(s):
    rounds = itertools.count()
    def roots():
        r = next(rounds)
        return json.dumps([{'type': 'unversioned', 'hash': '%064x' % (r << 32 | n), 'oneType': 'Email'} for n in range(20000)])
    s.services[2] = roots

@attack
def children_of_json(s):
    s.offer(s.put(obj('Email', sp('email', 'a'))), 'Email')
    s.services[4] = lambda h: '[' + '{"type":"","hash":""},' * (2 << 20) + '1]'

@attack
def million_children(s):
    s.offer(s.put(obj('Email', sp('email', 'b'))), 'Email')
    s.services[4] = lambda h: '[' + ','.join('{"type":"object","hash":"%064x"}' % n for n in range(410000)) + ']'

@attack
def endless_blob(s):
    h = s.put(b'x', 'blob')
    image = s.put(obj('ProfileImage', ref('image', 'blob', h)))
    s.offer(image, 'ProfileImage', [h])
    class Endless(bytes):
        def __len__(s): return GB
        def __getitem__(s, k): return bytes(65528)
    s.store[h] = Endless()

@attack
def large_objects(s):
    texts = [s.put(obj('Email', sp('email', '%03d' % n + 'x' * ((8 << 20) - 100)))) for n in range(64)]
    s.offer(s.put(obj('Email', sp('email', 'top'))), 'Email', texts)

@attack
def withheld_picture(s):
    h = s.put(b'w', 'blob')
    s.offer(s.put(obj('ProfileImage', ref('image', 'blob', h))), 'ProfileImage', [h])
    del s.store[h]

def history(s, info, below, count):
    """One version after the other, all of the same."""
    id = '<->'.join(sorted([s.mine, whose(s)]))
    channel = s.put(idobj('ChannelInfo', sp('id', id)), 'id'); info = s.put(obj('ChannelInfo', sp('id', id), *info))
    node, nodes = None, []
    for n in range(count):
        after = [ref('prev', 'obj', node)] if node else []
        if node: nodes.append(node)
        node = s.put(obj('VersionNodeChange' if node else 'VersionNodeEdge', *after, ref('data', 'obj', info),
                         sp('depth', str(n)), sp('creationTime', str(1700000000000 + n))))
    s.version(channel, info, 'ChannelInfo', node=node)
    s.closures[node] = nodes[::-1] + [info] + below

@attack
def known_history(s):
    """Legal: what is known already, after versions that are not."""
    history(s, [], [], 3)

@attack
def deep_history(s):
    """Legal."""
    t, parts = s.message('deep')
    entry = s.put(obj('LinkedListEntry', ref('data', 'obj', t), bag('metadata', 'obj', parts[:1])))
    history(s, [ref('head', 'obj', entry)], [entry] + parts, int(os.environ.get('DEEP', '1000')))

@attack
def trickle(s):
    h = s.put(b'y', 'blob')
    s.offer(s.put(obj('ProfileImage', ref('image', 'blob', h))), 'ProfileImage', [h])
    async def run(s):
        serve = s.rpc.serve
        async def drop_by_drop(o):
            if o['serviceId'] != 8: return await serve(o)
            while True:
                await s.c.send(struct.pack('<d', o['requestId']) + b'z'); await asyncio.sleep(1)
        s.rpc.serve = drop_by_drop
    s.during = run

@attack
def slow_reader(s):
    """Gives a long message, asks for it again and again, and takes nothing of it."""
    async def run(s):
        long = s.message('x' * (7 << 20)); s.conversation([long]); m = long[1][4]
        while True:
            roots = json.loads(await s.rpc.call(2, timeout=60))
            for r in [r for r in roots if r['type'] == 'version_node']:
                kids = [k['hash'] for k in json.loads(await s.rpc.call(4, r['node'], timeout=60))]
                if m not in kids: continue
                for n in range(250):
                    await s.c.sendj({'requestId': 1000 + n, 'type': 'request', 'serviceId': 6, 'args': [m]})
                say('ASKED', s.lie); s.running.cancel(); return
            await asyncio.sleep(0.5)
    s.during = run


# ---------------------------------------------------------------- what is not its own to write, and what is no such thing
def whose(s): return s.put(idobj('Person', sp('email', s.other)), 'id')

@attack
def my_contacts(s):
    someone = s.put(idobj('Someone', sp('someoneId', 'me')), 'id')
    leute = s.put(obj('Leute', sp('appId', 'one.leute'), ref('me', 'id', someone), bag('other', 'id', []), bag('group', 'id', [])))
    s.version(s.put(idobj('Leute', sp('appId', 'one.leute')), 'id'), leute, 'Leute', [someone])

@attack
def my_profile(s):
    me = whose(s)
    ids = [sp('profileId', 'default'), ref('personId', 'id', me), ref('owner', 'id', me)]
    name = s.put(obj('PersonName', sp('name', 'Mallory')))
    profile = s.put(obj('Profile', *ids, bag('communicationEndpoint', 'obj', []), bag('personDescription', 'obj', [name])))
    s.version(s.put(idobj('Profile', *ids), 'id'), profile, 'Profile', [name, me])

@attack
def my_keys(s):
    s.offer(s.put(obj('Keys', ref('owner', 'id', whose(s)), sp('publicKey', H(s.me.pk.ek)), sp('publicSignKey', H(s.me.pk.vk)))), 'Keys', [whose(s)])

@attack
def grants(s):
    channel = s.put(idobj('ChannelInfo', sp('id', 'mine')), 'id')
    grant = s.put(obj('IdAccess', ref('id', 'id', channel), bag('person', 'id', [s.mine]), bag('group', 'id', [])))
    s.version(s.put(idobj('IdAccess', ref('id', 'id', channel)), 'id'), grant, 'IdAccess', [channel, s.mine])

@attack
def conversation_of_others(s): s.conversation([s.message('between others')], '<->'.join(sorted([whose(s), 'ab' * 32])))

@attack
def my_files(s): s.conversation([s.message('files')], 'mainFileSystemChannelId')

@attack
def forged_signature(s): s.conversation([s.message('forged by another', sender=whose(s))])

@attack
def no_list(s):
    """A channel whose head is none of its entries."""
    theirs = whose(s); id = '<->'.join(sorted([s.mine, theirs]))
    email = s.put(obj('Email', sp('email', 'no entry')))
    info = s.put(obj('ChannelInfo', sp('id', id), ref('head', 'obj', email)))
    s.version(s.put(idobj('ChannelInfo', sp('id', id)), 'id'), info, 'ChannelInfo', [email])

@attack
def many_references(s):
    text = obj('ChatMessage', sp('text', ''), arr('attachments', 'obj', ['%064x' % n for n in range(80000)]), ref('sender', 'id', s.mine))
    s.offer(s.put(text), 'ChatMessage', [s.mine])

@attack
def million_parents(s):
    email = s.put(obj('Email', sp('email', 'c')))
    node = s.put(obj('VersionNodeMerge', '<ul itemprop="nodes">' + ''.join('<li><a data-type="obj">%064x</a></li>' % n for n in range(600000)) + '</ul>',
                     ref('data', 'obj', email), sp('depth', '1'), sp('creationTime', '1700000000000')))
    s.version(email, email, 'Email', node=node)

@attack
def deep_microdata(s):
    s.offer(s.put('<div itemscope itemtype="//refin.io/Email">' * 100000), 'Email')

@attack
def hard_times(s):
    """Legal, and shown at the ends of the calendar."""
    s.conversation([s.message('time %s' % n, time=n) for n in ['-1e+300', '-62135596800001', '-1', '8640000000000001', '1e+300']])

@attack
def hard_names(s):
    """Legal, and shown as names that are."""
    names = ['../../../etc/passwd', '..', '', 'a/b', 'tab\tline\nend', '\x1b[31mred', '\u202egpj.exe', 'x' * 5000, '-rf', 'nul\u0001']
    blob = s.put(b'12345', 'blob')
    ds = [s.put(obj('BlobDescriptor', ref('data', 'blob', blob), sp('lastModified', '-1e+300'), sp('name', n), sp('size', '5'), sp('type', n))) for n in names]
    t, parts = s.message('\x1b]0;title\x07\u202e../x', attachments=ds)
    s.conversation([(t, parts[:5] + ds + [blob] + parts[5:])])


async def main():
    role, words = sys.argv[2], [word.split('=', 1) for word in sys.argv[3:]]
    if role == 'dial': await asyncio.gather(*[Contact(lie).dial(link) for lie, link in words])
    else: await asyncio.gather(*[Contact(lie).listen() for lie, in words])

asyncio.run(main())
