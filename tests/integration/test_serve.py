"""`topoforge serve` from outside: HTTP, WebSocket, the store, and what bad input gets."""

import asyncio
import contextlib
import http.client
import json
import math
import os
import random
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import time

import pytest
import websockets

from program import BINARY, sanitized
from server import Server, clean_environment, run_serve, running

HEADER_LIMIT = 16 * 1024
BODY_LIMIT = 8 * 1024 * 1024
MESSAGE_LIMIT = 1024 * 1024


@pytest.fixture(name="server")
def fixture_server(tmp_path):
    with running(tmp_path / "data", "--window", "20") as server:
        yield server


def normal_events(count, source="demo", seed=1):
    """A noisy circle: two channels in step."""
    rng = random.Random(seed)
    return [
        {
            "source": source,
            "values": {
                "a": math.sin(0.3 * i) + rng.gauss(0, 0.05),
                "b": math.cos(0.3 * i) + rng.gauss(0, 0.05),
            },
        }
        for i in range(count)
    ]


def burst_events(count, source="demo", seed=2):
    rng = random.Random(seed)
    return [
        {"source": source, "values": {"a": 15 + rng.gauss(0, 3), "b": -15 + rng.gauss(0, 3)}} for _ in range(count)
    ]


def anomaly_ids(answer):
    """Of the anomalies that an answer to events says are kept."""
    return [one["anomaly_id"] for one in answer["results"] if one.get("anomaly_id")]


def post_burst(server, count, seed):
    status, answer = server.post(burst_events(count, seed=seed))
    assert status == 200, answer
    ids = anomaly_ids(answer)
    assert ids
    return ids


def as_lines(events):
    return "\n".join(json.dumps(event) for event in events) + "\n"


# The addresses


def test_a_program_and_a_browser_find_what_they_want_at_the_root(server):
    status, answer = server.get("/")
    assert status == 200
    assert answer["status"] == "online" and answer["system"] == "TopoForge" and answer["version"]

    status, headers, page = server.request("GET", "/", headers={"Accept": "text/html,application/xhtml+xml;q=0.9"})
    assert status == 200 and headers["Content-Type"].startswith("text/html")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe-inline" not in policy
    assert b"<script>" not in page and b"style=" not in page
    for asset in re.findall(rb'(?:src|href)="(/assets/[^"]+)"', page):
        status, headers, _ = server.request("GET", asset.decode())
        assert status == 200 and headers["X-Content-Type-Options"] == "nosniff"


def test_health_tells_the_state(server):
    server.post(normal_events(3))
    status, health = server.get("/health")
    assert status == 200
    assert health["status"] == "ok" and health["store"] == {"status": "ok", "detail": None}
    assert health["streams"] == 1 and health["events"] == 3 and health["queue_depth"] == 0
    assert health["uptime_seconds"] > 0


def test_workers_and_connections_are_as_many_as_were_asked_for(tmp_path):
    with running(tmp_path / "data", "--workers", "3", "--max-connections", "2") as server, contextlib.ExitStack() as held:
        for _ in range(2):
            connection = held.enter_context(
                contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20))
            )
            connection.request("GET", "/health")
            answer = connection.getresponse()
            assert answer.status == 200 and json.loads(answer.read())["shards"] == 3
        assert server.request("GET", "/health")[0] == 503


def test_unknown_addresses_and_methods(server):
    assert server.get("/nowhere") == (404, {"detail": "Not Found"})
    assert server.get("/api/anomalies/00000000000000ff") == (404, {"detail": "Anomaly not found"})
    status, headers, body = server.request("DELETE", "/api/ingest")
    assert (status, headers["Allow"], json.loads(body)) == (405, "POST", {"detail": "Method Not Allowed"})
    status, headers, _ = server.request("POST", "/health", "x")
    assert (status, headers["Allow"]) == (405, "GET, HEAD")
    assert server.request("GET", "/ws/stream")[0] == 426


def test_answers_are_safe_in_a_browser(server):
    for path in ("/", "/api/anomalies", "/nowhere"):
        _, headers, _ = server.request("GET", path)
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["Referrer-Policy"] == "no-referrer" and headers["Strict-Transport-Security"] is None
        assert headers["Cache-Control"] == ("no-store" if path.startswith("/api/") else None)


