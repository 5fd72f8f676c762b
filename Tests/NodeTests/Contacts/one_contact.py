"""A contact on top of one_peer.py: it pairs, gives a conversation with attachments, and takes what it is given.

one_contact.py TOOLS OPTIONS_JSON, where the options are
  count   messages it has, each fifth with an attachment
  cuts    how often it drops the connection in the middle
  large   size of the attachment of its last message, made and sent piece by piece
  lie     what it does wrong
  link    the invitation it follows; without one it waits for somebody who follows its own, the first line it prints
  relay   the relay at which it waits; without one it listens itself
"""
import asyncio
import json
import random
import sys
import urllib.parse

sys.path.insert(0, sys.argv[1])
from one_peer import *

options = json.loads(sys.argv[2])
count, large, lie = options['count'], options['large'], options['lie']
me = Me('python@rig.test', 'python-node')
rnd = random.Random(5)
license_text = '[signature.issuer] affirms that content of [data] is correct.'
listens = dict(max_size=None, ping_interval=None, compression=None)


class Made:
    """A large blob that is nowhere as a whole."""

    def __init__(self, seed, size):
        self.seed, self.size = seed, size
        self.hash = self.digest()

    def __len__(self):
        return self.size

    def pieces(self):
        made = random.Random(self.seed)
        for start in range(0, self.size, CH):
            yield made.randbytes(min(CH, self.size - start))

    def digest(self):
        sha256 = hashlib.sha256()
        for piece in self.pieces():
            sha256.update(piece)
        return sha256.hexdigest()


class Hashing:
    """Takes the place of the list in which Rpc collects a stream: it keeps the hash and the size."""

    def __init__(self):
        self.sha256, self.size = hashlib.sha256(), 0

    def append(self, piece):
        self.sha256.update(piece)
        self.size += len(piece)

    def __iter__(self):
        return iter(())


# ---------------------------------------------------------------- what it has
store, order, below, kinds, roots = {}, [], {}, {}, []


def put(data, kind='object', refs=()):
    data = data.encode() if isinstance(data, str) else data
    h = data.hash if isinstance(data, Made) else hashlib.sha256(data).hexdigest()
    if h not in store:
        store[h], below[h], kinds[h] = data, list(refs), kind
        order.append(h)
    return h


def closure(h):
    seen, rest = set(), list(below[h])
    while rest:
        x = rest.pop()
        if x not in seen:
            seen.add(x)
            rest += below[x]
    return [{'type': kinds[x], 'hash': x} for x in reversed(order) if x in seen]


mine = put(idobj('Person', sp('email', me.email)), 'id')
license = put(obj('License', sp('name', 'Affirmation'), sp('description', license_text)))


def attachment(number, data):
    blob = put(data, 'blob')
    fields = [ref('data', 'blob', blob), sp('lastModified', '1700000000000'), sp('name', 'file %d' % number),
              sp('size', str(len(data))), sp('type', 'application/octet-stream')]
    return put(obj('BlobDescriptor', *fields), refs=[blob])


def entry(number, attached, head):
    parts = [sp('text', 'message %03d' % number)] + ([arr('attachments', 'obj', attached)] if attached else [])
    message = put(obj('ChatMessage', *parts, ref('sender', 'id', mine)), refs=[mine] + attached)
    fields = [sp('timestamp', str(1700000000000 + number)), ref('data', 'obj', message)]
    time = put(obj('CreationTime', *fields), refs=[message])
    fields = [ref('data', 'obj', time), ref('license', 'obj', license)]
    certificate = put(obj('AffirmationCertificate', *fields), refs=[time, license])
    fields = [ref('issuer', 'id', mine), ref('data', 'obj', certificate),
              sp('signature', H(me.pk.sign(certificate.encode())))]
    signature = put(obj('Signature', *fields), refs=[mine, certificate])
    fields = [ref('data', 'obj', time), bag('metadata', 'obj', [signature])]
    fields += [ref('previous', 'obj', head)] if head else []
    return put(obj('LinkedListEntry', *fields), refs=[time, signature] + ([head] if head else []))


def node(thing, type, data, time):
    fields = [ref('data', 'obj', data), sp('depth', '0'), sp('creationTime', time)]
    edge = put(obj('VersionNodeEdge', *fields), refs=[data])
    return {'type': 'version_node', 'node': edge, 'dataIdHash': thing, 'dataType': type}


