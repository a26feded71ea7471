"""A full disk, a limit of file sizes, a read-only folder, a locked and a truncated database: what is told, and that
nothing that was acknowledged is lost."""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import resource
import sqlite3
import subprocess
import time

import pytest

from people import ADMIN, People, log
from program import BINARY
from server import clean_environment, run_serve, running
from test_serve import anomaly_ids, burst_events, normal_events, one_line

PIPELINE = ("--window", "20", "--max-dimension", "0")
# The program waits so long for another one's lock.
LOCK_SECONDS = 5
# The folder alone, in a name space of mounts of its own.
OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
ON_SMALL_DISK = 'mount -t tmpfs -o size="$1" tmpfs "$2" && shift 2 && exec "$@"'
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'


@pytest.fixture(name="own_mounts", scope="module")
def fixture_own_mounts():
    with contextlib.suppress(OSError):
        if subprocess.run([*OWN_MOUNTS, "true"], capture_output=True, check=False).returncode == 0:
            return
    pytest.skip("NO DISK OF ITS OWN IS TESTED: this system gives no name space of mounts")


def program(within, *arguments, given=None):
    return subprocess.run([*within, BINARY, *arguments], capture_output=True, text=True, timeout=60, input=given,
                          env=clean_environment())  # fmt: skip


def post(server, seed):
    """A burst; the status, the headers, and the ids of the anomalies that the server says are kept."""
    status, headers, text = server.request("POST", "/api/ingest", json.dumps(burst_events(10, seed=seed)))
    answer = json.loads(text)
    return status, headers, anomaly_ids(answer) if status == 200 else answer["detail"]


def stored(people):
    return [one["id"] for one in people.call("viewer", "GET", "/api/anomalies?limit=1000")[1]["data"]]


def begin(server):
    """What is acknowledged before anything fails."""
    status, answer = server.post(normal_events(100))
    assert status == 200
    kept = anomaly_ids(answer) + post(server, 2)[2]
    assert kept
    return kept


def writes(people):
    """Each kind of change, as a status, the headers and what is told."""
    return [
        people.raw("analyst", "POST", "/api/anomalies/", {"source": "x", "anomaly_score": 0.9}),
        people.raw("analyst", "POST", "/api/sources/", {"name": f"source-{time.monotonic()}"}),
        people.raw(None, "POST", "/api/auth/login", {"username": "viewer", "password": "Test1234"}),
        people.raw(None, "POST", "/api/auth/register",
                   {"username": "later", "email": "later@example.com", "password": "Test1234"}),
    ]  # fmt: skip


def refused(answer, word):
    status, headers, text = answer
    assert (status, headers["Retry-After"]) == (503, "1"), answer
    assert word in (text if isinstance(text, str) else json.loads(text)["detail"]), answer


# A full disk


def fill(folder):
    with open(folder / "filler", "ab", buffering=0) as filler, contextlib.suppress(OSError):
        while filler.write(b"x" * 4096):
            pass


def test_a_full_disk_is_told_and_nothing_is_lost(own_mounts, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    within = [*OWN_MOUNTS, ON_SMALL_DISK, "sh", "4m", str(folder)]
    with running(folder, *PIPELINE, env=ADMIN, within=within) as server:
        disk = pathlib.Path(f"/proc/{server.process.pid}/root{folder}")
        people = People(server)
        kept = begin(server)
        fill(disk)
        for seed in range(10, 13):
            refused(post(server, seed), "is full; free some space")
        for answer in writes(people):
            refused(answer, "is full; free some space")
        assert sorted(stored(people)) == sorted(kept), "what is there is read as ever"
        status, health = server.get("/health")
        assert status == 503 and "is full" in health["store"]["detail"]
        os.truncate(disk / "filler", 0)
        status, _, more = post(server, 20)
        assert status == 200 and more
        assert [answer[0] for answer in writes(people)] == [201, 201, 200, 200]
        assert set(kept + more) < set(stored(people))
        assert server.get("/health")[0] == 200


@pytest.mark.parametrize("size", ["4k", "40k"])
def test_a_disk_that_is_full_at_the_start_is_one_line(own_mounts, tmp_path, size):
    within = [*OWN_MOUNTS, ON_SMALL_DISK, "sh", size, str(tmp_path)]
    for command in ("serve", "seed"):
        ended = program(within, command, *(["--port", "0"] if command == "serve" else []), "--data-dir", str(tmp_path))
        assert one_line(ended) and str(tmp_path) in ended.stderr, ended
        assert "is full; free some space" in ended.stderr or "No space left on device" in ended.stderr


# A limit of file sizes, which is an error of writing like any other


def limit_file_sizes(server, size_bytes):
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size_bytes, resource.RLIM_INFINITY))


def largest_file(folder):
    return max(file.stat().st_size for file in folder.iterdir())


def test_a_write_that_fails_is_told_and_a_kill_loses_nothing(tmp_path):
    folder = tmp_path / "data"
    with running(folder, *PIPELINE, env=ADMIN) as server:
        people = People(server)
        kept = begin(server)
        limit_file_sizes(server, largest_file(folder))
        for seed in range(10, 13):
            refused(post(server, seed), str(folder / "topoforge.db"))
        for answer in writes(people):
            refused(answer, str(folder / "topoforge.db"))
        assert sorted(stored(people)) == sorted(kept)
        limit_file_sizes(server, resource.RLIM_INFINITY)
        status, _, more = post(server, 20)
        assert status == 200 and more
        limit_file_sizes(server, largest_file(folder))
        refused(post(server, 21), "could not be stored")
        server.process.kill()
        server.process.wait()
        server.process.returncode = 0
    with running(folder) as people.server:
        assert sorted(stored(people)) == sorted(kept + more)