def test_head_has_the_headers_of_get_alone(server):
    _, of_get, body = server.request("GET", "/")
    status, of_head, nothing = server.request("HEAD", "/")
    assert status == 200 and nothing == b""
    assert of_head["Content-Length"] == of_get["Content-Length"] == str(len(body))


def test_anomaly_queries_are_checked(server):
    status, answer = server.get("/api/anomalies?page=0&limit=1001&min_score=x")
    assert status == 422
    assert [(one["loc"], one["type"]) for one in answer["detail"]] == [
        (["query", "min_score"], "float_parsing"),
        (["query", "page"], "greater_than_equal"),
        (["query", "limit"], "less_than_equal"),
    ]
    assert server.get("/api/anomalies?page=abc")[1]["detail"][0]["type"] == "int_parsing"
    status, answer = server.get("/api/anomalies/?limit=1000&source=a%20b")
    assert status == 200
    assert answer == {
        "data": [], "page": 1, "limit": 1000, "total": 0, "total_is_exact": True, "next_cursor": None,
    }  # fmt: skip
    assert server.request("GET", "/api/anomalies?source=%zz")[0] == 400


# Events


def test_one_event_an_array_and_lines(server):
    status, answer = server.post({"value": 0.5})
    assert status == 200
    assert (answer["accepted"], answer["rejected"], answer["buffered"], answer["anomalies"]) == (1, 0, 1, 0)
    assert answer["results"][0]["data"] == {"status": "buffering", "count": 1, "events_until_verdict": 19}
    assert server.post(normal_events(2, "array"))[1]["accepted"] == 2
    assert server.post(as_lines(normal_events(3, "lines")))[1]["accepted"] == 3
    lines = "\ufeff\r\n" + as_lines(normal_events(1, "crlf")).replace("\n", "\r\n") + "\n\n"
    assert server.post(lines.encode(), **{"Content-Type": "application/x-ndjson; charset=utf-8"})[1]["accepted"] == 1
    pretty = json.dumps(normal_events(2, "pretty"), indent=2)
    assert server.post(pretty)[1]["accepted"] == 2
    assert server.post(json.dumps(normal_events(1)[0], indent=2))[1]["accepted"] == 1


def test_an_own_type_is_no_error(server):
    status, answer = server.post({"type": "edit", "size": 12, "user": "x"})
    assert status == 200 and answer["accepted"] == 1


def test_a_repeated_id_is_not_counted_twice(server):
    server.post({"id": "e1", "value": 1})
    status, answer = server.post({"id": "e1", "value": 1})
    assert status == 200 and answer["results"][0]["status"] == "duplicate"


def test_events_with_errors_are_named_and_none_is_taken_in(server):
    status, answer = server.post({"values": {"cpu": "high"}})
    assert status == 422
    assert answer["detail"][0]["loc"] == ["body", "values", "cpu"]
    assert set(answer["detail"][0]) == {"loc", "msg", "type"}

    events = [{"value": 1}, {"value": "x"}, {"value": 2}, {"values": {}}]
    status, answer = server.post(events)
    assert status == 422
    assert [one["loc"] for one in answer["detail"]] == [["body", 1, "value"], ["body", 3, "values"]]

    status, answer = server.post('{"value": 1}\n\n{"value": }\n')
    assert status == 422
    assert answer["detail"][0]["loc"][:2] == ["body", 1] and answer["detail"][0]["msg"].startswith("line 3: ")
    assert server.get("/health")[1]["events"] == 0

    status, answer = server.post([{"value": None}] * 500)
    assert status == 422 and len(answer["detail"]) == 101 and "400 more" in answer["detail"][-1]["msg"]


@pytest.mark.parametrize(
    "body",
    ["", " ", "{", "[]", "[1]", "null", "3", '"x"', '{"value": NaN}', '{"value": 1e999}', "\x00", "[" * 5000]
    + [b"\xff\xfe", '{"value": 1} trailing', '{"value": 1, "value": 2}', '{"value": true}'],
)
def test_bodies_that_are_no_events(server, body):
    status, answer = server.post(body)
    assert status == 422
    assert all(one["loc"][0] == "body" and one["msg"] and one["type"] for one in answer["detail"])


