"""`topoforge serve` on a store of fifty thousand anomalies: what an export takes, how far down a list one gets and how
soon, and the documented targets."""

import contextlib
import http.client
import pathlib
import re
import shutil
import sqlite3
import statistics
import subprocess
import time

import pytest

from people import ADMIN, People, log
from program import sanitized
from server import running
from test_metrics import samples
from test_serve import burst_events, normal_events

SHIM = pathlib.Path(__file__).resolve().parent / "seen_statements.c"
COPIES = 50_000
MIB = 1 << 20
# "Performance Optimization" of the documentation.
REQUEST_SECONDS = 0.2
HOMOLOGY_SECONDS = 0.5
QUERY_SECONDS = 0.05
MEMORY_BYTES = 512 * MIB

timed = pytest.mark.skipif(sanitized(), reason="a sanitizer is many times slower, and keeps memory of its own")


def copy_anomalies(file, wanted):
    """So many copies of those that are there, as if they had come again and again. Gives how many there are then."""
    with contextlib.closing(sqlite3.connect(file)) as database, database:
        count, step = database.execute("SELECT count(*), max(id) FROM anomalies").fetchone()
        copies = wanted // count
        numbers = f"WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < {copies})"
        for table, key in [("anomaly_documents", "id"), ("anomaly_techniques", "anomaly"), ("anomalies", "id")]:
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            shifted = ", ".join(f"{key} + n * {step}" if column == key else column for column in columns)
            database.execute(f"{numbers} INSERT INTO {table} SELECT {shifted} FROM copy, {table}")
        database.execute(
            f"UPDATE anomaly_counts SET count = count * {copies + 1}, last_id = (SELECT max(id) FROM anomalies)"
        )
        database.execute("DELETE FROM anomaly_blocks")
        database.execute("INSERT INTO anomaly_blocks SELECT id / 1024, count(*) FROM anomalies GROUP BY 1")
        return count * (copies + 1)


@pytest.fixture(name="store", scope="module")
def fixture_store(tmp_path_factory):
    """A folder of data, and how many anomalies there are in it."""
    folder = tmp_path_factory.mktemp("large") / "data"
    with running(folder, "--window", "20", env=ADMIN) as server:
        people = People(server)
        for source in ("web", "mail"):
            server.post(normal_events(400, source=source))
            answer = server.post(burst_events(8, source=source))[1]
            assert answer["anomalies"] > 0
        log(people, source="desk", entity="host-1", anomaly_score=0.3)
        assert log(people, source="desk", entity="host-2", anomaly_score=0.01)["is_anomaly"] is False
    return folder, copy_anomalies(folder / "topoforge.db", COPIES)


@pytest.fixture(name="seen", scope="module")
def fixture_seen(tmp_path_factory):
    """The environment in which the server writes down its statements, and the file; None where it cannot."""
    compiler = shutil.which("cc")
    if compiler is None or sanitized():
        return {}, None
    folder = tmp_path_factory.mktemp("statements")
    library, file = folder / "seen_statements.so", folder / "statements"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, SHIM], check=True, capture_output=True)
    return {"LD_PRELOAD": str(library), "SEEN_STATEMENTS": str(file)}, file


@pytest.fixture(name="people", scope="module")
def fixture_people(store, seen):
    with running(store[0], env={**ADMIN, **seen[0]}) as server:
        people = People(server, new=False)
        people.count = store[1]
        yield people


def memory_bytes(server, what):
    text = pathlib.Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(what + ":"))


def export(people, form):
    """Bytes and lines of it, which nobody keeps."""
    size = lines = 0
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", people.server.port, timeout=60)) as connection:
        headers = {"Authorization": f"Bearer {people.tokens['viewer']}"}
        connection.request("GET", f"/api/anomalies/export?format={form}", headers=headers)
        response = connection.getresponse()
        assert response.status == 200
        while piece := response.read(MIB):
            size += len(piece)
            lines += piece.count(b"\n")
    return size, lines


@pytest.mark.parametrize("form, least_bytes, other_lines", [("ndjson", 100, 0), ("json", 100, 2), ("csv", 10, 1)])
def test_an_export_takes_no_memory_for_what_is_in_it(people, form, least_bytes, other_lines):
    assert people.call("viewer", "GET", "/api/anomalies?limit=1000")[0] == 200
    before = memory_bytes(people.server, "VmRSS")
    size, lines = export(people, form)
    assert lines == people.count + other_lines
    assert size > least_bytes * MIB
    if not sanitized():
        assert memory_bytes(people.server, "VmHWM") - before < 32 * MIB


