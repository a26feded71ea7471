"""docs/troubleshooting.md: each message that it shows is provoked here, and compared."""

import pathlib
import re
import resource
import socket
import subprocess

import pytest

from program import BINARY
from server import GENEROUS, clean_environment, run_serve, running
from test_configuration import config

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
SHOWN = dict(re.findall(r"^<!-- shown: (\S+) -->\n```text\n(.*?)^```$", DOCUMENT, re.M | re.S))


def error_of(folder, *arguments, env=None):
    done = subprocess.run([BINARY, *arguments], cwd=folder, capture_output=True, text=True, timeout=60,
                          env=clean_environment(env))
    assert done.returncode != 0, done.stdout
    return done.stderr


def mongodb(folder):
    if "mongodb_uri" not in config(folder):
        pytest.skip("this program has no MongoDB")
    environment = {"MONGODB_URI": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=1000", "JWT_SECRET": "x" * 40}
    said = error_of(folder, "serve", "--port", "0", "--data-dir", str(folder / "data"), env=environment)
    return said.replace("127.0.0.1:1", "127.0.0.1:27017")


def python(_):
    done = subprocess.run(["/usr/bin/python3", "-I", "-S", "-c", "import topoforge"], capture_output=True, text=True,
                          timeout=60, check=False)
    return done.stderr.splitlines(keepends=True)[-1]


def answer(folder, headers):
    with running(folder / "data") as server:
        status, got, body = server.request("GET", "/api/anomalies/", headers=headers)
    return f"HTTP/1.1 {status} Unauthorized\nWWW-Authenticate: {got['WWW-Authenticate']}\n\n{body.decode()}\n"


def no_token(folder):
    return answer(folder, {})


def wrong_token(folder):
    with running(folder / "other", limits=GENEROUS) as other:
        token = other.reader_token()
    return answer(folder, {"Authorization": f"Bearer {token}"})


def short_secret(folder):
    return error_of(folder, "serve", "--port", "0", env={"JWT_SECRET": "secret"})


def port(folder):
    with running(folder / "data") as server:
        said = run_serve("--port", str(server.port), "--data-dir", str(folder / "other")).stderr
        return said.replace(f":{server.port}", ":8000")


def setting(folder):
    (folder / "topoforge.toml").write_text("prot = 9000\n")
    return error_of(folder, "serve")


def value(folder):
    (folder / ".env").write_text("TOPOFORGE_WINDOW=1\n")
    return error_of(folder, "serve")


def database(folder):
    (folder / "topoforge.db").write_bytes(b"this is no database at all " * 400)
    return error_of(folder, "serve", "--port", "0", "--data-dir", ".").replace("'./topoforge.db'", "'topoforge.db'")


def no_account(folder):
    return error_of(folder, "user", "set-role", "ada", "admin", "--data-dir", str(folder / "data"))


SCENARIOS = {
    "mongodb": mongodb, "python": python, "no-token": no_token, "wrong-token": wrong_token,
    "short-secret": short_secret, "port": port, "setting": setting, "value": value, "database": database,
    "no-account": no_account,
}  # fmt: skip


def test_every_message_has_its_scenario():
    assert set(SHOWN) == set(SCENARIOS)
    assert DOCUMENT.count("```text") == len(SHOWN)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_message_is_what_the_program_says(tmp_path, name):
    assert SCENARIOS[name](tmp_path) == SHOWN[name]


def test_each_documented_symptom_has_its_section():
    headings = re.findall(r"^## (.*)$", DOCUMENT, re.M)
    for word in ("MongoDB", "module", "token", "slow", "port"):
        assert any(word in heading for heading in headings), word


def test_a_port_that_is_in_use_can_be_left_to_others(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with running(tmp_path / "data") as server:  # with --port 0
            assert server.get("/health")[0] == 200 and server.port != taken.getsockname()[1]


def test_the_remedies_of_a_slow_analysis_help():
    def seconds(window=300, stride=2, dimension=2):
        """Of the processor, as others may be at work on this machine."""
        begin = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run([BINARY, "detect", str(ROOT / "docs" / "examples" / "pumps.csv"), "--window", str(window),
                        "--stride", str(stride), "--max-dimension", str(dimension)], check=True, capture_output=True,
                       timeout=300)
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - begin

    slow = seconds()
    assert seconds(window=30) < slow
    assert seconds(dimension=0) < slow
    assert seconds(stride=50) < slow
