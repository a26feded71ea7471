"""The files that start the program elsewhere: what they say to it, it understands."""

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
    for name in ("Procfile", "deploy/Dockerfile", "deploy/topoforge.service", "deploy/debian/topoforge.env"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if not re.match(r"web:|CMD|ExecStart=|#?SERVE_ARGS=", line):
                continue
            for option in re.findall(r"--[a-z][a-z-]*", line):
                assert re.search(rf"{option}(?![a-z-])", shown), f"{name}: topoforge serve has no {option}"
                seen += 1
    assert seen >= 4


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
