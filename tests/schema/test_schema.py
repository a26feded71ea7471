"""Schemathesis over /openapi.json, with a token of each role: no server error, and every answer as it is declared.

What is valid by its schema may still be refused for what no schema can say (a name that is taken, a cursor that was never
given), so that alone is not asked. What a path names is there half of the time, or else hardly a call would succeed."""

import collections
import contextlib
import json
import os
import pathlib
import random
import re
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "published"), str(TESTS / "integration")]

import environment  # noqa: E402
from server import running  # noqa: E402
from test_serve import burst_events  # noqa: E402

CHECKS = ",".join([
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "negative_data_rejection", "unsupported_method", "ignored_auth",
])  # fmt: skip
# Of objects within an array (`channels`) Schemathesis takes optional members for required ones: there it is not asked
# whether a wrong body is refused, which tests/integration asks.
ARRAYS_OF_OBJECTS = "^/api/alert-configs"
CHECKS_THERE = CHECKS.replace("negative_data_rejection,", "")
LEFT_OUT = [
    "/api/auth/logout",  # ends the session whose token is used
    "/api/alert-configs/{id}/_test",  # calls whoever a made-up URL names
    "/api/realtime/stream",  # does not end
]
MADE_UP_URL = "https://nobody.example.com/alerts"
# Of what a call uses up (deletes, starts, stops) so many are there.
SPARE = 8


@pytest.fixture(name="schemathesis", scope="module")
def fixture_schemathesis():
    folder = pathlib.Path(os.environ["TOPOFORGE_SCHEMA_ENVIRONMENT"])
    try:
        return environment.interpreter(TESTS / "schema" / "requirements.txt", folder).parent / "schemathesis"
    except environment.Unavailable as missing:
        pytest.skip(str(missing))


def usual_events(count):
    rng = random.Random(1)
    return [{"source": "demo", "values": {"a": rng.gauss(0, 1), "b": rng.gauss(0, 1)}} for _ in range(count)]


@contextlib.contextmanager
def server_with_anomalies(folder):
    admin = {"ADMIN_EMAIL": "root@example.com", "ADMIN_PASSWORD": "Rooted123"}
    with running(folder / "data", "--window", "20", env=admin) as server:
        assert server.post(usual_events(300))[0] == 200
        assert server.post(burst_events(10, "demo"))[1]["anomalies"] > 0
        yield server


@pytest.fixture(name="server")
def fixture_server(tmp_path):
    with server_with_anomalies(tmp_path) as server:
        yield server


@pytest.fixture(name="quiet_server", scope="module")
def fixture_quiet_server(tmp_path_factory):
    """For calls that do not stand in each other's way."""
    with server_with_anomalies(tmp_path_factory.mktemp("quiet")) as server:
        yield server


def call(server, method, path, body=None, token=None):
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    status, _, text = server.request(method, path, None if body is None else json.dumps(body), headers)
    assert status in (200, 201), text
    return json.loads(text)


def admin_token(server):
    return call(server, "POST", "/api/auth/login", {"username": "admin", "password": "Rooted123"})["access_token"]


def register(server, name):
    account = {"username": f"a-{name}", "email": f"{name}@example.com", "password": "Test1234"}
    return call(server, "POST", "/api/auth/register", account)


def token_of(server, role):
    if role == "admin":
        return admin_token(server)
    made = register(server, role)
    call(server, "PUT", f"/api/users/{made['user']['id']}", {"role": role}, admin_token(server))
    return made["access_token"]


def operations(server):
    """(method, path) of each."""
    document = server.get("/openapi.json")[1]
    return [(method.upper(), path) for path, methods in document["paths"].items() for method in methods]


