"""`topoforge serve` on a MongoDB that answers late, or not at all while its connections stay open, and what hostile
values are to it."""

import concurrent.futures
import json
import time

import pytest

from people import ADMIN, People
from proxy import proxy
from server import run_serve, running
from test_mongo import SECRET, fixture_mongo, wait_for  # noqa: F401
from test_serve import normal_events, post_burst

PIPELINE = ("--window", "20", "--max-dimension", "0")
TIMEOUT_SECONDS = 1
PATIENT_SECONDS = 10
# What a server that is told to stop waits for at most.
STOP_SECONDS = 15
VIEWER = {"username": "viewer", "password": "Test1234"}


@pytest.fixture(name="between")
def fixture_between(mongo):
    with proxy(mongo.port) as between:
        yield between


def environment(between, timeout_seconds=TIMEOUT_SECONDS):
    names = ("socketTimeoutMS", "connectTimeoutMS", "serverSelectionTimeoutMS")
    timeouts = "&".join(f"{name}={1000 * timeout_seconds}" for name in names)
    return {"MONGODB_URI": f"mongodb://127.0.0.1:{between.port}/?{timeouts}", **SECRET, **ADMIN}


def stored(people, query="limit=1000"):
    """The ids, newest first; None while the database cannot be reached."""
    status, page = people.call("viewer", "GET", f"/api/anomalies?{query}")
    assert status in (200, 503), page
    return [one["id"] for one in page["data"]] if status == 200 else None


def wait_until_stored(people, ids):
    """All of them; and what else there would be has come by then."""
    wait_for(lambda: len(stored(people) or []) >= len(ids))
    time.sleep(1)
    wait_for(lambda: stored(people) is not None)
    wait_for(lambda: stored(people) == ids[::-1], 5)


def test_late_answers_are_waited_for(between, tmp_path):
    with running(tmp_path / "data", *PIPELINE, env=environment(between, PATIENT_SECONDS)) as server:
        people = People(server)
        server.post(normal_events(100))
        between.delay_seconds = 0.15
        kept = post_burst(server, 5, 1) + post_burst(server, 5, 2)
        assert stored(people) == kept[::-1]
        assert people.raw(None, "POST", "/api/auth/login", VIEWER)[0] == 200
        assert server.get("/health")[0] == 200


def test_one_who_waits_for_the_database_keeps_nobody_else_waiting(between, tmp_path):
    with running(tmp_path / "data", *PIPELINE, env=environment(between, PATIENT_SECONDS)) as server:
        people = People(server)
        server.post(normal_events(100, source="calm"))
        between.delay_seconds = 2
        with concurrent.futures.ThreadPoolExecutor() as pool:
            # Each asks for the session, the account and the page.
            waiting = [pool.submit(people.raw, "viewer", "GET", "/api/anomalies?limit=1") for _ in range(6)]
            time.sleep(0.3)
            assert server.request("GET", "/")[0] == 200
            assert server.post(normal_events(1, source="other"))[0] == 200
            assert not any(one.done() for one in waiting)
            assert [one.result()[0] for one in waiting] == [200] * 6


def test_no_answer_is_told_and_what_is_acknowledged_meanwhile_is_kept(between, tmp_path):
    with running(tmp_path / "data", *PIPELINE, env=environment(between)) as server:
        people = People(server)
        server.post(normal_events(100))
        kept = post_burst(server, 5, 1)
        between.hold()
        began = time.monotonic()
        for seed in range(10, 14):
            kept += post_burst(server, 5, seed)  # into the spool
        account = {"username": "later", "email": "later@example.com", "password": "Test1234"}
        for answer in [
            people.raw("viewer", "GET", "/api/anomalies"),
            people.raw("analyst", "POST", "/api/anomalies/", {"source": "x", "anomaly_score": 0.9}),
            people.raw(None, "POST", "/api/auth/login", VIEWER),
            people.raw(None, "POST", "/api/auth/register", account),
        ]:
            assert (answer[0], answer[1]["Retry-After"]) == (503, "1"), answer
            assert f"MongoDB at 127.0.0.1:{between.port} cannot be reached" in json.loads(answer[2])["detail"]
        assert time.monotonic() - began < 12 * TIMEOUT_SECONDS
        health = server.get("/health")
        assert health[0] == 503 and "cannot be reached" in health[1]["store"]["detail"]
        assert server.get("/ready")[0] == 503
        between.release()
        wait_until_stored(people, kept)
        wait_for(lambda: people.raw(None, "POST", "/api/auth/register", account)[0] == 200)
        wait_for(lambda: server.get("/health")[0] == 200)


