"""A Python with the pinned packages of a requirements.txt: made once, in the build tree, and shared by all presets."""

import fcntl
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
FOLDER = pathlib.Path(os.environ.get("TOPOFORGE_PUBLISHED_ENVIRONMENT", HERE.parents[1] / "build" / "published"))


class Unavailable(Exception):
    """Says what is missing."""


def interpreter(requirements=REQUIREMENTS, folder=FOLDER):
    """Its path. Two programs may ask at once: the second waits until the first has installed."""
    python = folder / "bin" / "python"
    wanted = requirements.read_text()
    installed = folder / "installed.txt"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if installed.exists() and installed.read_text() == wanted:
            return python
        made = subprocess.run([sys.executable, "-m", "venv", folder], capture_output=True, text=True)
        if made.returncode != 0:
            raise Unavailable(f"no virtual environment (package python3-venv): {made.stdout.strip()[-200:]}")
        pip = [python, "-m", "pip", "install", "-q", "--only-binary", ":all:", "--retries", "1", "--timeout", "20"]
        done = subprocess.run([*pip, "-r", requirements], capture_output=True, text=True)
        if done.returncode != 0:
            raise Unavailable(
                "PyPI (or PIP_INDEX_URL) does not give the packages of requirements.txt: "
                + done.stderr.strip()[-300:]
            )
        installed.write_text(wanted)
    return python
