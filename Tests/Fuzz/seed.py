"""seed.py DECODER FIXTURES CORPUS: makes the first inputs of a decoder out of the recorded material."""
import hashlib
import json
import pathlib
import sys

decoder, fixtures, corpus = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
MAX_BYTES = 16384
MAX_INPUTS = 2000
count = 0


def keep(data):
    global count
    if len(data) <= MAX_BYTES and count < MAX_INPUTS:
        count += 1
        (corpus / ('seed-' + hashlib.sha256(data).hexdigest()[:16])).write_bytes(data)


def piece(kind, data):
    """As Pieces in Decoders.swift reads it."""
    return bytes([kind, len(data) >> 8 & 255, len(data) & 255]) + data


def recorded():
    """(layer, text, data) of each message of the recorded sessions."""
    for path in sorted((fixtures / 'one-wire').glob('*.jsonl')):
        for line in path.read_text().split('\n')[:-1]:
            entry = json.loads(line)
            if entry.get('kind') == 'text':
                text = entry.get('text')
                if text is None and 'json' in entry:
                    text = json.dumps(entry['json'], separators=(',', ':'), ensure_ascii=False)
                if text is not None:
                    yield entry['layer'], True, text.encode()
            elif entry.get('kind') == 'binary' and len(entry.get('hex', '')) == 2 * entry.get('len', -1):
                yield entry['layer'], False, bytes.fromhex(entry['hex'])


def frame():
    words = [b'keepalive', b'keepalivex', b'fragmentation_start_binary', b'fragmentation_start_string', b'fragmentation_end']
    pad = lambda text, data: piece(0, bytes([0x10 if text else 0]) + data)
    for word in words:
        keep(pad(True, word))
        keep(piece(0, b'\x11\x03abc' + word))
    for start, data in [(words[2], b'\x00\xff'), (words[3], 'h\u00e9'.encode())]:
        keep(pad(True, start) + pad(False, data) + pad(True, words[0]) + pad(False, data) + pad(True, words[4]))
    for layer, text, data in recorded():
        if layer == 'app':
            keep(pad(text, data))


def handshake():
    texts = [
        {'command': 'communication_ready'}, {'command': 'sync'},
        {'command': 'connection_group', 'connectionGroupName': 'iom'},
        {'command': 'register', 'publicKey': '07' * 32}, {'command': 'ping'}, {'command': 'pong'},
        {'command': 'authentication_request', 'publicKey': '07' * 32, 'challenge': '00' * 104},
        {'command': 'authentication_response', 'response': '00' * 104},
        {'command': 'authentication_success', 'pingInterval': 25000, 'clientIp': '192.0.2.1'},
        {'command': 'connection_handover'},
        {'command': 'communication_request', 'sourcePublicKey': '07' * 32, 'targetPublicKey': '08' * 32},
    ]
    for first in range(16):
        for text in texts:
            keep(bytes([first]) + piece(1, json.dumps(text).encode()))
        keep(bytes([first]) + piece(0, bytes(72)))
    for layer, text, data in recorded():
        if layer == 'ws' and len(data) < 400:
            for first in range(4):
                keep(bytes([first]) + piece(1 if text else 0, data))


def call():
    for layer, _, data in recorded():
        if layer == 'app':
            keep(data)
    for text in [
        '{"requestId":1,"type":"stream-window","byteCount":65536}', '{"requestId":1,"type":"write-stream-error"}',
        '{"responseId":1,"type":"stream","chunk":"x","encoding":"base64"}', '{"responseId":1,"type":"stream-end"}',
        '{"responseId":1,"type":"error","error":{"name":"E","message":"m","code":"X"}}',
        '{"requestId":0,"type":"request","serviceId":33,"args":[["ab"],"x"],"window":1048576,"priority":"background"}',
    ]:
        keep(text.encode())


def microdata():
    for name in ['objects.jsonl', 'rejects.jsonl', 'objects-lone-surrogates.jsonl']:
        for line in (fixtures / 'one-format' / name).read_text().split('\n')[:-1]:
            for value in json.loads(line).values():
                if isinstance(value, str) and value.startswith('<div'):
                    keep(value.encode('utf-8', 'surrogatepass'))
    objects = fixtures / 'one-store' / 'alice' 
    for path in sorted(objects.rglob('*')):
        if path.is_file() and path.stat().st_size < MAX_BYTES and path.read_bytes().startswith(b'<div'):
            keep(path.read_bytes())


def json_texts():
    for layer, text, data in recorded():
        if layer == 'app' and text:
            keep(data)
    for name in ['numbers.jsonl', 'stringify.jsonl']:
        for line in (fixtures / 'one-format' / name).read_text().split('\n')[:-1]:
            keep(line.encode())
    key = '07' * 32
    keep(json.dumps({'command': 'join', 'token': 'T' * 64, 'name': 'laptop', 'deviceType': 'desktop', 'storageRole': 'cache',
                     'capabilities': ['have'], 'publicKey': key, 'publicSignKey': key}).encode())


def invitation():
    vectors = json.loads((fixtures / 'one-wire' / 'vectors.json').read_text())['invitation']
    for text in [vectors['json'], vectors['url'], 'wss://relay.example.org:443/x?y#z', 'ws://[::1]:8765', 'ws://a',
                 'localhost:80', '[::1]:80']:
        keep(text.encode())


def websocket():
    for opcode in [0x81, 0x82, 0x01, 0x00, 0x80, 0x88, 0x89, 0x8A]:
        keep(b'\x08' + bytes([opcode, 0x85]) + bytes(4) + b'hello')
        keep(b'\xff' + bytes([opcode, 0x05]) + b'hello')
    keep(b'\x01\x82\xfe\x01\x00' + bytes(4) + bytes(256))
    keep(b'\x01\x82\xff' + bytes(5) + b'\x01\x00\x00' + bytes(4))
    keep(b'\xff' + b'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n')
    for kind in [0x11, 0x12, 0x01, 0x10, 0x18, 0x19, 0x1A]:
        keep(b'\x00' + piece(kind, b'\x03\xe8bye') + piece(0x10, b'rest'))


{'frame': frame, 'handshake': handshake, 'call': call, 'microdata': microdata, 'json': json_texts, 'invitation': invitation,
 'websocket': websocket}[decoder]()
