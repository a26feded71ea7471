"""What hostile bodies get from every route that takes one: 4xx that names the place, and no memory."""

import contextlib
import json
import select
import socket
import time

import pytest

from people import ADMIN, People
from program import sanitized
from server import running

GIGABYTE = 1 << 30
# What is sent on after an answer is read and thrown away for a while, so that the client gets to read it.
SKIPPED = 128 << 20
# Above what bodies within the limit need, far below what a gigabyte does.
FEW_BYTES = 128 << 20
QUERY_OPERATORS = [{"$gt": ""}, {"$ne": None}, [{"$in": [""]}]]


@pytest.fixture(name="people", scope="module")
def fixture_people(tmp_path_factory):
    with running(tmp_path_factory.mktemp("bodies") / "data", env=ADMIN) as server:
        yield People(server)


def send(people, method, path, body, kind="application/json"):
    headers = {"Authorization": f"Bearer {people.tokens['admin']}", "Content-Type": kind}
    status, _, answer = people.server.request(method, path.replace("{id}", "0000000000000001"), body, headers)
    return status, json.loads(answer)


def routes_with_bodies(document):
    """Method, path and the schema of JSON, as the server tells them."""
    return [
        (method.upper(), path, operation["requestBody"]["content"]["application/json"]["schema"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "requestBody" in operation
    ]


@pytest.fixture(name="document", scope="module")
def fixture_document(people):
    return people.call(None, "GET", "/openapi.json")[1]


# Text that is no JSON


@pytest.mark.parametrize(
    "body, place, word",
    [
        (b'{"name":' * 5000, ["name"] * 16, "nested deeper than 16 levels"),
        (b'{"a":' + b"[" * 100_000, ["a"] + [0] * 15, "nested deeper than 16 levels"),
        (b'{"name": "ad', ["name"], "incomplete"),
        (b'{"name": ', ["name"], "incomplete"),
        (b'{"name": "a", "name": "b"}', ["name"], "'name' stands twice"),
        (b'{"name": "a", "n\\u0061me": "b"}', ["name"], "'name' stands twice"),
        (b'{"name": "\xff\xfe"}', ["name"], "invalid JSON at byte 11"),
        (b'{"name": "\xc0\xaf"}', ["name"], "invalid JSON at byte 11"),
        (b'{"name": "\xed\xa0\x80"}', ["name"], "invalid JSON at byte"),
        (b'{"name": "\\ud800"}', ["name"], "invalid JSON at byte"),
        (b'{"name": "a\x00b"}', ["name"], "invalid JSON at byte 12"),
        (b'{"name": "a"}\x00', [], "extra data"),
        (b'{"value": NaN}', ["value"], "invalid JSON at byte 11"),
        (b'{"value": Infinity}', ["value"], "invalid JSON at byte 11"),
        (b'{"value": -Infinity}', ["value"], "invalid JSON at byte 12"),
        (b'{"value": 1e999}', ["value"], "'1e999' is beyond the range of a double"),
        (b'{"value": ' + b"9" * 400 + b"}", ["value"], "beyond the range of a double"),
        (b'{"points": [[0, NaN]]}', ["points", 0, 1], "invalid JSON at byte 17"),
        ('{"value": 1}'.encode("utf-16"), [], "invalid JSON at byte 1"),
        (b"", [], "incomplete"),
    ],
    ids=["deep objects", "deep arrays", "cut in a text", "cut after a key", "twice", "twice by an escape", "no UTF-8",
         "overlong UTF-8", "surrogate in UTF-8", "lone surrogate", "NUL in a text", "NUL behind", "NaN", "Infinity",
         "-Infinity", "1e999", "400 digits", "NaN in arrays", "UTF-16", "nothing"],
)  # fmt: skip
def test_what_is_no_json_is_refused_with_its_place_by_every_route(people, document, body, place, word):
    routes = routes_with_bodies(document)
    assert len(routes) > 15
    for method, path, _ in routes:
        status, answer = send(people, method, path, body)
        assert status == 422, (method, path, answer)
        detail = answer["detail"][0]
        assert detail["loc"] == ["body", *place], (method, path)
        assert word in detail["msg"] and detail["type"] == "json_invalid", (method, path)


# JSON of the wrong kind


def kinds_of(schema):
    """The types that a value may have, null aside."""
    parts = schema.get("anyOf", [schema])
    kinds = {kind for part in parts for kind in (kinds_of(part) if "anyOf" in part else [part.get("type", "object")])}
    return kinds - {"null"}


def fields_of(document, schema):
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return {name: kinds_of(field) for name, field in schema.get("properties", {}).items()}


def wrong_values(kinds):
    """Values that no field of these kinds takes."""
    wrong = ["x\u0000y"]  # nowhere is NUL a part of a text
    if "object" not in kinds:
        wrong += [value for value in QUERY_OPERATORS if isinstance(value, dict)]
    if not kinds & {"object", "array"}:
        wrong += [value for value in QUERY_OPERATORS if isinstance(value, list)]
    if "string" not in kinds:
        wrong += ["12", "1e999", "true", ""]
    if not kinds & {"number", "integer"}:
        wrong += [12, -1.5]
    return wrong


def test_a_field_of_another_kind_is_named_by_every_route(people, document):
    """Query operators, numbers as text, text as numbers, and NUL."""
    tried = 0
    for method, path, schema in routes_with_bodies(document):
        for name, kinds in fields_of(document, schema).items():
            for value in wrong_values(kinds):
                status, answer = send(people, method, path, json.dumps({name: value}))
                assert status == 422, (method, path, name, value, answer)
                places = [tuple(one["loc"][:2]) for one in answer["detail"]]
                assert ("body", name) in places, (method, path, name, value, answer)
                tried += 1
    assert tried > 300


@pytest.mark.parametrize("operator", QUERY_OPERATORS)
def test_query_operators_sign_nobody_in(people, operator):
    for body in ({"username": operator, "password": operator}, {"username": "admin", "password": operator}):
        status, answer = send(people, "POST", "/api/auth/login", json.dumps(body))
        assert status == 422
        assert answer["detail"][-1]["loc"] == ["body", "password"]
    for name in ("username[$ne]", "username"):
        form = f"{name}=&password[$gt]="
        status, answer = send(people, "POST", "/api/auth/login", form, "application/x-www-form-urlencoded")
        assert status == 422 and answer["detail"][-1]["loc"] == ["body", "password"]


@pytest.mark.parametrize("values", [{"cpu": "0.5"}, {"cpu": {"$gt": 0}}, {"cpu": [1]}, {"cpu": True}])
def test_an_event_whose_number_is_none_is_named_and_not_taken(people, values):
    before = people.server.get("/health")[1]["events"]
    events = [{"values": {"cpu": 1}}, {"values": values}]
    status, answer = people.server.post(events)
    assert status == 422
    assert [one["loc"] for one in answer["detail"]] == [["body", 1, "values", "cpu"]]
    assert people.server.get("/health")[1]["events"] == before


def test_the_place_of_broken_json_is_told_as_that_of_a_wrong_value(people):
    wrong = people.server.post('[{"value": 1}, {"value": "x"}]')[1]["detail"][0]["loc"]
    broken = people.server.post('[{"value": 1}, {"value": NaN}]')[1]["detail"][0]["loc"]
    assert wrong == broken == ["body", 1, "value"]


def test_names_that_are_operators_are_names(people):
    """A document store must not take them for anything else."""
    body = {
        "source": '{"$gt": ""}', "entity": "$where", "anomaly_score": 0.9, "values": {"$gt": 1, "a.b": 2, "_id": 3},
        "attributes": {"$set": "x", "x.y": "$z", "__proto__": "p"},
    }  # fmt: skip
    status, made = people.call("analyst", "POST", "/api/anomalies/", body)
    assert status == 201
    status, got = people.call("viewer", "GET", f"/api/anomalies/{made['id']}")
    assert (status, got) == (200, made)
    assert got["original_event"]["values"] == body["values"]
    assert got["original_event"]["attributes"] == body["attributes"]


# Bodies without end


def memory_peak(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM:"))


@pytest.mark.parametrize("path", ["/api/ingest", "/api/auth/register", "/api/auth/login"])
def test_a_gigabyte_is_refused_before_it_is_sent(people, path):
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {GIGABYTE}\r\n\r\n["
    began = time.monotonic()
    answer = people.server.raw(head.encode())
    assert answer.startswith(b"HTTP/1.1 413 ") and answer.endswith(b'{"detail":"Request body too large"}')
    assert b"Connection: close" in answer and time.monotonic() - began < 5


@pytest.mark.parametrize("reads", [True, False])
def test_a_gigabyte_in_chunks_is_cut_off_and_costs_no_memory(people, reads):
    """Whether the client looks for an answer while it sends, or not."""
    before = memory_peak(people.server)
    chunk = b"100000\r\n" + b"[" * 0x100000 + b"\r\n"
    sent, answer = 0, b""
    with socket.create_connection(("127.0.0.1", people.server.port), timeout=20) as connection:
        connection.sendall(b"POST /api/ingest HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while sent < GIGABYTE and not answer:
                connection.sendall(chunk)
                sent += 1 << 20
                if reads and select.select([connection], [], [], 0)[0]:
                    answer = connection.recv(65536)
    assert sent < SKIPPED
    assert not reads or answer.startswith(b"HTTP/1.1 413 ")
    assert sanitized() or memory_peak(people.server) - before < FEW_BYTES
    assert people.server.get("/health")[0] == 200


def test_the_largest_hostile_bodies_cost_little_time_and_memory(people):
    before = memory_peak(people.server)
    size = 8 * 1024 * 1024
    bodies = [b"[" * size, b'{"a":' * (size // 5), b'"' + b"\\" * (size - 2) + b'"', b"[" + b"{}," * (size // 3 - 1)]
    for body in bodies:
        began = time.monotonic()
        status, answer = send(people, "POST", "/api/ingest", body)
        assert status == 422 and answer["detail"][0]["loc"][0] == "body"
        assert sanitized() or time.monotonic() - began < 5
    assert sanitized() or memory_peak(people.server) - before < 4 * FEW_BYTES