FILTERS = [
    "", "source=web", "source=mail&min_score=0.5", "entity=host-1", "is_anomaly=true", "is_anomaly=false",
    "risk_level=Critical", "risk_level=Medium&source=desk", "technique=T1048", "min_score=0.2",
    "start_date=2026-01-01", "start_date=2026-01-01&source=web&is_anomaly=true",
]  # fmt: skip


def page(people, query):
    """It, and the seconds that it took at best: others may have had the processor."""
    took = []
    for _ in range(5):
        began = time.monotonic()
        status, answer = people.call("viewer", "GET", f"/api/anomalies?{query}")
        took.append(time.monotonic() - began)
        assert status == 200, answer
    return answer, min(took)


@timed
@pytest.mark.parametrize("query", FILTERS)
def test_a_cursor_is_as_fast_at_the_end_of_a_list_as_at_its_begin(people, query):
    first, at_begin = page(people, f"limit=20&{query}")
    assert first["total"] > 1000, "or there is no way to go"
    by_number, _ = page(people, f"limit=20&page={first['total'] // 20 - 1}&{query}")
    near_end, at_end = page(people, f"limit=20&cursor={by_number['next_cursor']}&{query}")
    assert near_end["data"][0]["id"] < by_number["data"][-1]["id"] < first["data"][-1]["id"]
    assert max(at_begin, at_end) < QUERY_SECONDS
    assert at_end < 3 * at_begin + 0.01


def test_no_list_reads_or_sorts_what_it_does_not_show(store, people, seen):
    """How SQLite does each statement for them, whatever the number of anomalies."""
    if seen[1] is None:
        pytest.skip("it wants a C compiler, and a program without a sanitizer")
    for query in FILTERS:
        first = people.call("viewer", "GET", f"/api/anomalies?limit=20&{query}")[1]
        status, _ = people.call("viewer", "GET", f"/api/anomalies?limit=20&cursor={first['next_cursor']}&{query}")
        assert status == 200
    statements = {text.decode() for text in seen[1].read_bytes().split(b"\0")}
    lists = {text for text in statements if re.search(r"ORDER BY (a\.id|t\.anomaly) DESC", text)}
    others = {text for text in statements if text.startswith("SELECT") and re.search(r"FROM anomal(ies|y_)", text)}
    # A row for each 1024 anomalies: what a page far away is found by.
    others = {text for text in others - lists if "FROM anomaly_blocks" not in text}
    assert len(lists) >= len(FILTERS) - 2 and others
    with contextlib.closing(sqlite3.connect(f"file:{store[0] / 'topoforge.db'}?mode=ro", uri=True)) as database:
        for statement in lists | others:
            values = [None] * max(map(int, re.findall(r"\?(\d+)", statement)), default=0)
            plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert plan and not [step for step in plan if step.startswith("SCAN") or "TEMP B-TREE" in step], statement


@timed
def test_the_targets_of_the_documentation_are_met(people):
    newest = people.call("viewer", "GET", "/api/anomalies?limit=1")[1]["data"][0]["id"]
    body = {"source": "target", "anomaly_score": 0.9}
    calls = [
        ("GET", "/api/anomalies?limit=100", None), ("GET", "/api/anomalies?page=300&limit=100", None),
        ("GET", f"/api/anomalies/{newest}", None), ("GET", "/api/anomalies/stats", None),
        ("GET", "/api/auth/me", None), ("POST", "/api/anomalies", body), ("GET", "/openapi.json", None),
    ]  # fmt: skip
    for method, path, sent in calls:
        took = []
        for _ in range(10):
            began = time.monotonic()
            assert people.call("analyst", method, path, sent)[0] in (200, 201)
            took.append(time.monotonic() - began)
        assert statistics.quantiles(took, n=10)[-1] < REQUEST_SECONDS, path
    assert people.server.post(normal_events(300))[0] == 200

    told = samples(people.server)
    for name in [name for name in told if name.startswith("topoforge_store_duration_seconds_count")]:
        assert told[name.replace("_count", "_sum")] / told[name] < QUERY_SECONDS, name
    name = "topoforge_homology_duration_seconds"
    assert told[f"{name}_count"] > 200 and told[f"{name}_sum"] / told[f"{name}_count"] < HOMOLOGY_SECONDS
    assert memory_bytes(people.server, "VmHWM") < MEMORY_BYTES