def ids_for(server, token, method, path):
    """Of new things that the path may name."""
    admin = admin_token(server)
    channel = {"type": "webhook", "url": MADE_UP_URL}
    kind = path.removeprefix("/api/").split("/")[0]
    made = []
    for number in range(SPARE):
        name = f"{method} {path} {number}"
        if kind == "users":
            made.append(register(server, f"{method.lower()}{number}")["user"])
        elif kind == "anomalies":
            logged = {"source": "log", "anomaly_score": 0.9, "values": {"cpu": 1}, "attributes": {"host": "a"}}
            made.append(call(server, "POST", "/api/anomalies", logged, admin))
        elif kind == "sources":
            made.append(call(server, "POST", "/api/sources", {"name": name}, admin))
        elif kind == "detectors":
            made.append(call(server, "POST", "/api/detectors", {"name": name, "sources": [name]}, admin))
            if path.endswith(("_stop", "_profile")):
                call(server, "POST", f"/api/detectors/{made[-1]['id']}/_start", token=admin)
        elif kind == "alert-configs":
            alert = {"name": name, "threshold": 0.5, "channels": [channel]}
            made.append(call(server, "POST", "/api/alert-configs", alert, token))
    if (method, path) == ("GET", "/api/anomalies/{id}"):
        made += call(server, "GET", "/api/anomalies/?is_anomaly=true&source=demo", token=admin)["data"]
    assert made, f"what {path} names is not known here"
    return [one["id"] for one in made]


def configuration(server, token):
    """Of Schemathesis: ids of what is there."""
    lines = []
    for method, path in operations(server):
        if "{id}" not in path or path in LEFT_OUT:
            continue
        lines += [
            f'[dictionaries."{method} {path}"]',
            f"values = {json.dumps(ids_for(server, token, method, path))}",
            "[[operations]]",
            f'include-name = "{method} {path}"',
            f'parameters = {{"path.id" = {{dictionary = "{method} {path}", probability = 0.5}}}}',
        ]
    return "\n".join(lines)


def statuses_by_operation(server, report):
    """(method, path): how often it answered with each status."""
    declared = operations(server)
    patterns = {path: re.compile(re.sub(r"{\w+}", "[^/]+", path) + "/?") for _, path in declared}
    found = collections.defaultdict(collections.Counter)
    for entry in json.loads(report.read_text())["log"]["entries"]:
        address = re.sub(r"^https?://[^/]*|[?#].*", "", entry["request"]["url"])
        # "/stats" is not an id.
        for path in sorted(patterns, key=lambda path: path.count("{")):
            if patterns[path].fullmatch(address):
                found[entry["request"]["method"], path][entry["response"]["status"]] += 1
                break
    return {operation: seen for operation, seen in found.items() if operation in declared}