def test_an_unknown_channel_is_refused_by_its_stream(server):
    server.post({"source": "s", "values": {"a": 1}})
    status, answer = server.post({"source": "s", "values": {"a": 1, "z": 2}})
    assert status == 422 and "z" in answer["detail"][0]["msg"] and answer["detail"][0]["loc"] == ["body", "values"]
    status, answer = server.post([{"source": "s", "values": {"a": 2}}, {"source": "s", "values": {"z": 2}}])
    assert status == 200 and (answer["accepted"], answer["rejected"]) == (1, 1)
    assert answer["results"][1]["status"] == "rejected" and "z" in answer["results"][1]["error"]


def test_a_burst_is_found_over_http_and_kept(server):
    status, answer = server.post(as_lines(normal_events(400)))
    assert status == 200 and answer["accepted"] == 400
    before = server.get("/api/anomalies?source=demo")[1]["total"]
    assert before == answer["anomalies"]
    status, answer = server.post(burst_events(15))
    assert status == 200 and answer["anomalies"] >= 1
    kept = [one for one in answer["results"] if one["is_anomaly"]]
    assert len(kept) == answer["anomalies"] and all(one["anomaly_id"] for one in kept)

    status, page = server.get("/api/anomalies?source=demo&limit=1000")
    assert page["total"] == before + len(kept)
    assert [one["id"] for one in page["data"]][: len(kept)] == [one["anomaly_id"] for one in reversed(kept)]
    status, anomaly = server.get("/api/anomalies/" + kept[0]["anomaly_id"])
    assert status == 200
    assert anomaly["is_anomaly"] and anomaly["original_event"]["source"] == "demo"
    assert anomaly["anomaly_score"] == kept[0]["anomaly_score"]
    assert anomaly["timestamp"] and anomaly["stored_at"] and anomaly["explanation"]
    assert server.get("/api/anomalies?min_score=1")[1]["total"] <= page["total"]
    assert server.get("/api/anomalies?source=other")[1]["total"] == 0
    paged = [server.get(f"/api/anomalies?limit=1&page={i + 1}")[1]["data"][0]["id"] for i in range(3)]
    assert paged == [one["id"] for one in page["data"]][:3]


# HTTP itself


def test_the_answer_tells_of_the_verdicts_that_are_asked_for(server):
    events = [*normal_events(400), *burst_events(15), {"values": {"unknown": 1}}]

    def told(verdicts, source):
        body = json.dumps([{**event, "source": source} for event in events])
        status, _, answer = server.request("POST", f"/api/ingest{verdicts}", body, {"Content-Type": "application/json"})
        assert status == 200, answer
        answer = json.loads(answer)
        return answer, [result["index"] for result in answer["results"]]

    everything, indices = told("", "asked-1")
    assert indices == list(range(len(events))) and everything["anomalies"] > 0
    some, indices = told("?verdicts=anomalies", "asked-2")
    alarmed = [r["index"] for r in everything["results"] if r.get("is_anomaly") or r["status"] == "rejected"]
    assert indices == alarmed and len(events) - 1 in indices
    none, indices = told("?verdicts=none", "asked-3")
    assert indices == []
    for counted in ("accepted", "rejected", "buffered", "anomalies"):
        assert everything[counted] == some[counted] == none[counted]
    status, _, answer = server.request("POST", "/api/ingest?verdicts=few", '{"value": 1}', {})
    assert status == 422 and json.loads(answer)["detail"][0]["loc"] == ["query", "verdicts"]


def test_limits_of_a_request(server):
    status, answer = server.post(b" " * (BODY_LIMIT + 1))
    assert (status, answer) == (413, {"detail": "Request body too large"})
    chunked = b"POST /api/ingest HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    assert server.raw(chunked + 9 * chunk).startswith(b"HTTP/1.1 413 ")
    assert server.raw(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * HEADER_LIMIT + b"\r\n\r\n").startswith(
        b"HTTP/1.1 431 "
    )
    status, answer = server.post(b'{"value":1}\n' * 100_001)
    assert status == 422 and "100000" in answer["detail"][0]["msg"]
    assert server.get("/")[0] == 200


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /api/ingest HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/ingest HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"POST /api/ingest HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/ingest HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20,
    ],
)
def test_malformed_requests(server, request_bytes):
    assert server.raw(request_bytes).startswith(b"HTTP/1.1 400 ")
    assert server.get("/")[0] == 200


