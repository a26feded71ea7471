"""The settings from outside: defaults, topoforge.toml, .env, environment, flags, and what is said of wrong ones."""

import json
import os
import pathlib
import re
import subprocess

import pytest

from program import BINARY
from server import clean_environment, run_serve, running
from test_accounts import sign_in

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECRET = "0123456789abcdef0123456789abcdef-s3cret"


def run(folder, *arguments, env=None):
    return subprocess.run(
        [BINARY, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, env=clean_environment(env)
    )


def config(folder, *arguments, env=None):
    done = run(folder, "config", "--json", *arguments, env=env)
    assert done.returncode == 0, done.stderr
    return {setting["key"]: setting for setting in json.loads(done.stdout)["settings"]}


def problem(folder, *arguments, env=None):
    """The one line that is said."""
    done = run(folder, *(arguments or ["config"]), env=env)
    assert done.returncode == 2 and done.stdout == "", done.stdout
    assert done.stderr.startswith("topoforge: error: ") and done.stderr.count("\n") == 1, done.stderr
    return done.stderr.removeprefix("topoforge: error: ").rstrip("\n")


def write(folder, toml=None, dotenv=None):
    for name, text in (("topoforge.toml", toml), (".env", dotenv)):
        if text is not None:
            (folder / name).write_text(text)
            (folder / name).chmod(0o600)


def test_each_layer_goes_before_those_below_it(tmp_path):
    def port(*arguments, env=None):
        setting = config(tmp_path, *arguments, env=env)["port"]
        return setting["value"], setting["layer"], setting["from"]

    assert port() == ("8000", "default", "default")
    write(tmp_path, toml="# settings\n\nport = 1001\n")
    assert port() == ("1001", "file", "topoforge.toml:3")
    write(tmp_path, dotenv="A=1\nexport PORT='1002' # of the platform\n")
    assert port() == ("1002", "dotenv", ".env:2")
    assert port(env={"PORT": "1003"}) == ("1003", "environment", "environment PORT")
    assert port("--port", "1004", env={"PORT": "1003"}) == ("1004", "flag", "flag --port")
    # The same value by a flag and in the environment is by the flag.
    assert port("--port", "1003", env={"PORT": "1003"})[1] == "flag"


def test_every_setting_has_a_key_a_variable_and_a_flag(tmp_path):
    seen = config(tmp_path)
    assert seen["log_level"]["variable"] == "TOPOFORGE_LOG_LEVEL" and seen["log_level"]["flag"] == "--log-level"
    assert seen["cors_origins"]["variable"] == "CORS_ORIGINS" and seen["jwt_secret"]["variable"] == "JWT_SECRET"
    assert len({setting["variable"] for setting in seen.values()}) == len(seen) > 20
    assert not {"config", "help", "json"} & set(seen)
    shown = run(tmp_path, "serve", "--help").stdout
    for setting in seen.values():
        assert setting["about"]
        assert (setting["flag"] or f"  {setting['variable']} ") in shown
    values = {"log_level": "debug", "window": "80", "open_stream": "false", "watch": "true", "threshold": "0.25",
              "host": "::1", "limit_login": "7/hour"}
    for key, value in values.items():
        variable = {seen[key]["variable"]: value}
        assert config(tmp_path, env=variable)[key]["value"] == value
    write(tmp_path, toml='log_level = "debug"\nwindow = 80\nopen_stream = false\nwatch = true\nthreshold = 0.25\n'
          'host = "::1"\nlimit_login = "7/hour"\n')  # fmt: skip
    seen = config(tmp_path)
    assert {key: seen[key]["value"] for key in values} == values


def test_people_read_a_table(tmp_path):
    write(tmp_path, toml="port = 9000\n", dotenv=f"JWT_SECRET={SECRET}\n")
    shown = run(tmp_path, "config").stdout
    assert re.search(r"^port +9000 +topoforge\.toml:1$", shown, re.M)
    assert re.search(r"^jwt_secret +\*{8} +\.env:1$", shown, re.M)
    assert re.search(r"^admin_email +- +default$", shown, re.M)
    assert shown.endswith("\nread: .env, topoforge.toml\n")


def test_secrets_are_masked_and_kept_off_the_command_line(tmp_path):
    write(tmp_path, dotenv=f"JWT_SECRET={SECRET}\nADMIN_PASSWORD=Hidd3n-s3cret\n")
    for arguments in (["config"], ["config", "--json"]):
        done = run(tmp_path, *arguments)
        assert done.returncode == 0 and "s3cret" not in done.stdout + done.stderr
    said = problem(tmp_path, "serve", "--jwt-secret", SECRET)
    assert said.startswith("--jwt-secret: others can read a command line; set JWT_SECRET in the environment")
    assert "s3cret" not in said
    assert "--jwt-secret" not in run(tmp_path, "serve", "--help").stdout
    assert "jwt-secret" not in run(tmp_path, "completion", "bash").stdout


def test_unknown_names_are_errors_with_their_place(tmp_path):
    write(tmp_path, toml="host = '::1'\nprot = 9000\n")
    assert problem(tmp_path) == "topoforge.toml:2: unknown setting 'prot'; did you mean 'port'?"
    write(tmp_path, toml="colour = 1\nlog-level = 'debug'\n")
    assert problem(tmp_path) == (
        "topoforge.toml:1: unknown setting 'colour'; `topoforge config` lists them (and 1 more problem)"
    )
    write(tmp_path, toml="[limits]\nlogin = 5\n")
    assert problem(tmp_path).startswith("topoforge.toml:1: 'limits' is a table")
    write(tmp_path, toml="port = \n")
    assert problem(tmp_path).startswith("topoforge.toml:1: not TOML: ")
    write(tmp_path, toml="", dotenv="A=1\nTOPOFORGE_OPENSTREAM=false\n")
    assert problem(tmp_path) == ".env:2: unknown setting 'TOPOFORGE_OPENSTREAM'; did you mean 'TOPOFORGE_OPEN_STREAM'?"
    write(tmp_path, dotenv="PORT 9000\n")
    assert problem(tmp_path) == ".env:1: 'PORT' is not followed by =; wanted KEY=VALUE"
    (tmp_path / ".env").write_bytes(b"A=1\nB=\x00\n")
    assert problem(tmp_path).startswith(".env:2: a byte that is no text")


@pytest.mark.parametrize(
    ("key", "variable", "value", "part"),
    [
        ("port", "PORT", "70000", "--port: "),
        ("port", "PORT", "http", "--port"),
        ("threshold", "TOPOFORGE_THRESHOLD", "1.5", "--threshold: threshold is 1.5"),
        ("stride", "TOPOFORGE_STRIDE", "0", "--stride: stride"),
        ("window", "TOPOFORGE_WINDOW", "1", "--window: "),
        ("log_level", "TOPOFORGE_LOG_LEVEL", "loud", "--log-level: loud"),
        ("limit_login", "TOPOFORGE_LIMIT_LOGIN", "often", "'often'"),
        ("trusted_proxies", "TOPOFORGE_TRUSTED_PROXIES", "proxy.example", "'proxy.example'"),
        ("cors_origins", "CORS_ORIGINS", "nowhere", "'nowhere'"),
        ("open_stream", "TOPOFORGE_OPEN_STREAM", "perhaps", "--open-stream"),
        ("rate", "TOPOFORGE_RATE", "1000", "--rate: "),
        ("retention_days", "TOPOFORGE_RETENTION_DAYS", "-1", "--retention-days: "),
        ("jwt_secret", "JWT_SECRET", "short-s3cret", "jwt_secret: JWT_SECRET has 12 bytes; wanted 32"),
    ],
)
def test_wrong_values_are_errors_with_their_place(tmp_path, key, variable, value, part):
    write(tmp_path, toml=f'\n{key} = "{value}"\n')
    said = [problem(tmp_path)]
    assert said[0].startswith("topoforge.toml:2: ")
    write(tmp_path, toml="", dotenv=f"{variable}={value}\n")
    said.append(problem(tmp_path))
    assert said[1].startswith(".env:1: ")
    write(tmp_path, dotenv="")
    said.append(problem(tmp_path, env={variable: value}))
    assert said[2].startswith(f"environment {variable}: ")
    for text in said:
        assert part in text and "s3cret" not in text


def test_what_is_not_ours_is_left_alone(tmp_path):
    write(tmp_path, dotenv="DATABASE_URL=postgres://u:p$w@h/\nNODE_ENV='development'\nPORT=\n")
    assert config(tmp_path, env={"TOPOFORGE_NOTHING": "1", "PORT": ""})["port"]["layer"] == "default"
    (tmp_path / ".env").unlink()
    (tmp_path / ".env").mkdir()
    assert config(tmp_path)["port"]["layer"] == "default"


def test_the_file_can_be_elsewhere(tmp_path):
    write(tmp_path, toml="port = 1\n")
    for number, name in enumerate(("flag", "environment", "dotenv"), start=2):
        (tmp_path / name).write_text(f"port = {number}\n")
    assert config(tmp_path, "--config", "flag")["port"]["from"] == "flag:1"
    environment = {"TOPOFORGE_CONFIG": "environment"}
    assert config(tmp_path, env=environment)["port"]["from"] == "environment:1"
    assert config(tmp_path, "--config", "flag", env=environment)["port"]["from"] == "flag:1"
    write(tmp_path, dotenv="TOPOFORGE_CONFIG=dotenv\n")
    assert config(tmp_path)["port"]["from"] == "dotenv:1"
    assert config(tmp_path, env=environment)["port"]["from"] == "environment:1"
    assert problem(tmp_path, "config", "--config", "nowhere.toml") == (
        "cannot read 'nowhere.toml': No such file or directory"
    )


def test_a_secret_that_everybody_can_read_is_warned_of_once(tmp_path):
    write(tmp_path, toml="port = 1\n", dotenv=f"JWT_SECRET={SECRET}\nADMIN_PASSWORD=Hidd3n-s3cret\n")
    assert run(tmp_path, "config").stderr == ""
    (tmp_path / ".env").chmod(0o644)
    (tmp_path / "topoforge.toml").chmod(0o644)
    assert run(tmp_path, "config").stderr == (
        "topoforge: warning: .env holds JWT_SECRET, and every user of this machine can read it; chmod 600 .env\n"
    )
    write(tmp_path, dotenv="JWT_SECRET=\n")
    (tmp_path / ".env").chmod(0o644)
    assert run(tmp_path, "config").stderr == ""


def test_the_server_and_the_accounts_read_them(tmp_path):
    write(tmp_path, toml="window = 20\n", dotenv="ADMIN_EMAIL=boss@example.com\nADMIN_PASSWORD='Bossy123'\n")
    with running(tmp_path / "data", cwd=tmp_path) as server:
        sign_in(server, "boss@example.com", "Bossy123")
        assert server.post({"value": 1})[1]["results"][0]["data"]["events_until_verdict"] == 19
    write(tmp_path, dotenv="TOPOFORGE_DATA_DIR=data\n")
    done = run(tmp_path, "user", "list")
    assert done.returncode == 0 and "boss@example.com" in done.stdout
    write(tmp_path, toml="prot = 1\n")
    for arguments in (["user", "list"], ["serve"], ["seed"], ["backup", "x.db"]):
        assert problem(tmp_path, *arguments) == "topoforge.toml:1: unknown setting 'prot'; did you mean 'port'?"


def test_what_does_not_use_them_does_not_read_them(tmp_path):
    write(tmp_path, toml="prot = 1\n", dotenv="PORT 9000\n")
    for arguments in (["rules"], ["serve", "--help"], ["config", "--help"], ["user", "create", "--help"], ["--help"]):
        done = run(tmp_path, *arguments, env={"PORT": "abc"})
        assert done.returncode == 0 and done.stderr == "", arguments


def test_a_wrong_setting_stops_the_server(tmp_path):
    write(tmp_path, toml="port = 70000\n")
    failed = run_serve("--data-dir", str(tmp_path / "data"), cwd=tmp_path)
    assert failed.returncode == 2 and "topoforge.toml:1: --port" in failed.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("example", "name"), [(".env.example", ".env"), ("deploy/topoforge.toml.example", "topoforge.toml")]
)
def test_the_examples_are_accepted(tmp_path, example, name):
    text = (ROOT / example).read_text(encoding="utf-8")
    file = tmp_path / name
    file.write_text(text)
    assert {setting["layer"] for setting in config(tmp_path).values()} == {"default"}
    # With every setting that it shows.
    used = re.sub(r"^# ?([A-Za-z_]+ ?=)", r"\1", text, flags=re.M)
    assert used != text
    file.write_text(used)
    os.chmod(file, 0o600)
    layers = {setting["layer"] for setting in config(tmp_path).values()}
    assert layers == {"default", "dotenv" if name == ".env" else "file"}