def test_what_is_refused_is_not_kept(between, tmp_path):
    """Who is told that nothing was kept sends it again: then it must not be there twice."""
    with running(tmp_path / "data", *PIPELINE, env=environment(between)) as server:
        people = People(server)
        body = {"source": "logged", "anomaly_score": 0.9}
        between.delay_seconds = 0.4
        with concurrent.futures.ThreadPoolExecutor() as pool:
            logged = pool.submit(people.raw, "analyst", "POST", "/api/anomalies/", body)
            time.sleep(2.5 * between.delay_seconds)  # the session and the account are read, the anomaly is on its way
            between.hold()
            status = logged.result()[0]
        assert status in (201, 503)
        between.delay_seconds = 0
        between.release()
        wait_for(lambda: stored(people) is not None)
        time.sleep(1)  # the spool is written
        wait_for(lambda: stored(people) is not None)
        kept = len(stored(people, "source=logged"))
        assert kept == (1 if status == 201 else 0), status


def test_a_server_stops_though_its_database_does_not_answer(between, tmp_path):
    """Who waits is told, and what is acknowledged at the last moment is there again."""
    with running(tmp_path / "data", *PIPELINE, env=environment(between)) as server:
        people = People(server)
        server.post(normal_events(100))
        kept = post_burst(server, 5, 1)
        between.hold()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            asked = pool.submit(people.raw, "viewer", "GET", "/api/anomalies")
            posted = pool.submit(post_burst, server, 5, 2)
            time.sleep(0.3)
            assert not asked.done() and not posted.done()
            began = time.monotonic()
            code, _, log = server.stop()
            assert code == 0, log
            assert time.monotonic() - began < STOP_SECONDS
            assert asked.result()[0] == 503
            kept += posted.result()
    between.release()
    with running(tmp_path / "data", *PIPELINE, env=environment(between)) as people.server:
        wait_until_stored(people, kept)


def test_no_answer_at_the_start_is_one_line(between, tmp_path):
    between.hold()
    began = time.monotonic()
    ended = run_serve("--port", "0", "--data-dir", str(tmp_path / "data"), env=environment(between))
    # Before main() libmongoc says so where a program that was killed had the same process id.
    lines = [line for line in ended.stderr.splitlines() if "mongoc: Falling back to malloc for counters" not in line]
    assert ended.returncode == 1 and len(lines) == 1, ended
    assert lines[0].startswith("topoforge: error: ") and f"127.0.0.1:{between.port}" in lines[0]
    assert time.monotonic() - began < 20


def test_names_that_are_operators_are_names(between, tmp_path):
    with running(tmp_path / "data", *PIPELINE, env=environment(between)) as server:
        people = People(server)
        body = {
            "source": '{"$gt": ""}', "entity": "$where", "anomaly_score": 0.9, "values": {"$gt": 1, "a.b": 2, "_id": 3},
            "attributes": {"$set": "x", "x.y": "$z", "_id": "1"},
        }  # fmt: skip
        status, made = people.call("analyst", "POST", "/api/anomalies/", body)
        assert status == 201, made
        assert people.call("viewer", "GET", f"/api/anomalies/{made['id']}") == (200, made)
        assert (made["original_event"]["values"], made["source"]) == (body["values"], body["source"])
        for query, total in [("%7B%22%24gt%22%3A%20%22%22%7D", 1), ("%7B%22%24ne%22%3A%20null%7D", 0), ("$gt", 0)]:
            assert people.call("viewer", "GET", f"/api/anomalies?source={query}")[1]["total"] == total
        anybody = {"username": {"$gt": ""}, "password": {"$gt": ""}}
        status, _, answer = people.raw(None, "POST", "/api/auth/login", anybody)
        assert status == 422
        assert [one["loc"] for one in json.loads(answer)["detail"]] == [["body", "username"], ["body", "password"]]