def test_keep_alive_pipelining_and_close(server):
    one = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    received = server.raw(2 * one + last + one)
    assert received.count(b"HTTP/1.1 200 OK") == 3
    assert received.count(b"Connection: close") == 1 and received.endswith(b"}")
    assert server.raw(b"GET / HTTP/1.0\r\n\r\n").count(b"HTTP/1.1 200") == 1


def test_expect_continue_and_chunks(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(
            b"POST /api/ingest HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n"
            b"Connection: close\r\n\r\n"
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 Continue\r\n")
        connection.sendall(b'6\r\n{"valu\r\n5\r\ne":1}\r\n0\r\n\r\n')
        received = b""
        while part := connection.recv(65536):
            received += part
    assert received.startswith(b"HTTP/1.1 200 OK") and b'"accepted":1' in received


def test_slow_clients_do_not_hold_up_others(server):
    slow = []
    for start in (b"GET /he", b"POST /api/ingest HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"):
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        connection.sendall(start)
        slow.append(connection)
    began = time.monotonic()
    for _ in range(20):
        assert server.get("/")[0] == 200
    assert time.monotonic() - began < 10
    for connection in slow:
        connection.close()


EVIL = {"Origin": "https://evil.example"}
SIGN_UP = {
    "/api/auth/register": {"username": "mallory", "email": "mallory@evil.example", "password": "Test123!"},
    "/api/auth/forgot-password": {"email": "ada@example.com"},
}


def opens_a_socket(server, origin):
    async def talk():
        try:
            async with server.socket(origin=origin) as client:
                await client.send('{"value": 1}')
                return json.loads(await client.recv())["type"] == "analysis"
        except websockets.InvalidStatusCode as refused:
            assert refused.status_code == 403
            return False

    return asyncio.run(talk())


def test_a_front_end_on_this_machine_works_without_configuration(server):
    front_end = {"Origin": "http://localhost:5173"}
    status, headers, _ = server.request("POST", "/api/ingest", '{"value":1}', front_end)
    assert status == 200 and headers["Access-Control-Allow-Origin"] == "http://localhost:5173"
    assert "X-Request-ID" in headers["Access-Control-Expose-Headers"]
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    status, headers, _ = server.request("OPTIONS", "/api/ingest", headers={**front_end, **ask})
    assert status == 204 and headers["Access-Control-Allow-Methods"] == "POST"
    assert "Authorization" in headers["Access-Control-Allow-Headers"]
    assert opens_a_socket(server, "http://localhost:5173")
    assert server.request("POST", "/api/auth/register", json.dumps(SIGN_UP["/api/auth/register"]), front_end)[0] == 200


def test_foreign_pages_are_kept_from_what_is_open(server):
    status, headers, body = server.request("POST", "/api/ingest", '{"value":1}', EVIL)
    assert status == 403 and headers["Access-Control-Allow-Origin"] is None
    assert "CORS_ORIGINS" in json.loads(body)["detail"]
    assert server.request("GET", "/api/anomalies", headers=EVIL)[0] == 401, "a token is what it lacks"
    for path, wanted in SIGN_UP.items():
        assert server.request("POST", path, json.dumps(wanted), EVIL)[0] == 403, f"{path} would give it one"
    assert not opens_a_socket(server, "https://evil.example") and not opens_a_socket(server, "null")
    status, headers, _ = server.request("GET", "/health", headers=EVIL)
    assert status == 200 and headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Allow-Credentials"] is None
    rebound = {"Host": f"evil.example:{server.port}", "Origin": f"http://evil.example:{server.port}"}
    assert server.request("POST", "/api/ingest", '{"value":1}', rebound)[0] == 403
    for path, wanted in SIGN_UP.items():
        assert server.request("POST", path, json.dumps(wanted), rebound)[0] == 403
    assert server.request("GET", "/api/anomalies", headers={"Host": rebound["Host"]})[0] == 401
    assert server.get("/health")[1]["events"] == 0


def test_a_list_of_origins_says_which_pages_may(tmp_path):
    with running(tmp_path / "data", env={"CORS_ORIGINS": "https://app.example, http://localhost:5173/"}) as server:
        assert server.request("POST", "/api/ingest", '{"value":1}', EVIL)[0] == 403
        status, headers, _ = server.request("GET", "/health", headers=EVIL)
        assert status == 200 and headers["Access-Control-Allow-Origin"] is None
        good = {"Origin": "https://app.example"}
        status, headers, _ = server.request("POST", "/api/ingest", '{"value":1}', good)
        assert status == 200 and headers["Access-Control-Allow-Origin"] == "https://app.example"
        own = {"Origin": f"http://127.0.0.1:{server.port}"}
        assert server.request("POST", "/api/ingest", '{"value":1}', own)[0] == 200
        ask = {"Access-Control-Request-Method": "POST"}
        assert server.request("OPTIONS", "/api/ingest", headers={**good, **ask})[0] == 204
        assert server.request("OPTIONS", "/api/ingest", headers={**EVIL, **ask})[0] == 403
        assert opens_a_socket(server, "https://app.example") and not opens_a_socket(server, "https://evil.example")


def test_a_star_that_is_written_opens_everything(tmp_path):
    with running(tmp_path / "data", env={"CORS_ORIGINS": "*"}) as server:
        status, headers, _ = server.request("POST", "/api/ingest", '{"value":1}', EVIL)
        assert status == 200 and headers["Access-Control-Allow-Origin"] == "*"
        assert opens_a_socket(server, "https://evil.example")


# The WebSocket


def test_every_form_of_message_is_answered(server):
    async def talk():
        async with server.socket() as client:

            async def ask(message):
                await client.send(message if isinstance(message, str) else json.dumps(message))
                return json.loads(await asyncio.wait_for(client.recv(), 20))

            raw = await ask({"source": "ws", "value": 1})
            assert raw["type"] == "analysis"
            assert raw["data"]["status"] == "buffering" and raw["data"]["count"] == 1
            assert raw["original_event"] == {"source": "ws", "values": {"value": 1}}
            wrapped = await ask({"type": "event", "payload": {"source": "ws", "value": 2}})
            assert wrapped["data"]["count"] == 2
            own_type = await ask({"type": "log", "source": "ws", "value": 3})
            assert own_type["data"]["count"] == 3
            config = await ask({"type": "config", "payload": {"anomaly_threshold": 35, "other": "x"}})
            assert config == {"type": "config", "data": {"anomaly_threshold": 35}}

            for wrong, loc in [
                ("{", ["body"]),
                ("", ["body"]),
                ("[1]", ["body"]),
                ('{"type":"event","payload":{"value":"x"}}', ["body", "payload", "value"]),
                ('{"type":"config","payload":{"anomaly_threshold":101}}', ["body", "payload", "anomaly_threshold"]),
                ('{"type":"config","payload":{}}', ["body", "payload", "anomaly_threshold"]),
                ('{"type":"config","payload":3}', ["body", "payload"]),
                ('{"source":"ws","values":{"other":1}}', ["body", "values"]),
            ]:
                answer = await ask(wrong)
                assert answer["type"] == "error" and answer["detail"][0]["loc"] == loc, wrong
            assert (await ask({"source": "ws", "value": 4}))["data"]["count"] == 4

    asyncio.run(talk())


def test_a_burst_is_told_to_every_client_and_a_threshold_is_ones_own(server):
    async def talk():
        async with server.socket() as sender, server.socket() as watcher, server.socket() as strict:
            await strict.send('{"type":"config","payload":{"anomaly_threshold":0}}')
            assert json.loads(await strict.recv())["type"] == "config"
            events = normal_events(200, "ws") + burst_events(15, "ws")
            heard = {"sender": [], "watcher": [], "strict": []}

            async def listen(client, name):
                while len(heard[name]) < len(events):
                    heard[name].append(json.loads(await asyncio.wait_for(client.recv(), 60)))

            async def send():
                for event in events:
                    await sender.send(json.dumps(event))

            await asyncio.gather(
                send(), listen(sender, "sender"), listen(watcher, "watcher"), listen(strict, "strict")
            )
            assert heard["sender"] == heard["watcher"]
            data = [message["data"] for message in heard["sender"]]
            assert [one.get("status") for one in data[:19]] == ["buffering"] * 19
            assert [one["sequence"] for one in data[19:]] == list(range(19, len(events)))
            last = data[-1]
            assert {"betti_numbers", "anomaly_score", "is_anomaly", "scores", "topology_features"} <= set(last)
            assert set(last["scores"]) == {"total", "betti", "entropy", "ml"}
            assert set(last["topology_features"]["landscape"]) == {"x", "y"}
            assert {"risk_level", "confidence", "threats", "mitigation"} <= set(last["security_analysis"])
            assert any(one["is_anomaly"] and one["anomaly_id"] for one in data[200:])

            for mine, theirs in zip(heard["strict"], heard["sender"]):
                if "status" in theirs["data"]:
                    assert mine == theirs
                    continue
                assert mine["data"]["anomaly_score"] == theirs["data"]["anomaly_score"]
                assert mine["data"]["is_anomaly"] == (mine["data"]["anomaly_score"] > 0)
                assert (mine["data"]["threshold"], theirs["data"]["threshold"]) == (0, 0.5)
        kept = sum(1 for one in data if one.get("is_anomaly"))
        assert server.get("/api/anomalies?source=ws")[1]["total"] == kept

    asyncio.run(talk())


def test_messages_that_cannot_be_read_are_answered(server):
    async def talk():
        async with server.socket() as client:

            async def ask(message):
                await client.send(message)
                return json.loads(await asyncio.wait_for(client.recv(), 20))

            answer = await ask(b"\x00\x01")
            assert answer["type"] == "error" and "binary" in answer["detail"]
            answer = await ask('"' + "x" * MESSAGE_LIMIT + '"')
            assert answer["type"] == "error" and str(MESSAGE_LIMIT) in answer["detail"]
            answer = await ask(" " * (32 * 1024 * 1024))
            assert answer["type"] == "error"
            assert (await ask('{"value": 1}'))["type"] == "analysis"
        async with server.socket() as client:
            with contextlib.suppress(websockets.ConnectionClosed):
                await client.send(" " * (65 * 1024 * 1024))
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await client.recv()
            assert closed.value.rcvd is None or closed.value.rcvd.code == 1009
        async with server.socket() as client:
            assert (await client.ping()) is not None
            await client.send('{"value": 1}')
            assert json.loads(await client.recv())["type"] == "analysis"

    asyncio.run(talk())


def test_a_thousand_quick_messages_are_all_answered_in_order(server):
    async def talk():
        async with server.socket(max_queue=None) as client:
            for i in range(1000):
                await client.send(json.dumps({"source": "quick", "id": f"e{i}", "value": i % 7}))
            for i in range(1000):
                answer = json.loads(await asyncio.wait_for(client.recv(), 60))
                assert answer["original_event"]["id"] == f"e{i}"

    asyncio.run(talk())


# Life and death


def test_what_was_acknowledged_survives_a_kill(tmp_path):
    folder = tmp_path / "data"
    server = Server(folder, "--window", "20")
    acknowledged = []
    server.post(normal_events(200))
    for event in burst_events(40):
        result = server.post(event)[1]["results"][0]
        if result["status"] == "analyzed" and result["is_anomaly"]:
            acknowledged.append(result["anomaly_id"])
    server.process.kill()
    server.process.communicate(timeout=20)
    assert acknowledged
    with running(folder) as again:
        kept = [one["id"] for one in again.get("/api/anomalies?limit=1000")[1]["data"]]
        assert set(acknowledged) <= set(kept)
        assert all(again.get("/api/anomalies/" + one)[0] == 200 for one in acknowledged)


def test_sigterm_finishes_what_runs(tmp_path):
    server = Server(tmp_path / "data")

    async def talk():
        async with server.socket() as client:
            await client.send('{"value": 1}')
            await client.recv()
            events = 300 if sanitized() else 1500  # longer than a signal takes, shorter than the server waits
            body = as_lines(normal_events(events, "long")).encode()
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            head = f"POST /api/ingest HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
            first = json.loads(await client.recv())
            assert first["original_event"]["source"] == "long"  # the request runs
            server.process.send_signal(signal.SIGTERM)
            answer = await asyncio.wait_for(reader.read(), 60)
            assert answer.startswith(b"HTTP/1.1 200 OK") and f'"accepted":{events}'.encode() in answer
            assert b"Connection: close" in answer
            with pytest.raises(websockets.ConnectionClosed) as closed:
                while True:
                    await client.recv()
            assert closed.value.rcvd.code == 1001

    asyncio.run(talk())
    code, _, error = server.wait()
    assert code == 0, error


def test_sigint_stops_an_idle_server_at_once(tmp_path):
    server = Server(tmp_path / "data")
    idle = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    began = time.monotonic()
    server.process.send_signal(signal.SIGINT)
    server.process.communicate(timeout=20)
    idle.close()
    assert server.process.returncode == 0 and time.monotonic() - began < 5


def test_two_servers_side_by_side(tmp_path):
    with running(tmp_path / "one") as one, running(tmp_path / "two") as two:
        one.post({"value": 1})
        assert one.get("/health")[1]["events"] == 1 and two.get("/health")[1]["events"] == 0


def test_options_go_before_the_environment(tmp_path):
    env = {"TOPOFORGE_DATA_DIR": str(tmp_path / "env"), "PORT": "1"}
    with running(tmp_path / "option", env=env):
        assert (tmp_path / "option" / "topoforge.db").exists() and not (tmp_path / "env").exists()
        assert os.stat(tmp_path / "option").st_mode & 0o777 == 0o700
    failed = run_serve("--port", "0", env={"TOPOFORGE_DATA_DIR": "/proc/nowhere"})
    assert failed.returncode == 1 and "/proc/nowhere" in failed.stderr
    for port in ("abc", "70000", "-1"):
        failed = run_serve("--data-dir", str(tmp_path / "x"), env={"PORT": port})
        assert failed.returncode == 2 and "--port" in failed.stderr


def one_line(failed):
    return failed.returncode == 1 and failed.stderr.startswith("topoforge: error: ") and failed.stderr.count("\n") == 1


def test_what_cannot_be_had_is_said_in_one_line(tmp_path, server):
    folder = str(tmp_path / "other")
    failed = run_serve("--port", str(server.port), "--data-dir", folder)
    assert one_line(failed) and "in use" in failed.stderr and "--port" in failed.stderr
    failed = run_serve("--port", "0", "--host", "no.such.host.invalid", "--data-dir", folder)
    assert one_line(failed) and "no.such.host.invalid" in failed.stderr
    failed = run_serve("--port", "0", "--host", "203.0.113.1", "--data-dir", folder)
    assert one_line(failed) and "203.0.113.1" in failed.stderr
    (tmp_path / "file").write_text("not a folder")
    failed = run_serve("--port", "0", "--data-dir", str(tmp_path / "file" / "data"))
    assert one_line(failed) and "--data-dir" in failed.stderr


def test_a_corrupt_database_is_said_in_one_line(tmp_path):
    database = tmp_path / "topoforge.db"
    database.write_bytes(b"this is no database at all " * 400)
    failed = run_serve("--port", "0", "--data-dir", str(tmp_path))
    assert one_line(failed) and str(database) in failed.stderr
    database.unlink()
    with sqlite3.connect(database) as newer:
        newer.execute("PRAGMA user_version = 77")
        newer.execute("PRAGMA application_id = 0x546f7046")
        newer.execute("CREATE TABLE anomalies (id INTEGER PRIMARY KEY)")
    failed = run_serve("--port", "0", "--data-dir", str(tmp_path))
    assert one_line(failed) and "layout 77" in failed.stderr


def test_a_failing_store_is_told(tmp_path):
    server = Server(tmp_path / "data", "--window", "20")
    server.post(normal_events(200))
    for file in (tmp_path / "data").iterdir():
        file.unlink()
    status, health = server.get("/health")
    assert status == 503 and "is gone" in health["store"]["detail"]
    assert server.stop()[0] == 0


def test_a_call_has_an_id_that_its_answer_and_the_log_share(tmp_path):
    server = Server(tmp_path / "data", "--log-format", "json", "--trusted-proxies", "127.0.0.0/8")
    secret = {"Authorization": "Bearer s3cret-token", "X-Request-ID": "trace-7", "X-Forwarded-For": "6.6.6.6, 192.0.2.9"}
    status, headers, _ = server.request("POST", "/api/ingest?key=s3cret-query", '{"value":1,"s3cret":"body"}', secret)
    assert status == 200 and headers["X-Request-ID"] == "trace-7"
    assert server.request("GET", "/api/anomalies")[1]["X-Request-ID"]
    code, _, error = server.stop()
    assert code == 0 and "s3cret" not in error
    lines = [json.loads(line) for line in error.splitlines()]
    call = next(line for line in lines if line.get("request_id") == "trace-7")
    assert (call["level"], call["method"], call["path"], call["status"]) == ("info", "POST", "/api/ingest", 200)
    assert call["peer"] == "192.0.2.9" and call["duration_us"] > 0 and call["time"].endswith("Z")
    assert all(line["message"] for line in lines)


def test_options_of_the_network_are_checked(tmp_path):
    failed = run_serve("--data-dir", str(tmp_path), "--trusted-proxies", "10.0.0.0/8,proxy.example")
    assert failed.returncode == 2 and "'proxy.example'" in failed.stderr
    failed = run_serve("--data-dir", str(tmp_path), "--log-format", "xml")
    assert failed.returncode == 2 and "--log-format" in failed.stderr


# TLS


@pytest.fixture(name="certificate")
def fixture_certificate(tmp_path):
    """A certificate for this machine, signed by itself, and its key."""
    files = {"cert": str(tmp_path / "cert.pem"), "key": str(tmp_path / "key.pem")}
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    output = ["-out", files["cert"], "-keyout", files["key"]]
    subprocess.run([*command.split(), *names, *output], check=True, capture_output=True, timeout=60)
    return files


def test_everything_works_through_tls(tmp_path, certificate):
    context = ssl.create_default_context(cafile=certificate["cert"])
    options = ("--tls-cert", certificate["cert"], "--tls-key", certificate["key"])
    with running(tmp_path / "data", *options) as server:
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=60, context=context)
        for _ in range(2):  # the connection is kept
            connection.request("POST", "/api/ingest", '{"value": 1}')
            response = connection.getresponse()
            assert response.status == 200 and json.loads(response.read())["accepted"] == 1
            assert response.headers["Strict-Transport-Security"]
        connection.close()

        async def talk():
            url = f"wss://127.0.0.1:{server.port}/ws/stream"
            async with websockets.connect(url, ssl=context, max_size=None) as client:
                for i in range(300):
                    await client.send(json.dumps({"source": "tls", "id": f"e{i}", "value": i % 7}))
                for i in range(300):
                    answer = json.loads(await asyncio.wait_for(client.recv(), 60))
                    assert answer["original_event"]["id"] == f"e{i}"

        asyncio.run(talk())
        assert b"HTTP/1.1 200" not in server.raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        old = ssl.create_default_context(cafile=certificate["cert"])
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as plain:
            with old.wrap_socket(plain, server_hostname="localhost") as secured:
                assert secured.version() == "TLSv1.2"


def test_files_of_tls_that_cannot_be_used_are_named(tmp_path, certificate):
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("not a certificate")
    good = {"--tls-cert": certificate["cert"], "--tls-key": certificate["key"]}
    for option, file in [
        ("--tls-cert", "/nowhere/cert.pem"),
        ("--tls-cert", str(garbage)),
        ("--tls-key", "/nowhere/key.pem"),
        ("--tls-key", str(garbage)),
    ]:
        arguments = [word for pair in {**good, option: file}.items() for word in pair]
        failed = run_serve("--port", "0", "--data-dir", str(tmp_path / "data"), *arguments)
        assert failed.returncode == 2 and f"'{file}'" in failed.stderr and failed.stderr.count("\n") == 1
    alone = run_serve("--data-dir", str(tmp_path / "data"), "--tls-cert", certificate["cert"])
    assert alone.returncode != 0 and "--tls-key" in alone.stderr


def test_watch_feeds_the_server(tmp_path):
    with running(tmp_path / "data", "--watch", "--rate", "20") as server:

        async def talk():
            async with server.socket() as client:
                return json.loads(await asyncio.wait_for(client.recv(), 20))

        message = asyncio.run(talk())
        assert message["type"] == "analysis" and message["original_event"]["values"]


def test_an_open_address_is_warned_of(tmp_path):
    server = Server(tmp_path / "data", "--host", "0.0.0.0")
    assert server.get("/")[0] == 200
    code, _, error = server.stop()
    assert code == 0 and "TOPOFORGE_OPEN_STREAM=false" in error
