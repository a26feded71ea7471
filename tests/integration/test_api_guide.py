"""docs/api.md: each command is run as it is written, in the order of the guide, against one fresh server with the
limits that a server has; the answers that it shows, and its tables, are compared with what the server does."""

import http.client
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

import pytest

from people import ADMIN, People
from server import running

ROOT = pathlib.Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
HOST = "localhost:8000"

# The commands of the documented product, and its table of endpoints.
DOCUMENTED_COMMANDS = [
    """curl -X POST http://localhost:8000/api/auth/register \\
  -H "Content-Type: application/json" \\
  -d '{"username":"testuser","email":"test@example.com","password":"Test123!"}'
""",
    """curl -X POST http://localhost:8000/api/auth/login \\
  -F "username=test@example.com" \\
  -F "password=Test123!"
""",
]
DOCUMENTED_CALLS = [
    "POST /api/auth/register", "POST /api/auth/login", "GET /api/auth/me", "POST /api/anomalies/",
    "GET /api/anomalies/", "GET /api/anomalies/stats", "GET /api/users/{id}", "WS /ws/stream",
]  # fmt: skip

# Beside what /openapi.json describes.
UNDESCRIBED = {"GET /openapi.json": 200, "GET /docs": 200, "GET /redoc": 200, "WS /ws/stream": 101}

# Says of each command on standard error what was answered; without the user's own settings of curl.
PREAMBLE = r"""
set -euo pipefail
curl() {
  local code=0
  command curl -q -sS -w '%{stderr}\n@@ %{http_code}\n' "$@" || code=$?
  if [[ $code = 28 && " $* " == *" --max-time "* ]]; then code=0; fi  # it goes on until it is ended
  return $code
}
"""


class Block:
    """A block of code: under which heading it stands, and what comes next if nothing stands between."""

    def __init__(self, number, heading, kind, code):
        self.number = number
        self.heading = heading
        self.kind = kind
        self.code = code
        self.shown = None

    @property
    def name(self):
        return f"{self.heading}-{self.number}".replace(" ", "_")


def blocks_of(text):
    blocks, heading, end = [], "", 0
    for found in re.finditer(r"^#+ ([^\n]*)$|^```(\w+)\n(.*?)^```$", text, re.M | re.S):
        if found.group(1):
            heading = found.group(1)
            continue
        block = Block(len(blocks), heading, found.group(2), found.group(3))
        if block.kind in ("json", "text"):
            assert not text[end : found.start()].strip(), f"{block.name} shows the answer of nothing"
            blocks[-1].shown = block
        blocks.append(block)
        end = found.end()
    return blocks


BLOCKS = blocks_of(GUIDE)
START = next(block for block in BLOCKS if "topoforge serve" in block.code)
RUN = [block for block in BLOCKS if block.kind in ("sh", "python") and block is not START]
WITH_CURL = [block for block in RUN if "curl " in block.code]
SHOWING = [block for block in RUN if block.shown]
ROWS = re.findall(r"^\| `([A-Z]+) (\S+)` \| (\w+) \| (\d+) \| .* \|$", GUIDE, re.M)


def commands_of(block):
    """Those with curl: from a line that is not indented to the next one."""
    return [part for part in re.findall(r"^\S.*\n(?:[ ].*\n)*", block.code, re.M) if re.search(r"\bcurl ", part)]


def status_wanted(command):
    found = re.search(r"  # (\d{3})$", command.rstrip())
    return int(found.group(1)) if found else 200


def call_of(command):
    """Method and path of a command, as the tables have them."""
    path = re.search(rf"http://{HOST}(/[^\s\"'?]*)", command).group(1)
    method = re.search(r"-X ([A-Z]+)", command)
    data = re.search(r" (-d|-F|--data-binary) ", command)
    return f"{method.group(1) if method else 'POST' if data else 'GET'} " + re.sub(r"\$\w+", "{id}", path)


@pytest.fixture(name="server", scope="module")
def fixture_server(tmp_path_factory):
    settings = re.search(r"^export (.*)$", START.code, re.M).group(1)
    environment = dict(setting.split("=", 1) for setting in shlex.split(settings))
    with running(tmp_path_factory.mktemp("guide") / "data", env=environment, limits={}) as server:
        yield server


