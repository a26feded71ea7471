"""Schemathesis over /openapi.json, with a token of each role: no server error, and every answer as it is declared.

What is valid by its schema may still be refused for what no schema can say (a name that is taken, a cursor that was never
given), so that alone is not asked."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "published"), str(TESTS / "integration")]

import environment  # noqa: E402
from server import running  # noqa: E402

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


@pytest.fixture(name="schemathesis", scope="module")
def fixture_schemathesis():
    folder = pathlib.Path(os.environ["TOPOFORGE_SCHEMA_ENVIRONMENT"])
    try:
        return environment.interpreter(TESTS / "schema" / "requirements.txt", folder).parent / "schemathesis"
    except environment.Unavailable as missing:
        pytest.skip(str(missing))


@pytest.fixture(name="server")
def fixture_server(tmp_path):
    admin = {"ADMIN_EMAIL": "root@example.com", "ADMIN_PASSWORD": "Rooted123"}
    with running(tmp_path / "data", env=admin) as server:
        yield server


def call(server, method, path, body, token=None):
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    status, _, text = server.request(method, path, json.dumps(body), headers)
    assert status == 200, text
    return json.loads(text)


def token_of(server, role):
    admin = call(server, "POST", "/api/auth/login", {"username": "admin", "password": "Rooted123"})
    if role == "admin":
        return admin["access_token"]
    account = {"username": f"a-{role}", "email": f"{role}@example.com", "password": "Test1234"}
    made = call(server, "POST", "/api/auth/register", account)
    call(server, "PUT", f"/api/users/{made['user']['id']}", {"role": role}, admin["access_token"])
    return made["access_token"]


@pytest.mark.parametrize("role", ["viewer", "analyst", "admin"])
@pytest.mark.parametrize("where, checks", [("--exclude-path-regex", CHECKS), ("--include-path-regex", CHECKS_THERE)])
def test_every_answer_is_as_it_is_declared(schemathesis, server, role, where, checks, tmp_path):
    address = f"http://127.0.0.1:{server.port}"
    done = subprocess.run(
        [schemathesis, "run", f"{address}/openapi.json", "--url", address, "--checks", checks,
         "-H", f"Authorization: Bearer {token_of(server, role)}",
         where, ARRAYS_OF_OBJECTS, *(word for path in LEFT_OUT for word in ("--exclude-path", path)),
         "--phases", "examples,coverage,fuzzing", "--max-examples", "25", "--seed", "1", "--no-color"],
        capture_output=True, text=True, timeout=1500, cwd=tmp_path, env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
