"""Asks a MongoDB server, in as much of its protocol as tests need: what is stored is looked at without the program."""

import socket
import struct


def encode(document):
    """As BSON: texts, whole numbers and documents."""
    body = b""
    for name, value in document.items():
        key = name.encode() + b"\0"
        if isinstance(value, str):
            body += b"\x02" + key + struct.pack("<i", len(value.encode()) + 1) + value.encode() + b"\0"
        elif isinstance(value, int):
            body += b"\x10" + key + struct.pack("<i", value)
        else:
            body += b"\x03" + key + encode(value)
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def decode(data, at=0):
    """What BSON says; of binaries, dates and the like the bytes or the number."""
    end = at + struct.unpack_from("<i", data, at)[0] - 1
    at += 4
    document = {}
    fixed = {0x01: "<d", 0x08: "<?", 0x09: "<q", 0x10: "<i", 0x11: "<q", 0x12: "<q"}
    while at < end:
        kind, zero = data[at], data.index(b"\0", at + 1)
        name, at = data[at + 1 : zero].decode(), zero + 1
        if kind in fixed:
            value = struct.unpack_from(fixed[kind], data, at)[0]
            at += struct.calcsize(fixed[kind])
        elif kind == 0x0A:
            value = None
        else:
            size = struct.unpack_from("<i", data, at)[0]
            if kind in (0x03, 0x04):
                value = decode(data, at)
                value = list(value.values()) if kind == 0x04 else value
                at += size
            else:
                assert kind in (0x02, 0x05), f"{name}: {kind}"
                value = data[at + 4 : at + 3 + size].decode() if kind == 0x02 else data[at + 5 : at + 5 + size]
                at += size + (4 if kind == 0x02 else 5)
        document[name] = value
    return document


def ask(port, command):
    """The first batch of what a command gives (OP_MSG of MongoDB's wire protocol)."""
    message = b"\0" * 5 + encode(command)
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection, connection.makefile("rb") as answer:
        connection.sendall(struct.pack("<iiii", 16 + len(message), 1, 0, 2013) + message)
        size = struct.unpack("<i", answer.read(4))[0]
        reply = decode(answer.read(size - 4)[17:])
    assert reply.get("ok") == 1, reply
    return reply["cursor"]["firstBatch"]