@pytest.fixture(name="outputs", scope="module")
def fixture_outputs(server, tmp_path_factory):
    """What each block printed: standard output and error."""
    folder = tmp_path_factory.mktemp("outputs")
    script = PREAMBLE
    for block in RUN:
        code = block.code.replace(HOST, f"127.0.0.1:{server.port}")
        if block.kind == "python":
            code = f"{shlex.quote(sys.executable)} - <<'END OF BLOCK'\n{code}END OF BLOCK\n"
        script += f"exec >{block.number}.out 2>{block.number}.err\n{code}"
    environment = {**os.environ, "no_proxy": "*", "NO_PROXY": "*"}
    subprocess.run(["bash", "-c", script], cwd=folder, env=environment, timeout=120, check=False)

    def read(block, kind):
        file = folder / f"{block.number}.{kind}"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    return {block.number: (read(block, "out"), read(block, "err")) for block in RUN}


def test_the_guide_has_commands():
    assert len(WITH_CURL) > 10
    assert sum(block.code.count("curl ") for block in WITH_CURL) == sum(len(commands_of(one)) for one in WITH_CURL)


@pytest.mark.parametrize("block", WITH_CURL, ids=lambda block: block.name)
def test_each_command_is_answered_as_the_guide_says(outputs, block):
    _, error = outputs[block.number]
    answered = [int(status) for status in re.findall(r"^@@ (\d+)$", error, re.M)]
    commands = commands_of(block)
    assert list(zip(commands, answered)) == [(one, status_wanted(one)) for one in commands], error


def last_json(text):
    """The last of the answers that were printed one behind the other."""
    for found in re.finditer(r"[{\[]", text):
        try:
            return json.loads(text[found.start() :])
        except json.JSONDecodeError:
            continue
    raise AssertionError(f"no JSON at the end of: {text}")


def wildcard(shown):
    return re.compile(".*".join(re.escape(part) for part in shown.split("...")), re.S)


def compare(shown, answered, place=""):
    """What is shown may leave out members of objects, and texts behind `...`."""
    if isinstance(shown, dict):
        assert isinstance(answered, dict), place
        for name, value in shown.items():
            assert name in answered, f"{place}.{name} is shown, and not there"
            compare(value, answered[name], f"{place}.{name}")
    elif isinstance(shown, list):
        assert isinstance(answered, list) and len(shown) == len(answered), place
        for i, (one, other) in enumerate(zip(shown, answered)):
            compare(one, other, f"{place}[{i}]")
    elif isinstance(shown, str):
        assert isinstance(answered, str) and wildcard(shown).fullmatch(answered), place
    else:
        assert shown == answered and isinstance(shown, bool) == isinstance(answered, bool), place


@pytest.mark.parametrize("block", SHOWING, ids=lambda block: block.name)
def test_each_answer_that_is_shown_is_given(outputs, block):
    out, error = outputs[block.number]
    if block.shown.kind == "json":
        return compare(json.loads(block.shown.code), last_json(out))
    lines = iter(out.splitlines())
    for shown in block.shown.code.splitlines():
        assert any(wildcard(shown).fullmatch(line) for line in lines), f"{shown}\nis not in\n{out}{error}"


@pytest.mark.parametrize("command", DOCUMENTED_COMMANDS)
def test_the_commands_of_the_documented_product_stand_there_as_they_are(command):
    assert command in [one for block in WITH_CURL for one in commands_of(block)]


@pytest.mark.parametrize("call", DOCUMENTED_CALLS)
def test_each_endpoint_of_the_documented_product_has_an_example(call):
    method, path = call.split()
    if method == "WS":
        assert any(block.kind == "python" and f"ws://{HOST}{path}" in block.code for block in RUN)
    else:
        assert call in [call_of(one) for block in WITH_CURL for one in commands_of(block)]