def test_a_limit_of_file_sizes_ends_no_server_and_is_told(tmp_path):
    """The signal of the limit is no reason to die: the error of the write says enough."""
    folder = tmp_path / "data"
    with running(folder, *PIPELINE, env=ADMIN) as server:
        begin(server)
        limit_file_sizes(server, largest_file(folder))
        refused(post(server, 10), "File too large")


def test_the_state_follows_what_fails_and_what_is_good_again(tmp_path):
    """Who is sent no work since /health and /ready say no must say yes when it could work, not when it has worked."""
    folder = tmp_path / "data"
    with running(folder, *PIPELINE, env=ADMIN) as server:
        begin(server)
        limit_file_sizes(server, largest_file(folder))
        refused(post(server, 10), "could not be stored")
        failing = [server.get("/health")[0], server.get("/ready")[0]]
        limit_file_sizes(server, resource.RLIM_INFINITY)
        good = [server.get("/health")[0], server.get("/ready")[0]]
    assert (failing, good) == ([503, 503], [200, 200])


# A folder that is read-only


def test_a_folder_that_is_read_only_is_one_line(own_mounts, tmp_path):
    empty, used = tmp_path / "empty", tmp_path / "used"
    empty.mkdir()
    with running(used) as server:
        server.post(normal_events(3))
    before = {file.name: file.read_bytes() for file in used.iterdir()}
    for folder in (empty, used):
        within = [*OWN_MOUNTS, READ_ONLY, "sh", str(folder)]
        account = ["user", "create", "ada", "--email", "ada@example.com"]
        for command in (["serve", "--port", "0"], account, ["seed"], ["user", "list"]):
            ended = program(within, *command, "--data-dir", str(folder), given="Test1234\n")
            assert one_line(ended) and str(folder) in ended.stderr, (command, ended)
            assert "Read-only file system" in ended.stderr or "make the file and its folder writable" in ended.stderr
    made = program([*OWN_MOUNTS, READ_ONLY, "sh", str(empty)], "serve", "--data-dir", str(empty / "data"))
    assert one_line(made) and "Read-only file system" in made.stderr and "--data-dir" in made.stderr
    assert {file.name: file.read_bytes() for file in used.iterdir()} == before


def test_a_folder_that_is_read_only_is_not_called_missing(own_mounts, tmp_path):
    listed = program([*OWN_MOUNTS, READ_ONLY, "sh", str(tmp_path)], "user", "list", "--data-dir", str(tmp_path))
    assert one_line(listed) and "No such file" not in listed.stderr


# A locked database


@contextlib.contextmanager
def locked(folder):
    """As another program locks it that writes."""
    with contextlib.closing(sqlite3.connect(folder / "topoforge.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


def test_a_lock_is_waited_for_only_so_long(tmp_path):
    folder = tmp_path / "data"
    with running(folder, *PIPELINE, env=ADMIN) as server:
        people = People(server)
        kept = begin(server)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            with locked(folder):
                began = time.monotonic()
                second = pool.submit(run_serve, "--port", "0", "--data-dir", str(folder))
                written = pool.submit(people.raw, "analyst", "POST", "/api/anomalies/",
                                      {"source": "x", "anomaly_score": 0.9})  # fmt: skip
                assert sorted(stored(people)) == sorted(kept)
                refused(written.result(), "is locked by another program")
                assert one_line(second.result()) and "is locked by another program" in second.result().stderr
                assert LOCK_SECONDS - 1 < time.monotonic() - began < 3 * LOCK_SECONDS
            # One that is free again in time is no error.
            with locked(folder):
                waiting = pool.submit(log, people)
                time.sleep(1)
                assert not waiting.done()
            kept.append(waiting.result()["id"])
        assert sorted(stored(people)) == sorted(kept)
        assert server.get("/health")[0] == 200


def test_readers_do_not_wait_for_writers_that_wait_for_a_lock(tmp_path):
    folder = tmp_path / "data"
    with running(folder, *PIPELINE, env=ADMIN) as server:
        people = People(server)
        kept = begin(server)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            with locked(folder):
                body = {"source": "x", "anomaly_score": 0.9}
                waiting = [pool.submit(people.raw, "analyst", "POST", "/api/anomalies/", body) for _ in range(6)]
                time.sleep(0.5)
                assert sorted(stored(people)) == sorted(kept)
                assert not any(one.done() for one in waiting)


# A truncated database


def test_a_database_that_is_cut_is_told_and_a_copy_brings_all_back(tmp_path):
    folder, copy = tmp_path / "data", tmp_path / "copy.db"
    database = folder / "topoforge.db"
    with running(folder, *PIPELINE, env=ADMIN) as server:
        people = People(server)
        kept = begin(server) + [log(people)["id"] for _ in range(50)]
        assert program([], "backup", str(copy), "--data-dir", str(folder)).returncode == 0
        with contextlib.closing(sqlite3.connect(database)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os.truncate(database, 20_000)
        refused(people.raw("viewer", "GET", "/api/anomalies?limit=1000"), "restore it from a copy")
        for answer in writes(people)[:1]:
            refused(answer, "restore it from a copy")
    for size in (20_000, 4096, 1000):
        os.truncate(database, size)
        ended = run_serve("--port", "0", "--data-dir", str(folder))
        assert one_line(ended) and str(database) in ended.stderr and "restore it from a copy" in ended.stderr
    for name in ("topoforge.db", "topoforge.db-wal", "topoforge.db-shm"):
        (folder / name).unlink(missing_ok=True)
    copy.rename(database)
    with running(folder) as people.server:
        assert sorted(stored(people)) == sorted(kept)
