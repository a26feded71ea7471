"""The files that start the program elsewhere: what they say to it, it understands. Containers are not built here."""

import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

import pytest
import yaml

from program import BINARY
from server import START_SECONDS, clean_environment

ROOT = pathlib.Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answer_of_health(port, process):
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
                return answer.status
        except OSError:
            assert process.poll() is None and time.monotonic() < end, "it did not start"
            time.sleep(0.1)


def test_the_procfile_starts_on_the_port_of_the_platform(tmp_path):
    command = re.fullmatch(r"web: (.*)\n", (ROOT / "Procfile").read_text(encoding="utf-8")).group(1)
    program = tmp_path / "build" / "release" / "topoforge"
    program.parent.mkdir(parents=True)
    program.symlink_to(pathlib.Path(BINARY).resolve())
    port = free_port()
    process = subprocess.Popen(
        ["sh", "-c", command],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        env=clean_environment({"PORT": str(port), "TOPOFORGE_DATA_DIR": str(tmp_path / "data")}),
    )
    try:
        assert answer_of_health(port, process) == 200
    finally:
        process.send_signal(signal.SIGTERM)
        # The signal reaches the program itself, with no shell between.
        assert process.wait(timeout=60) == 0


def test_options_in_the_deployment_files_exist():
    shown = subprocess.run([BINARY, "serve", "--help"], capture_output=True, text=True, check=True).stdout
    seen = 0
    for name in ("Procfile", "Dockerfile", "deploy/topoforge.service", "deploy/debian/topoforge.env"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if not re.match(r"web:|CMD|ExecStart=|#?SERVE_ARGS=", line):
                continue
            for option in re.findall(r"--[a-z][a-z-]*", line):
                assert re.search(rf"{option}(?![a-z-])", shown), f"{name}: topoforge serve has no {option}"
                seen += 1
    assert seen >= 4


@pytest.fixture(name="settings", scope="module")
def fixture_settings(tmp_path_factory):
    """What `topoforge config` says, in an environment and with a .env."""

    def ask(env, dotenv=""):
        folder = tmp_path_factory.mktemp("settings")
        (folder / ".env").write_text(dotenv, encoding="utf-8")
        (folder / ".env").chmod(0o600)
        done = subprocess.run([BINARY, "config", "--json"], cwd=folder, capture_output=True, text=True, check=True,
                              env=clean_environment(env))  # fmt: skip
        return json.loads(done.stdout)["settings"]

    return ask


@pytest.fixture(name="variables", scope="module")
def fixture_variables(settings):
    return {one["variable"] for one in settings({})}


def instructions(text):
    """(instruction, arguments) of a Dockerfile."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, arguments = line.partition(" ")
            yield name, arguments.strip()


def dockerfile():
    return list(instructions((ROOT / "Dockerfile").read_text(encoding="utf-8")))


def of_instruction(name):
    return [arguments for instruction, arguments in dockerfile() if instruction == name]


def test_the_documented_commands_find_their_files():
    guide = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    assert "docker build -t topoforge-backend .\ndocker run -p 8000:8000 --env-file .env" in guide
    assert "docker compose up --build\n" in guide
    assert (ROOT / "Dockerfile").is_file() and (ROOT / "docker-compose.yml").is_file()


def test_what_the_image_is_built_from_is_there():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    stages = {arguments.split()[-1] for arguments in of_instruction("FROM") if " AS " in arguments}
    for arguments in of_instruction("COPY"):
        *sources, _ = [word for word in arguments.split() if not word.startswith("--")]
        if stage := re.search(r"--from=(\S+)", arguments):
            assert stage.group(1) in stages
            continue
        for source in sources:
            assert (ROOT / source).exists() and source not in ignored, source
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    bootstrap = (ROOT / "scripts" / "bootstrap").read_text(encoding="utf-8")
    run = "\n".join(of_instruction("RUN"))
    (target,) = re.findall(r"make (\w+)", run)
    assert re.search(rf"^{target}:", makefile, re.M)
    (groups,) = re.findall(r"scripts/bootstrap ([a-z ]+)", run)
    for group in groups.split():
        assert re.search(rf"^{group}\|", bootstrap, re.M), group


def test_what_the_image_starts_serves_and_is_healthy(tmp_path, variables):
    port = free_port()
    declared = dict(word.split("=", 1) for arguments in of_instruction("ENV") for word in shlex.split(arguments))
    assert set(declared) <= variables
    declared |= {"PORT": str(port), "TOPOFORGE_DATA_DIR": str(tmp_path / "data")}
    program, *arguments = [word for name in ("ENTRYPOINT", "CMD") for word in json.loads(of_instruction(name)[0])]
    assert program == "topoforge"
    environment = clean_environment(declared)
    process = subprocess.Popen([BINARY, *arguments], cwd=tmp_path, stdout=subprocess.DEVNULL, env=environment)
    try:
        assert answer_of_health(port, process) == 200
        check = of_instruction("HEALTHCHECK")[0].partition("CMD ")[2]
        assert subprocess.run(["sh", "-c", check], env=environment, timeout=60, check=False).returncode == 0
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    assert subprocess.run(["sh", "-c", check], env=environment, stderr=subprocess.DEVNULL, check=False).returncode == 1


def test_the_composition_says_what_the_program_knows(settings, variables):
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    composition = yaml.safe_load(text)
    services = composition["services"]
    ours = services["topoforge"]
    assert ours["build"] == ".", "where the Dockerfile is"
    assert set(ours["environment"]) <= variables
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        for volume in service["volumes"]:
            assert volume.partition(":")[0] in composition["volumes"]
    guide = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{([A-Z_]+)", text))
    assert {"JWT_SECRET", "MONGO_PASSWORD"} <= asked
    assert [name for name in asked - variables if name not in guide] == []
    # With the values filled in as the composition does, those that must be set and those that need not.
    given = {"JWT_SECRET": "a secret of thirty-two bytes or more", "MONGO_PASSWORD": "0123456789abcdef"}
    fill = re.compile(r"\$\{([A-Z_]+)(?::-([^}]*)|:\?[^}]*)\}")
    environment = {
        name: fill.sub(lambda found: given.get(found[1], found[2]), value)
        for name, value in ours["environment"].items()
        if value
    }
    held = {one["variable"]: one for one in settings(environment)}
    for name in environment:
        assert held[name]["layer"] == "environment", name
    assert held["DATABASE_NAME"]["value"] == "topoforge"
    assert "mongo" in services and "@mongo:27017/" in environment["MONGODB_URI"]


def test_other_files_say_what_the_program_knows(variables):
    procfile = (ROOT / "Procfile").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{?([A-Z_]+)", procfile)) - {"PATH", "PWD"} <= variables
    package = (ROOT / "deploy" / "debian" / "topoforge.env").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([A-Z][A-Z_]+)=", package, re.M))
    assert named and named - {"SERVE_ARGS"} <= variables


def read_by_docker(text):
    """What `docker run --env-file` makes of it: no quotes, no comments behind values, no `export`."""
    found = {}
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            name, equals, value = line.lstrip().partition("=")
            assert equals and not re.search(r"\s", name), line
            found[name] = value
    return found


def test_a_dotenv_for_docker_means_the_same_to_both(settings):
    guide = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^<!-- read by docker too -->\n```sh\n(.*?)^```", guide, re.M | re.S)
    template = (ROOT / ".env.example").read_text(encoding="utf-8")
    uncommented = re.sub(r"^# ([A-Z_]+=.)", r"\1", template, flags=re.M)
    for text in (shown, uncommented):
        by_docker, by_us = settings(read_by_docker(text)), settings({}, text)
        assert len(read_by_docker(text)) > 3
        assert [one["value"] for one in by_docker] == [one["value"] for one in by_us]
        for ours in by_us:
            assert (ours["layer"] == "dotenv") == (ours["variable"] in read_by_docker(text)), ours
    # Secrets are masked, so those are not compared: nothing may be in them that the two read in different ways.
    assert not set("\"'\\ ") & set("".join(read_by_docker(shown).values()))


def test_systemd_understands_the_unit(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd here (systemd-analyze)")
    text = (ROOT / "deploy" / "topoforge.service").read_text(encoding="utf-8")
    unit = tmp_path / "topoforge.service"
    unit.write_text(text.replace("/usr/bin/topoforge", shlex.quote(str(pathlib.Path(BINARY).resolve()))))
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, timeout=60, check=False)
    # It reads the units that this one names too, and tells what is wrong with those of the machine.
    assert [line for line in done.stderr.splitlines() if str(unit) in line or unit.name in line] == []


@pytest.mark.parametrize("name", ["postinst", "prerm", "postrm"])
def test_scripts_of_the_package_can_run(name):
    script = ROOT / "deploy" / "debian" / name
    assert os.access(script, os.X_OK)
    subprocess.run(["sh", "-n", script], check=True)