def write(other):
    theirs = put(idobj('Person', sp('email', other)), 'id')
    topic_id = '<->'.join(sorted([mine, theirs]))
    channel = put(idobj('ChannelInfo', sp('id', topic_id)), 'id')
    topic = put(obj('Topic', sp('id', topic_id), ref('channel', 'id', channel)), refs=[channel])
    head, sizes = None, [0, 1, 65528, 200000, 3 << 20]
    for n in range(count):
        attached = []
        if large and n == count - 1:
            attached = [attachment(n, Made(7, large))]
        elif n % 5 == 0:
            size = sizes[n // 5] if n // 5 < len(sizes) else rnd.randrange(3000)
            attached = [attachment(n, rnd.randbytes(size))]
        head = entry(n, attached, head)
    fields = [sp('id', topic_id)] + ([ref('head', 'obj', head)] if head else [])
    info = put(obj('ChannelInfo', *fields), refs=[head] if head else [])
    roots[:] = [{'type': 'unversioned', 'hash': topic, 'oneType': 'Topic'},
                {'type': 'id', 'idHash': channel, 'oneType': 'ChannelInfo'},
                node(channel, 'ChannelInfo', info, '1700000001000')]
    if lie == 'leute':
        someone = put(idobj('Someone', sp('someoneId', 'me')), 'id')
        fields = [sp('appId', 'one.leute'), ref('me', 'id', someone), bag('other', 'id', []), bag('group', 'id', [])]
        leute = put(obj('Leute', *fields), refs=[someone])
        roots.append(node(put(idobj('Leute', sp('appId', 'one.leute')), 'id'), 'Leute', leute, '1900000001000'))
    if lie == 'hash':
        wrong = put('x')
        store[wrong] = b'y'
        roots.append({'type': 'unversioned', 'hash': wrong, 'oneType': 'Email'})
    for h in order:
        if kinds[h] == 'blob':
            print('BLOB', h, len(store[h]))


# ---------------------------------------------------------------- giving
class Cut:
    """After which request, and in the middle of which piece of the large blob, a session ends by itself."""
    left = options['cuts']
    in_large = 1 if large and options['cuts'] else 0

    def __init__(self):
        self.requests = rnd.randrange(2, 600) if Cut.left > 0 else 0
        Cut.left -= 1
        self.piece = 0
        if not self.requests and Cut.in_large:
            Cut.in_large = 0
            self.piece = rnd.randrange(2, large // CH)

    def request(self, c):
        self.requests -= 1
        if self.requests == 0:
            asyncio.ensure_future(c.ws.close())

    def sent(self, c):
        self.piece -= 1
        if self.piece == 0:
            print('CUT in the large one')
            asyncio.ensure_future(c.ws.close())


class Giving(Rpc):
    """Serves what it has listed, as the reference does."""

    def __init__(self, c, cut):
        super().__init__(c)
        self.cut, self.offered = cut, set()
        services = {1: lambda: 8, 2: self.list_roots, 4: self.list, 5: self.list, 6: self.text, 7: self.text,
                    8: lambda h, encoding=None: store[h]}
        self.services = {number: self.counted(f) for number, f in services.items()}

    def counted(self, f):
        def call(*a):
            self.cut.request(self.c)
            return f(*a)
        return call

    def list_roots(self):
        self.offered |= {x for r in roots for x in (r.get('hash'), r.get('idHash'), r.get('node')) if x}
        return json.dumps(roots)

    def list(self, h):
        children = closure(h)
        self.offered |= {x['hash'] for x in children}
        return json.dumps(children)

    def text(self, h):
        return store[h].decode()

    async def serve(self, o):
        code = {4: 'CES-GOC1', 5: 'CES-GIDOC1', 6: 'CES-GO1', 7: 'CES-GIDO1', 8: 'CES-GBL1'}.get(o['serviceId'])
        if code and o['args'][0] not in self.offered:
            error = {'name': 'Error', 'message': code + ': Unauthorized', 'code': code}
            return await self.c.sendj({'responseId': o['requestId'], 'type': 'error', 'error': error})
        made = store.get(o['args'][0]) if o['serviceId'] == 8 else None
        if not isinstance(made, Made):
            return await super().serve(o)
        self.cut.request(self.c)
        try:
            for piece in made.pieces():
                self.cut.sent(self.c)
                await self.c.send(struct.pack('<d', o['requestId']) + piece)
            await self.c.sendj({'responseId': o['requestId'], 'type': 'stream-end'})
        except websockets.ConnectionClosed:
            pass


# ---------------------------------------------------------------- taking
taken = set()


async def take(rpc):
    """Everything there is, again and again; what has come is not asked for again."""
    try:
        while True:
            for r in json.loads(await rpc.call(2)):
                if r['type'] == 'version_node' and r['node'] not in taken:
                    await take_version(rpc, r['node'])
            await asyncio.sleep(0.4)
    except Exception as e:
        print('TAKE', type(e).__name__, e)
        await rpc.c.ws.close()


async def take_version(rpc, version):
    for child in reversed(json.loads(await rpc.call(4, version))):
        # Both sides have an empty one.
        if child['hash'] not in taken and not store.get(child['hash']):
            await take_child(rpc, child)
    taken.add(version)


async def take_child(rpc, child):
    if child['type'] == 'blob':
        hashing = rpc.streams[rpc.n] = Hashing()
        await rpc.call(8, child['hash'], None, timeout=120)
        assert hashing.sha256.hexdigest() == child['hash']
        print('GOT BLOB', child['hash'], hashing.size)
    else:
        service = {'object': 6, 'id': 7, 'clob': 8}[child['type']]
        text = await rpc.call(service, child['hash'], *(['utf8'] if service == 8 else []))
        data = text if isinstance(text, bytes) else text.encode()
        assert hashlib.sha256(data).hexdigest() == child['hash']
        if b'//refin.io/ChatMessage' in data:
            print('GOT', data.decode().split('"text">')[1].split('</span>')[0])
    taken.add(child['hash'])


# ---------------------------------------------------------------- connections
def serialised(c):
    """No other message between the fragments of one."""
    lock, send = asyncio.Lock(), c.send

    async def locked(m):
        async with lock:
            await send(m)
    c.send = locked
    return c


async def session(c):
    rpc = Giving(serialised(c), Cut())
    await c.send('synchronisation')
    await c.recv()
    running = asyncio.ensure_future(rpc.run())
    await asyncio.sleep(0.3)
    taking = asyncio.ensure_future(take(rpc))
    try:
        await running
    except Exception as e:
        print('END', type(e).__name__)
    taking.cancel()


async def follow(invitation):
    key = bytes.fromhex(invitation['publicKey'])
    c, _ = await connect(invitation['url'], me, key, 'pairing')
    await c.sendj({'command': 'authentication_token', 'token': invitation['token']})
    other = (await c.recvj('identity'))['obj']
    await c.sendj({'command': 'identity', 'obj': me.identity()})
    print(await c.recv())
    await c.ws.close()
    write(other['personEmail'])
    while True:
        try:
            c, _ = await connect(invitation['url'], me, key, 'chum')
            await session(c)
        except Exception as e:
            print('DIAL', type(e).__name__, e)
            await asyncio.sleep(0.5)


async def accept(c):
    try:
        request = await c.recvj('communication_request')
        await c.sendj({'command': 'communication_ready'})
        outer = box_shared(me.ik.dk, bytes.fromhex(request['sourcePublicKey']))
        theirs = unseal(outer, await c.recv())
        ephemeral, own = nb.crypto_box_keypair()
        await c.send(seal(outer, ephemeral))
        c.secure(box_shared(own, theirs), even=True)
        group = (await c.recvj('connection_group'))['connectionGroupName']
        await c.sendj({'command': 'sync'})
        await identify(c, me, initiator=False)
        if group != 'pairing':
            return await session(c)
        await c.recvj('authentication_token')
        await c.sendj({'command': 'identity', 'obj': me.identity()})
        write((await c.recvj('identity'))['obj']['personEmail'])
        await c.send('synchronisation')
        await asyncio.sleep(3)
    except Exception as e:
        print('ERR', type(e).__name__, e)


async def spare(url):
    """Waits at a relay for one who dials, again and again (one-protocol 1.7)."""
    while True:
        c = Conn(await websockets.connect(url, **listens))
        await c.sendj({'command': 'register', 'publicKey': H(me.ik.ek)})
        request = await c.recvj('authentication_request')
        shared = box_shared(me.ik.dk, bytes.fromhex(request['publicKey']))
        challenge = unseal(shared, bytes.fromhex(request['challenge']))
        answer = seal(shared, bytes(b ^ 255 for b in challenge))
        await c.sendj({'command': 'authentication_response', 'response': H(answer)})
        await c.recvj('authentication_success')
        spares.set()
        while json.loads(await c.recv())['command'] == 'ping':
            await c.sendj({'command': 'pong'})
        asyncio.ensure_future(closing(c))


async def closing(c):
    await accept(c)
    await c.ws.close()


def invite(url):
    me.url = url
    print(json.dumps({'token': 'T' * 64, 'publicKey': H(me.ik.ek), 'url': url}))


async def wait():
    global spares
    if 'relay' in options:
        spares = asyncio.Event()
        waiting = [asyncio.ensure_future(spare(options['relay'])) for _ in range(2)]
        await spares.wait()
        invite(options['relay'])
        await asyncio.gather(*waiting)
    async with websockets.serve(lambda ws: accept(Conn(ws)), '127.0.0.1', 0, **listens) as server:
        invite('ws://127.0.0.1:%d' % server.sockets[0].getsockname()[1])
        await asyncio.Future()


async def main():
    if 'link' not in options:
        return await wait()
    await follow(json.loads(urllib.parse.unquote(options['link'].split('#', 1)[1])))


asyncio.run(main())
