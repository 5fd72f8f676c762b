"""The relay's side of the protocol (one-protocol 1.7) on top of one_peer.py, as listener and as dialler.

relayed_peer.py TOOLS SECRET_HEX REGISTRATION_JSON RELAY_URL dial|listen OTHER_KEY_HEX
"""
import asyncio
import json
import sys

sys.path.insert(0, sys.argv[1])
from one_peer import *

secret = bytes.fromhex(sys.argv[2])
public = nb.crypto_scalarmult_base(secret)
proof, url, role, other = sys.argv[3], sys.argv[4], sys.argv[5], bytes.fromhex(sys.argv[6])


async def open_socket():
    return await websockets.connect(url, max_size=None, ping_interval=None, compression=None)


async def wait_for_dial():
    """Registers a spare connection and answers pings until the handover; gives the connection with the dialler."""
    ws = await open_socket()
    c = Conn(ws)
    await c.sendj({'command': 'register', 'publicKey': H(public)})
    request = await c.recvj('authentication_request')
    shared = box_shared(secret, bytes.fromhex(request['publicKey']))
    challenge = unseal(shared, bytes.fromhex(request['challenge']))
    assert len(challenge) == 64
    answer = seal(shared, bytes(b ^ 255 for b in challenge))
    await c.sendj({'command': 'authentication_response', 'response': H(answer)})
    success = await c.recvj('authentication_success')
    print('registered', success['pingInterval'], flush=True)
    pings = 0
    while True:
        command = json.loads(await c.recv())['command']
        if command == 'connection_handover':
            return c
        assert command == 'ping', command
        pings += 1
        await c.sendj({'command': 'pong'})


async def accept(c):
    """The acceptor's handshake (2.1-2.3), then the registration, and calls answered until the end."""
    request = await c.recvj('communication_request')
    assert request['targetPublicKey'] == H(public)
    await c.sendj({'command': 'communication_ready'})
    outer = box_shared(secret, bytes.fromhex(request['sourcePublicKey']))
    theirs = unseal(outer, await c.recv())
    ephemeral, own = nb.crypto_box_keypair()
    await c.send(seal(outer, ephemeral))
    c.secure(box_shared(own, theirs), even=True)
    assert (await c.recvj('connection_group'))['connectionGroupName'] == 'iom'
    await c.sendj({'command': 'sync'})
    await c.recvj('registration')
    await c.send(proof)
    rpc = Rpc(c)
    rpc.services = {39: lambda: 'x' * 100000}
    try:
        await rpc.run()
    except websockets.ConnectionClosed:
        pass


async def listen():
    while True:
        await accept(await wait_for_dial())


async def dial():
    c = Conn(await open_socket())
    try:
        await c.sendj({'command': 'communication_request', 'sourcePublicKey': H(public), 'targetPublicKey': H(other)})
        await c.recvj('communication_ready')
    except websockets.ConnectionClosed as closed:
        print('closed', closed.rcvd.code, closed.rcvd.reason)
        return
    outer = box_shared(secret, other)
    ephemeral, own = nb.crypto_box_keypair()
    await c.send(seal(outer, ephemeral))
    c.secure(box_shared(own, unseal(outer, await c.recv())), even=False)
    await c.sendj({'command': 'connection_group', 'connectionGroupName': 'iom'})
    await c.recvj('sync')
    await c.send(proof)
    await c.recvj('registration')
    rpc = Rpc(c)
    task = asyncio.ensure_future(rpc.run())
    print(await rpc.call(39))
    task.cancel()
    await c.ws.close()


asyncio.run(listen() if role == 'listen' else dial())