@pytest.mark.parametrize("role", ["viewer", "analyst", "admin"])
@pytest.mark.parametrize("where, checks", [("--exclude-path-regex", CHECKS), ("--include-path-regex", CHECKS_THERE)])
def test_every_answer_is_as_it_is_declared(schemathesis, server, role, where, checks, tmp_path):
    address = f"http://127.0.0.1:{server.port}"
    token = token_of(server, role)
    settings, report = tmp_path / "schemathesis.toml", tmp_path / "calls.har"
    settings.write_text(configuration(server, token))
    done = subprocess.run(
        [schemathesis, "--config-file", settings, "run", f"{address}/openapi.json", "--url", address,
         "--checks", checks, "-H", f"Authorization: Bearer {token}",
         where, ARRAYS_OF_OBJECTS, *(word for path in LEFT_OUT for word in ("--exclude-path", path)),
         "--phases", "examples,coverage,fuzzing", "--max-examples", "25", "--seed", "1", "--no-color",
         "--report", "har", "--report-har-path", report],
        capture_output=True, text=True, timeout=1500, cwd=tmp_path, env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert never_done(statuses_by_operation(server, report)) == []


def never_done(statuses):
    """Operations with an id that never succeeded, though the role may call them: whose answers were not checked."""
    named = {operation: seen for operation, seen in statuses.items() if "{id}" in operation[1]}
    assert named
    return [
        (operation, dict(seen))
        for operation, seen in named.items()
        if 403 not in seen and not any(200 <= status < 300 for status in seen)
    ]


@pytest.fixture(name="fault_of", scope="module")
def fixture_fault_of(schemathesis, quiet_server):
    """fault_of(value, schema): what is wrong with it by a schema of the document, None if nothing is. What the schema
    does not name is wrong too, but in an event, which may have members of its own."""
    sys.path.append(str(next(schemathesis.parents[1].glob("lib/python3*/site-packages"))))
    import jsonschema_rs

    components = quiet_server.get("/openapi.json")[1]["components"]
    for name, schema in components["schemas"].items():
        if name != "Event":
            schema["additionalProperties"] = False

    def fault_of(value, schema):
        validator = jsonschema_rs.Draft202012Validator({"components": components, **schema})
        return next((f"{error.message} at {error.instance_path}" for error in validator.iter_errors(value)), None)

    return fault_of


def answer_schema(server, method, path, status="200"):
    operation = server.get("/openapi.json")[1]["paths"][path][method.lower()]
    return operation["responses"][status]["content"]["application/json"]["schema"]


def test_every_answer_has_a_schema(quiet_server):
    bare = []
    for path, methods in quiet_server.get("/openapi.json")[1]["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                schemas = [body.get("schema") for body in answer.get("content", {}).values()]
                if (status != "204" and not schemas) or any(schema in ({}, {"type": "object"}) for schema in schemas):
                    bare.append((method, path, status))
    assert bare == []


def test_what_is_said_of_real_events_is_as_it_is_declared(quiet_server, fault_of):
    server = quiet_server
    token = admin_token(server)
    report = server.post(burst_events(10, "demo"))[1]
    assert {result["status"] for result in report["results"]} == {"analyzed"} and report["anomalies"] > 0
    told = [report, server.post([{"value": 1, "source": "new", "id": "x"}] * 2)[1]]
    assert {result["status"] for result in told[1]["results"]} == {"buffering", "duplicate"}
    told.append(server.post([{"value": 1, "source": "new"}, {"values": {"other": 1}, "source": "new"}])[1])
    assert told[-1]["rejected"] == 1
    for one in told:
        assert fault_of(one, answer_schema(server, "POST", "/api/ingest")) is None

    logged = call(server, "POST", "/api/anomalies/", {"source": "log", "anomaly_score": 0.95}, token)
    assert logged["security_analysis"]["threats"]
    assert fault_of(logged, answer_schema(server, "POST", "/api/anomalies/", "201")) is None
    listed = call(server, "GET", "/api/anomalies/?limit=1000", token=token)
    assert listed["total"] > 0 and any(anomaly["episode"] for anomaly in listed["data"])
    assert fault_of(listed, answer_schema(server, "GET", "/api/anomalies/")) is None
    assert any(anomaly["original_event"] for anomaly in listed["data"])
    one = call(server, "GET", f"/api/anomalies/{listed['data'][0]['id']}", token=token)
    assert fault_of(one, answer_schema(server, "GET", "/api/anomalies/{id}")) is None
    exported = call(server, "GET", "/api/anomalies/export?format=json", token=token)
    assert fault_of(exported, answer_schema(server, "GET", "/api/anomalies/export")) is None
    for path in ("/", "/health", "/ready"):
        assert fault_of(server.get(path)[1], answer_schema(server, "GET", path)) is None
    assert fault_of({"surprise": 1}, answer_schema(server, "GET", "/ready")) is not None


@pytest.mark.parametrize("event, good", [
    ({"value": 1}, True),
    ({"values": {"cpu": 0.5, "net": None}, "source": "s", "entity": "e", "attributes": {"x": [1]}, "id": "1"}, True),
    ({"value": 1, "timestamp": "2026-01-12T08:00:00Z"}, True),
    ({"value": 1, "timestamp": 1700000000.5, "source": 7, "entity": 7, "id": 7}, True),
    ({"value": 2, "values": None, "timestamp": None, "source": None, "attributes": None}, True),
    ({"type": "edit", "size": 12}, True),
    ({"value": "1"}, False),
    ({"value": True}, False),
    ({"value": 1e200}, False),
    ({"values": {}}, False),
    ({"values": {"cpu": "1"}}, False),
    ({"values": [1]}, False),
    ({"value": 1, "source": 1.5}, False),
    ({"value": 1, "entity": "e" * 257}, False),
    ({"value": 1, "id": {}}, False),
    ({"value": 1, "timestamp": []}, False),
    ({"value": 1, "attributes": []}, False),
    (7, False),
])  # fmt: skip
def test_an_event_is_taken_as_its_schema_says(quiet_server, fault_of, event, good):
    server = quiet_server
    body = server.get("/openapi.json")[1]["paths"]["/api/ingest"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    if isinstance(event, dict):
        event = {"source": json.dumps(event), **event}  # a stream of its own, which has these channels
    for sent in (event, [event]):
        status, answer = server.post(sent)
        assert (status == 200) == good, answer
        assert (fault_of(sent, schema) is None) == good
