"""GET /api/realtime/stream of `topoforge serve`: a client that comes back misses nothing."""

import http.client
import json
import threading
import time

import pytest

from people import ADMIN, People, log
from server import running

PATH = "/api/realtime/stream"
HEARTBEAT_SECONDS = 15


class Stream:
    """What a browser's EventSource does with the bytes (HTML standard, 9.2.6)."""

    def __init__(self, server, path=PATH, **headers):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.connection.request("GET", path, headers={"Accept": "text/event-stream", **headers})
        self.response = self.connection.getresponse()
        self.comments = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.response.close()
        self.connection.close()

    def event(self):
        fields = {}
        while True:
            line = self.response.readline().decode()
            assert line.endswith("\n"), "the stream ended"
            line = line.rstrip("\n")
            if line.startswith(":"):
                self.comments += 1
            elif line:
                name, value = line.split(": ", 1)
                fields[name] = fields[name] + "\n" + value if name in fields else value
            elif "data" in fields:
                return fields
            else:
                fields = {}

    def events(self, count):
        return [self.event() for _ in range(count)]


@pytest.fixture(name="people", scope="module")
def fixture_people(tmp_path_factory):
    with running(tmp_path_factory.mktemp("realtime") / "data", env=ADMIN) as server:
        yield People(server)


def write(people, writers, each):
    """Several at once; gives the ids."""
    stored = []
    threads = [
        threading.Thread(target=lambda: stored.extend([log(people)["id"] for _ in range(each)])) for _ in range(writers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return stored


def ids_of(events):
    return [event["id"] for event in events]


def test_what_is_stored_is_told(people):
    with Stream(people.server) as stream:
        assert stream.response.status == 200
        assert stream.response.headers["Content-Type"].startswith("text/event-stream")
        logged = log(people, explanation="two\nlines", values={"cpu": 0.5})
        event = stream.event()
        assert (event["event"], event["id"]) == ("anomaly", logged["id"])
        assert json.loads(event["data"]) == people.call("viewer", "GET", f"/api/anomalies/{logged['id']}")[1]


def test_who_comes_back_gets_what_he_missed(people):
    with Stream(people.server) as stream:
        first = log(people)
        assert stream.event()["id"] == first["id"]
    missed = [log(people)["id"] for _ in range(3)]
    with Stream(people.server, **{"Last-Event-ID": first["id"]}) as stream:
        assert ids_of(stream.events(3)) == missed
        assert log(people)["id"] == stream.event()["id"]


def test_a_long_absence_is_caught_up_in_order(people):
    start = log(people)["id"]
    stored = write(people, writers=4, each=300)
    with Stream(people.server, **{"Last-Event-ID": start}) as stream:
        assert ids_of(stream.events(len(stored))) == sorted(stored)
        last = log(people)["id"]
        assert stream.event()["id"] == last


def test_many_followers_hear_the_same_while_many_write(people):
    streams = [Stream(people.server) for _ in range(10)]
    stored = write(people, writers=4, each=20)
    heard = [ids_of(stream.events(80)) for stream in streams]
    assert all(one == sorted(stored) for one in heard)
    for stream in streams:
        stream.__exit__()


def test_a_quiet_stream_has_a_heartbeat(people):
    """So that who stands between does not take it for dead, and the server hears that a client has gone."""
    with Stream(people.server) as stream:
        assert [stream.response.readline() for _ in range(3)] == [b"retry: 2000\n", b": connected\n", b"\n"]
        began = time.monotonic()
        assert stream.response.readline().startswith(b":")
        assert HEARTBEAT_SECONDS - 1 < time.monotonic() - began < HEARTBEAT_SECONDS + 5
        logged = log(people)
        assert stream.event()["id"] == logged["id"], "a comment is no event, and what comes after it is heard"


def test_one_may_follow_a_part(people):
    with Stream(people.server, f"{PATH}?source=mine&min_score=0.7") as stream:
        log(people, source="other")
        log(people, source="mine", anomaly_score=0.6)
        wanted = log(people, source="mine", anomaly_score=0.8)
        assert stream.event()["id"] == wanted["id"]


def test_what_is_wrong_is_told(people):
    for query, place in (("min_score=2", "min_score"), ("min_score=x", "min_score")):
        status, _, body = people.server.request("GET", f"{PATH}?{query}")
        assert status == 422 and json.loads(body)["detail"][0]["loc"] == ["query", place]
    status, _, body = people.server.request("GET", PATH, headers={"Last-Event-ID": "' OR 1=1"})
    assert status == 400 and "Last-Event-ID" in json.loads(body)["detail"]


def test_an_id_from_before_a_restore_begins_at_the_newest(people):
    newest = log(people)["id"]
    with Stream(people.server, **{"Last-Event-ID": "0" + "9" * (len(newest) - 1)}) as stream:
        logged = log(people)
        assert stream.event()["id"] == logged["id"]


def test_a_closed_stream_asks_for_a_token(tmp_path):
    with running(tmp_path / "data", env={**ADMIN, "TOPOFORGE_OPEN_STREAM": "false"}) as server:
        people = People(server)
        assert server.request("GET", PATH)[0] == 401
        with Stream(server, Authorization=f"Bearer {people.tokens['viewer']}") as stream:
            logged = log(people)
            assert stream.event()["id"] == logged["id"]


def test_the_server_stops_though_somebody_follows(tmp_path):
    with running(tmp_path / "data", env=ADMIN) as server:
        stream = Stream(server)
        assert stream.response.readline() == b"retry: 2000\n"
        code, _, error = server.stop()
        assert code == 0, error
        assert stream.response.read().decode().startswith(":")
