"""What hostile requests get: addresses, headers, frames, tokens, queries; and what readers get who do not read."""

import asyncio
import contextlib
import json
import socket
import time

import pytest
import websockets

from people import ADMIN, People, log
from server import Server, running
from test_accounts import part, sign
from test_realtime import Stream
from test_serve import as_lines

UPGRADE = (
    b"GET /ws/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
GOOD = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture(name="people", scope="module")
def fixture_people(tmp_path_factory):
    with running(tmp_path_factory.mktemp("requests") / "data", env=ADMIN) as server:
        yield People(server)


# Addresses


@pytest.mark.parametrize(
    "target",
    [
        "/../../../../etc/passwd", "/assets/../../../../etc/passwd", "/assets/..%2f..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd", "/assets/%2e%2e%2fjwt_secret", "/assets/....//....//etc/passwd",
        "/..%5c..%5cetc%5cpasswd", "/%c0%ae%c0%ae/etc/passwd", "/%252e%252e/etc/passwd", "//etc/passwd", "/etc/passwd",
        "/./jwt_secret", "/jwt_secret", "/topoforge.db", "/docs/../jwt_secret", "/assets/..;/jwt_secret",
        "/assets/live.js%00.css", "file:///etc/passwd", "/api/anomalies/..%2f..%2f..%2fetc%2fpasswd",
    ],
)  # fmt: skip
def test_no_address_leads_out_of_what_is_served(people, target):
    secret = (people.server.folder / "jwt_secret").read_bytes().strip()
    token = people.tokens["admin"]
    head = f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
    answer = people.server.raw(head.encode())
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 404 ")), answer
    assert b'{"detail":' in answer
    assert secret not in answer and b"root:" not in answer and b"SQLite" not in answer


# Headers


def test_what_a_client_sends_adds_no_header_and_no_line_of_the_log(tmp_path):
    server = Server(tmp_path / "data", "--log-format", "json", "--trusted-proxies", "127.0.0.1")
    forged = b"forged-by-client"
    for line_end in (b"\r\n", b"\r", b"\n", b"%0d%0a", b"\\r\\n", b"\xc4\x8d\xc4\x8a", b"\x00", b"\x0b", b"\x85"):
        more = line_end + b"X-Forged: " + forged
        for request in (
            b"GET /nowhere" + more.replace(b" ", b"%20") + b" HTTP/1.1\r\nHost: x\r\n",
            b"GET /?q=" + more.replace(b" ", b"%20") + b" HTTP/1.1\r\nHost: x\r\n",
            b"GET / HTTP/1.1\r\nHost: x" + more + b"\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nX-Request-ID: a" + more + b"\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nOrigin: http://localhost:1" + more + b"\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.1" + more + b"\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a" + more + b"\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: a" + more + b"\r\n",
        ):
            answer = server.raw(request + b"Connection: close\r\n\r\n")
            head = answer.partition(b"\r\n\r\n")[0]
            assert answer.startswith(b"HTTP/1.1 ") and answer[9:10] in b"24", request
            assert answer.count(b"HTTP/1.1 ") == 1, request
            assert not any(line.startswith(b"X-Forged") for line in head.splitlines()), request
    code, _, text = server.stop()
    assert code == 0
    for line in text.splitlines():
        assert isinstance(json.loads(line), dict), line
        assert "x-forged" not in json.loads(line)


def test_an_address_of_an_account_adds_no_header_to_its_mails(people):
    for email in ("ada@example.com\r\nBcc: eve@example.com", "ada@example.com\nX: y", "ada\x00@example.com"):
        account = {"username": "injector", "email": email, "password": "Test1234"}
        status, answer = people.call(None, "POST", "/api/auth/register", account)
        assert status == 422 and answer["detail"][0]["loc"] == ["body", "email"]


SMUGGLED = b'POST /api/ingest HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n{"value":1}'


def posted(headers, body=b""):
    return b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    "request_bytes",
    [
        posted(b"Content-Length: 6\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
        posted(b"Transfer-Encoding: chunked\r\nContent-Length: 6", b"0\r\n\r\n"),
        posted(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", b"0\r\n\r\n"),
        posted(b"Transfer-Encoding: xchunked", b"0\r\n\r\n"),
        posted(b"Transfer-Encoding : chunked", b"0\r\n\r\n"),
        posted(b"Transfer-Encoding:\x0bchunked", b"0\r\n\r\n"),
        posted(b"X: y\r\n Transfer-Encoding: chunked", b"0\r\n\r\n"),
        posted(b"Transfer-Encoding:\r\n chunked", b"0\r\n\r\n"),
        posted(b"X: y\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
        posted(b"Content-Length: 0\r\nContent-Length: 99"),
        posted(b"Content-Length: 0, 99"),
        posted(b"Content-Length: +0"),
        posted(b"Content-Length: 0x0"),
        posted(b"Content-Length: 18446744073709551616"),
        posted(b"Transfer-Encoding: chunked", b"0\n\n"),
        posted(b"Transfer-Encoding: chunked", b"0x0\r\n\r\n"),
        posted(b"Transfer-Encoding: chunked", b"-0\r\n\r\n"),
        posted(b"Transfer-Encoding: chunked", b"10000000000000000\r\n"),
        b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nHost: y\r\nContent-Length: 0\r\n\r\n",
        b"GET / HTTP/1.1\r\rHost: x\r\n\r\n",
    ],
)
def test_a_request_hidden_in_another_is_none(people, request_bytes):
    before = people.server.get("/health")[1]["events"]
    answer = people.server.raw(request_bytes + SMUGGLED + GOOD)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 ", b"HTTP/1.1 501 ")), answer
    assert answer.count(b"HTTP/1.1 ") == 1 and b"Connection: close" in answer
    assert people.server.get("/health")[1]["events"] == before


# Slow clients


def test_who_reads_no_live_stream_is_cut_off_and_others_hear_everything(tmp_path):
    """The messages that wait for one client are bounded, in memory too."""
    text = {name: "x" * 200 for name in "abcd"}
    events = [{"source": "s", "value": i % 7, "attributes": text} for i in range(2000)]
    with running(tmp_path / "data", "--window", "8", "--max-dimension", "0") as server:

        async def talk():
            deaf = socket.socket()
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", server.port))
            deaf.sendall(UPGRADE)
            assert deaf.recv(12) == b"HTTP/1.1 101"
            heard, sent = 0, 0
            async with server.socket(max_queue=None) as listener:
                while sent < 40_000 and server.get("/health")[1]["slow_readers"] == 0:
                    status, _ = await asyncio.to_thread(server.post, as_lines(events))
                    assert status == 200
                    sent += len(events)
                    while heard < sent:
                        message = json.loads(await asyncio.wait_for(listener.recv(), 20))
                        assert message["type"] == "analysis"
                        heard += 1
                # A client that is cut off has some seconds to say goodbye, which this one does not.
                end = time.monotonic() + 20
                while server.get("/health")[1]["watchers"] > 1:
                    assert time.monotonic() < end
                    await asyncio.sleep(0.1)
                assert server.get("/health")[1]["slow_readers"] == 1
            deaf.close()

        asyncio.run(talk())


def test_clients_that_never_finish_their_head_do_not_keep_others_out(people):
    slow = []
    try:
        for i in range(300):
            connection = socket.create_connection(("127.0.0.1", people.server.port), timeout=20)
            connection.sendall((b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"G", b"")[i % 3])
            slow.append(connection)
        began = time.monotonic()
        for connection in slow[:50]:
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"a")
            assert people.server.get("/health")[0] == 200
        assert time.monotonic() - began < 10
    finally:
        for connection in slow:
            connection.close()


# WebSocket frames


def frame(first_byte, payload, announced=None):
    size = len(payload) if announced is None else announced
    if size < 126:
        length = bytes([0x80 | size])
    else:
        length = b"\xfe" + size.to_bytes(2, "big") if size < 65536 else b"\xff" + size.to_bytes(8, "big")
    return bytes([first_byte]) + length + b"\0\0\0\0" + payload


@pytest.mark.parametrize(
    "sent, code",
    [
        (frame(0x81, b"{", announced=1 << 30), 1009),
        (frame(0x81, b"{", announced=(1 << 63) - 1), 1009),
        (frame(0x81, b'{"value": "\xff"}'), 1007),
        (b"\x81\x01x", 1002),
        (frame(0xC1, b"reserved bit"), 1002),
        (frame(0x83, b"reserved opcode"), 1002),
        (frame(0x09, b"ping in pieces"), 1002),
        (frame(0x80, b"nothing to continue"), 1002),
        (frame(0x88, b"\x03"), 1002),
    ],
)
def test_frames_that_are_none_end_their_connection_alone(people, sent, code):
    async def talk():
        async with people.server.socket() as other:
            with socket.create_connection(("127.0.0.1", people.server.port), timeout=20) as hostile:
                hostile.sendall(UPGRADE)
                received = b""
                while b"\r\n\r\n" not in received:
                    received += hostile.recv(65536)
                received = received.partition(b"\r\n\r\n")[2]
                hostile.sendall(sent)
                while len(received) < 4:
                    part_of_it = hostile.recv(65536)
                    assert part_of_it, "closed without a code"
                    received += part_of_it
            assert received[0] == 0x88 and int.from_bytes(received[2:4], "big") == code
            await other.send('{"source": "other", "value": 1}')
            assert json.loads(await asyncio.wait_for(other.recv(), 20))["type"] == "analysis"

    asyncio.run(talk())


@pytest.mark.parametrize(
    "message",
    ["[" * 5000, '{"value": ', '{"value": 1, "value": 2}', '{"value": NaN}', '{"value": 1e999}', '{"value": "1"}',
     '{"value": {"$gt": ""}}', '{"value": 1}\x00', '{"type": "config", "payload": {"anomaly_threshold": "1e999"}}',
     '{"type": "config", "payload": {"anomaly_threshold": {"$gt": 0}}}'],
)  # fmt: skip
def test_a_hostile_message_is_answered_with_its_place(people, message):
    async def talk():
        async with people.server.socket() as client:
            await client.send(message)
            answer = json.loads(await asyncio.wait_for(client.recv(), 20))
            assert answer["type"] == "error"
            assert answer["detail"][0]["loc"][0] == "body" and answer["detail"][0]["msg"]
            await client.send('{"source": "hostile", "value": 1}')
            assert json.loads(await asyncio.wait_for(client.recv(), 20))["type"] == "analysis"

    asyncio.run(talk())


# Tokens


@pytest.fixture(name="closed", scope="module")
def fixture_closed(tmp_path_factory):
    """A server whose stream is for accounts alone."""
    environment = {**ADMIN, "TOPOFORGE_OPEN_STREAM": "false"}
    with running(tmp_path_factory.mktemp("closed") / "data", env=environment) as server:
        yield People(server)


def forged_tokens(server, token):
    """Signed with the server's own secret, each with one thing that is wrong."""
    key = (server.folder / "jwt_secret").read_bytes().strip()
    header, claims = part(token, 0), part(token, 1)
    now = int(time.time())
    assert server.request("GET", "/api/auth/me", headers=bearer(sign(header, claims, key)))[0] == 200
    wrong = {
        "none": ({"alg": "none"}, claims), "another algorithm": ({"alg": "HS512"}, claims),
        "audience": (header, {**claims, "aud": "another service"}),
        "audiences": (header, {**claims, "aud": ["x", "y"]}),
        "no expiry": (header, {name: value for name, value in claims.items() if name != "exp"}),
        "expired": (header, {**claims, "iat": now - 90_000, "exp": now - 3600}),
        "of the future": (header, {**claims, "iat": now + 3600, "exp": now + 7200}),
        "not yet": (header, {**claims, "nbf": now + 3600}), "for ever": (header, {**claims, "exp": now + 10**9}),
        "of nobody": (header, {**claims, "user_id": "00000000000000ff"}),
        "of no session": (header, {**claims, "jti": "x.y"}),
        "an operator": (header, {**claims, "user_id": {"$gt": ""}}),
    }  # fmt: skip
    return {name: sign(head, payload, key) for name, (head, payload) in wrong.items()}


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def test_a_token_with_one_wrong_claim_is_refused_wherever_one_is_asked_for(closed):
    server = closed.server

    async def opens(token):
        try:
            async with server.socket(extra_headers=bearer(token)):
                return 101
        except websockets.InvalidStatusCode as refused:
            return refused.status_code

    before = server.get("/health")[1]["events"]
    for name, token in forged_tokens(server, closed.tokens["admin"]).items():
        for method, path in [("GET", "/api/users"), ("POST", "/api/ingest"), ("GET", "/api/realtime/stream")]:
            status, headers, body = server.request(method, path, '{"value": 1}', bearer(token))
            assert status == 401, (name, path)
            assert headers["WWW-Authenticate"] == "Bearer" and json.loads(body)["detail"] == "Invalid credentials"
        assert asyncio.run(opens(token)) == 401, name
    assert server.get("/health")[1]["events"] == before


ENDS = ["deleted", "inactive", "signed-out"]
ENDS_WITHIN_SECONDS = 3


def goes(people, name, how):
    """An account and its token; and what ends it: it is deleted, may not sign in any more, or signs out."""
    account = {"username": name, "email": f"{name}@example.com", "password": "Test1234"}
    made = people.call(None, "POST", "/api/auth/register", account)[1]
    people.tokens[name] = made["access_token"]
    path = f"/api/users/{made['user']['id']}"
    end = {
        "deleted": lambda: people.call("admin", "DELETE", path),
        "inactive": lambda: people.call("admin", "PUT", path, {"is_active": False}),
        "signed-out": lambda: people.call(name, "POST", "/api/auth/logout"),
    }[how]
    return bearer(made["access_token"]), end


def test_who_has_no_account_any_more_is_told_of_no_anomaly(closed):
    """On a connection that was opened before, too."""
    with contextlib.ExitStack() as stack:
        streams = {}
        for how in ENDS:
            token, end = goes(closed, f"follower-{how}", how)
            streams[how] = stack.enter_context(Stream(closed.server, **token))
            assert log(closed)["id"] == streams[how].event()["id"]
            assert end()[0] in (200, 204)
        time.sleep(ENDS_WITHIN_SECONDS)
        secret = log(closed, source="secret")["id"].encode()
        told = dict.fromkeys(ENDS, b"")
        for how, stream in streams.items():
            while secret not in told[how] and (line := stream.response.readline()):
                told[how] += line
        assert [how for how in ENDS if secret in told[how]] == []


def test_who_has_no_account_any_more_sends_no_event(closed):
    async def talk():
        async with contextlib.AsyncExitStack() as stack:
            clients = []
            for how in ENDS:
                token, end = goes(closed, f"sender-{how}", how)
                client = await stack.enter_async_context(closed.server.socket(extra_headers=token))
                await client.send('{"source": "before", "value": 1}')
                assert json.loads(await asyncio.wait_for(client.recv(), 20))["type"] == "analysis"
                assert end()[0] in (200, 204)
                clients.append(client)
            await asyncio.sleep(ENDS_WITHIN_SECONDS)
            before = closed.server.get("/health")[1]["events"]
            for client in clients:
                with contextlib.suppress(websockets.ConnectionClosed):
                    await client.send('{"source": "after", "value": 1}')
                    await asyncio.wait_for(client.recv(), 20)
            assert closed.server.get("/health")[1]["events"] == before

    asyncio.run(talk())


# Queries


WRONG_NUMBERS = ["-1", "0", "99999999999999999999", "9223372036854775807", "18446744073709551617", "two", "1.5", "",
                 "0x10", "NaN", "%7B%22%24gt%22%3A1%7D"]  # fmt: skip


def parameters_of(people, name):
    document = people.call(None, "GET", "/openapi.json")[1]
    return [
        path
        for path, operations in document["paths"].items()
        for parameter in operations.get("get", {}).get("parameters", [])
        if parameter["name"] == name
    ]


@pytest.mark.parametrize("name", ["page", "limit"])
def test_no_list_takes_a_page_that_is_none(people, name):
    paths = parameters_of(people, name)
    assert len(paths) >= 3
    for path in paths:
        for value in WRONG_NUMBERS:
            status, answer = people.call("admin", "GET", f"{path}?{name}={value}")
            assert status == 422, (path, value, answer)
            assert answer["detail"][0]["loc"] == ["query", name]
        assert people.call("admin", "GET", f"{path}?{name}=1&{name}=2")[0] == 422
        assert people.call("admin", "GET", f"{path}?page=1000000&limit=1000")[1]["data"] == []


def test_no_range_of_time_may_be_turned_round(people):
    paths = parameters_of(people, "end_date")
    assert set(paths) == {"/api/anomalies/", "/api/anomalies/stats", "/api/anomalies/export"}
    for path in paths:
        for start, end in [("2026-02-02", "2026-02-01"), ("9999-12-31", "0001-01-01"), ("2", "1"),
                           ("2026-01-01T12:00:00Z", "2026-01-01T12:30:00%2B01:00")]:  # fmt: skip
            status, answer = people.call("viewer", "GET", f"{path}?start_date={start}&end_date={end}")
            assert status == 422 and answer["detail"][0]["loc"] == ["query", "end_date"], (path, start, end)
            assert "start_date" in answer["detail"][0]["msg"]
        for value in ("2026-02-30", "NaN", "1e999", "99999999999999999999", "", "soon", "%7B%22%24gt%22%3A0%7D"):
            status, answer = people.call("viewer", "GET", f"{path}?start_date={value}")
            assert status == 422 and answer["detail"][0]["loc"] == ["query", "start_date"], (path, value)
