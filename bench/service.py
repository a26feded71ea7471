"""Load on the server, and on a minimal FastAPI service that computes the documented pipeline: the table of
docs/benchmarks.md below "The service".

`make bench-service BENCH_ARGS="--only throughput"` measures a part of it. Client and server share the machine, so that
what the client takes is lost to the server. The Python packages are those of bench/fastapi/requirements.txt; where PyPI
does not answer, the comparison is left out and this says so.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "published"), str(ROOT / "tests" / "mongo")]

import environment  # noqa: E402
import mongo_server  # noqa: E402

LOAD = ROOT / "build" / "bench" / "bench" / "topoforge_service_load"
PROGRAM = ROOT / "build" / "bench" / "topoforge"
GENEROUS = {f"TOPOFORGE_LIMIT_{name}": "100000/second" for name in ("GENERAL", "INGEST", "LOGIN", "REGISTRATION")}
ADMIN = {"ADMIN_EMAIL": "root@example.com", "ADMIN_PASSWORD": "Rooted123"}
READS = ("/api/anomalies?limit=20", "/api/anomalies?min_score=0.9&limit=20", "/api/anomalies/stats")


@contextlib.contextmanager
def server(folder, **database):
    """A TopoForge on a free port; gives its process and port."""
    with open(pathlib.Path(folder) / "log", "w") as log:
        command = [PROGRAM, "serve", "--port", "0", "--data-dir", folder, "--log-level", "warn"]
        env = {**os.environ, **GENEROUS, **ADMIN, **database}
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=env) as process:
            try:
                yield process, int(re.search(r":(\d+)", process.stdout.readline()).group(1))
            finally:
                process.terminate()
                process.stdout.read()


@contextlib.contextmanager
def baseline(python):
    """The FastAPI service on a free port; gives its process and port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [python, "-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "warning"]
    threads = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    with subprocess.Popen(command, cwd=ROOT / "bench" / "fastapi", env={**os.environ, **threads}) as process:
        try:
            for _ in range(200):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
            yield process, port
        finally:
            process.terminate()


def load(kind, port, *arguments):
    done = subprocess.run([LOAD, kind, "--port", str(port), *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{kind}: {done.stderr}")
    return json.loads(done.stdout)


def peak_mib(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024


def token(port):
    body = json.dumps({"username": "admin", "password": ADMIN["ADMIN_PASSWORD"]}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/auth/login", body, {"Content-Type": "application/json"}
    )
    return json.load(urllib.request.urlopen(request))["access_token"]


def get(port, path, bearer):
    return urllib.request.urlopen(
        urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {bearer}"})
    )


def measure_throughput(rows, seconds):
    ours = {}
    for streams in (1, 8):
        with tempfile.TemporaryDirectory() as folder, server(folder) as (process, port):
            done = load("throughput", port, "--seconds", seconds, "--streams", streams)
            ours[streams] = done["events_per_second"]
            name = f"NDJSON over one connection, {streams} stream{'s' if streams > 1 else ''}"
            rows.append((name, f"{ours[streams]:,.0f} events/s analysed", f"{peak_mib(process):.0f} MiB"))
    try:
        python = environment.interpreter(ROOT / "bench" / "fastapi" / "requirements.txt", ROOT / "build" / "fastapi")
    except environment.Unavailable as missing:
        print(f"the comparison with FastAPI is left out: {missing}", file=sys.stderr)
        return
    with baseline(python) as (process, port):
        done = load("throughput", port, "--seconds", seconds, "--streams", 1, "--batch", 50)
        rate = done["events_per_second"]
        rows.append(("the same by FastAPI, ripser.py and scikit-learn, 1 stream", f"{rate:,.0f} events/s analysed",
                     f"{peak_mib(process):.0f} MiB"))  # fmt: skip
        rows.append(("ours beside it, 1 stream", f"{ours[1] / rate:,.0f} times as many", ""))


def measure_latency(rows, seconds):
    for rate in (1000, 5000, 10000):
        with tempfile.TemporaryDirectory() as folder, server(folder) as (process, port):
            done = load("latency", port, "--seconds", seconds, "--rate", rate)
            lost = done["sent"] - done["answered"]
            rows.append((f"event to verdict over one WebSocket, {rate:,} events/s",
                         f"p50 {done['p50_ms']} ms, p99 {done['p99_ms']} ms, {lost} lost",
                         f"{peak_mib(process):.0f} MiB"))  # fmt: skip


def measure_watchers(rows, seconds):
    with tempfile.TemporaryDirectory() as folder, server(folder) as (process, port):
        done = load("watchers", port, "--seconds", seconds, "--idle", 1000, "--busy", 100, "--rate", 20)
        rows.append((f"{done['idle']} idle and {done['busy']} busy WebSockets, 20 events/s in all",
                     f"{done['messages']:,} messages, {done['lost']} lost, {done['dropped_watchers']} watchers dropped",
                     f"{peak_mib(process):.0f} MiB"))  # fmt: skip


def measure_reads(rows, seconds, folder):
    with contextlib.ExitStack() as stack:
        if folder is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
        if not (pathlib.Path(folder) / "topoforge.db").exists():
            subprocess.run([LOAD, "fill", "--data-dir", folder], check=True)
        process, port = stack.enter_context(server(folder))
        bearer = token(port)
        for path in READS:
            done = load("reads", port, "--seconds", seconds, "--token", bearer, "--path", path)
            rows.append((f"GET {path}, a million anomalies, 4 clients",
                         f"{done['per_second']:,} a second, p50 {done['p50_ms']} ms, p99 {done['p99_ms']} ms",
                         f"{peak_mib(process):.0f} MiB"))  # fmt: skip


@contextlib.contextmanager
def mongo(folder):
    """The URI of a MongoDB, what it is called, and which reads say something of it beside that by id: FerretDB with SQLite
    below it uses no index, and looks through all documents."""
    given = os.environ.get("TOPOFORGE_TEST_MONGODB_URI")
    if given:
        yield given, "MongoDB", READS
        return
    mongo_server.binary()
    with mongo_server.running(folder) as running:
        yield running.uri, "FerretDB", ()


def measure_mongo(rows, seconds):
    count = 10_000
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        try:
            uri, name, paths = stack.enter_context(mongo(pathlib.Path(folder) / "mongo"))
        except mongo_server.Unavailable as missing:
            print(f"MongoDB is left out: {missing}", file=sys.stderr)
            return
        database = {"MONGODB_URI": uri, "DATABASE_NAME": "topoforge_bench", "JWT_SECRET": secrets.token_hex(32)}
        subprocess.run([LOAD, "fill", "--data-dir", folder, "--anomalies", str(count)], check=True)
        migrate = [PROGRAM, "migrate", "--from", "sqlite", "--to", "mongo", "--data-dir", folder]
        subprocess.run(migrate, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **database})
        process, port = stack.enter_context(server(folder, **database))
        bearer = token(port)
        one = json.load(get(port, "/api/anomalies?limit=1", bearer))["data"][0]["id"]
        for path in (f"/api/anomalies/{one}", *paths):
            done = load("reads", port, "--seconds", seconds, "--clients", 1, "--token", bearer, "--path", path)
            path = path.replace(one, "{id}")
            rows.append((f"GET {path}, {count:,} anomalies in {name}, 1 client",
                         f"{done['per_second']:,} a second, p50 {done['p50_ms']} ms, p99 {done['p99_ms']} ms",
                         f"{peak_mib(process):.0f} MiB"))  # fmt: skip


def table(rows):
    lines = ["| load | what came of it | peak memory of the server |", "| --- | --- | --- |"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def write_document(path, text):
    """The place is marked by two comments."""
    begin, end = "<!-- service: begin -->", "<!-- service: end -->"
    document = path.read_text()
    head, rest = document.split(begin)
    path.write_text(f"{head}{begin}\n\n{text}\n\n{end}{rest.split(end)[1]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10, help="of each load")
    parser.add_argument("--only", choices=["throughput", "latency", "watchers", "reads", "mongo"], help="a part of it")
    parser.add_argument("--store", help="a folder for the million anomalies (4 GB), kept for the next run")
    parser.add_argument("--document", type=pathlib.Path, help="a Markdown file whose measured part is replaced")
    arguments = parser.parse_args()
    parts = {
        "throughput": measure_throughput,
        "latency": measure_latency,
        "watchers": measure_watchers,
        "reads": lambda rows, seconds: measure_reads(rows, seconds, arguments.store),
        "mongo": measure_mongo,
    }
    rows = []
    for name, part in parts.items():
        if arguments.only in (None, name):
            part(rows, arguments.seconds)
            print(f"{name}: done", file=sys.stderr)
    print(table(rows))
    if arguments.document:
        write_document(arguments.document, table(rows))


if __name__ == "__main__":
    main()