def test_the_tables_list_every_call_with_its_answer(server):
    document = server.get("/openapi.json")[1]
    described = {
        f"{method.upper()} {path}": min(int(status) for status in operation["responses"])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert {f"{method} {path}": int(status) for method, path, _, status in ROWS} == {**described, **UNDESCRIBED}


def test_each_example_is_of_a_call_that_is_listed():
    listed = [f"{method} {path}" for method, path, _, _ in ROWS]
    for block in WITH_CURL:
        for command in commands_of(block):
            assert call_of(command) in listed, command


# Who may call what

# To an address that is not public, so that nothing is sent.
CONFIG = {"name": "theirs", "channels": [{"type": "webhook", "url": "http://127.0.0.1:9/"}]}


@pytest.fixture(name="people", scope="module")
def fixture_people(tmp_path_factory):
    with running(tmp_path_factory.mktemp("people") / "data", env={**ADMIN, "TOPOFORGE_OPEN_STREAM": "false"}) as server:
        yield People(server)


def status_of(server, token, method, path):
    """Without the body of the answer, which of a stream has no end."""
    body = json.dumps(CONFIG if path.startswith("/api/alert-configs") else {})
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if method == "WS":
        headers |= {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        reads = method in ("GET", "WS")
        connection.request("GET" if reads else method, path, None if reads else body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def whose(people, role, path):
    """The path, with the id of what is this account's."""
    if path.startswith("/api/users"):
        return path.replace("{id}", people.call(role, "GET", "/api/auth/me")[1]["id"])
    status, made = people.call(role, "POST", "/api/alert-configs", CONFIG)
    assert status == 201, made
    return path.replace("{id}", made["id"])


def in_the_end(row):
    """A sign-out ends the session that the others are made with."""
    return row[1].endswith("/logout")


@pytest.mark.parametrize("row", sorted(ROWS, key=in_the_end), ids=lambda row: " ".join(row[:2]))
def test_each_call_may_be_made_by_whom_the_table_says(people, row):
    method, path, who, _ = row
    server, roles = people.server, ("viewer", "analyst", "admin")
    if who == "anyone":
        assert status_of(server, None, method, path) not in (401, 403)
        return
    least = {"owner": "admin", "stream": "viewer"}.get(who, who)
    if who == "owner":
        assert status_of(server, people.tokens["viewer"], method, whose(people, "viewer", path)) not in (401, 403, 404)
    path = whose(people, "admin", path) if who == "owner" else path.replace("{id}", "f" * 16)
    assert status_of(server, None, method, path) == 401
    for role in roles[: roles.index(least)]:
        assert status_of(server, people.tokens[role], method, path) in ((403, 404) if who == "owner" else (403,))
    assert status_of(server, people.tokens[least], method, path) not in (401, 403)


@pytest.fixture(name="open_server", scope="module")
def fixture_open_server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("open") / "data") as server:
        yield server


@pytest.mark.parametrize("row", [row for row in ROWS if row[2] != "anyone"], ids=lambda row: " ".join(row[:2]))
def test_without_a_token_the_stream_alone_is_open(open_server, row):
    method, path, who, _ = row
    assert status_of(open_server, None, method, path) in ((200, 101, 422) if who == "stream" else (401,))


# Limits


@pytest.mark.parametrize("call, text", [
    (("GET", "/api/auth/me"), "| of an account, or of an address where no token is wanted | {} a minute |"),
    (("POST", "/api/ingest"), "| `POST /api/ingest`, counted apart | {} a minute |"),
    (("POST", "/api/auth/register"), "| `register` and `forgot-password`, of an address | {} an hour |"),
    (("POST", "/api/auth/forgot-password"), "| `register` and `forgot-password`, of an address | {} an hour |"),
])  # fmt: skip
def test_the_limits_are_those_of_a_server(outputs, server, call, text):
    assert outputs
    _, headers, _ = server.request(*call, "{}", {"Content-Type": "application/json"})
    assert text.format(headers["X-RateLimit-Limit"]) in GUIDE


@pytest.mark.parametrize("path, kib", [
    ("/api/sources/", 256), ("/api/detectors/", 4096), ("/api/detectors/_validate", 4096),
    ("/api/detectors/_preview", 8192), ("/api/topology/persistence", 8192), ("/api/ingest", 8192),
])  # fmt: skip
def test_a_body_may_be_as_large_as_the_guide_says(people, path, kib):
    size = f"{kib} KiB" if kib < 1024 else f"{kib // 1024} MiB"
    assert re.search(rf"^A body has (?:.*, )?(?:at most |definitions of detectors |those of .* ){size}", GUIDE, re.M)
    at_most = "{}".ljust(kib * 1024)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {people.tokens['analyst']}"}
    assert people.server.request("POST", path, at_most, headers)[0] == 422
    assert people.server.request("POST", path, at_most + " ", headers)[0] == 413
