"""`topoforge serve` while the clock of its machine jumps back."""

import asyncio
import json
import pathlib
import shutil
import struct
import subprocess
import time

import pytest

from people import ADMIN, People, log
from program import sanitized
from receivers import webhook
from server import GENEROUS, running
from test_accounts import Client, register
from test_alerts import PRIVATE, hook, incident, learn, make
from test_serve import normal_events, post_burst

SOURCE = pathlib.Path(__file__).resolve().parent / "moved_clock.c"
PIPELINE = ("--window", "20", "--max-dimension", "0")
HOUR = 3600
WEEK = 7 * 24 * HOUR
# The first pause is of 5 seconds, and the courier looks at the clock as often.
RETRY_SECONDS = 15


class Clock:
    """What a server started with its environment takes for the wall clock."""

    def __init__(self, library, file):
        self.file = file
        self.move(0)
        self.env = {"LD_PRELOAD": str(library), "MOVED_CLOCK": str(file)}

    def move(self, seconds):
        """So far from the true time."""
        with open(self.file, "r+b" if self.file.exists() else "wb") as file:
            file.write(struct.pack("l", seconds))


@pytest.fixture(name="library", scope="module")
def fixture_library(tmp_path_factory):
    compiler = shutil.which("cc")
    if compiler is None or sanitized():
        pytest.skip("NO CLOCK THAT JUMPS IS TESTED: it wants a C compiler, and a program without a sanitizer")
    library = tmp_path_factory.mktemp("clock") / "moved_clock.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, SOURCE], check=True, capture_output=True)
    return library


@pytest.fixture(name="clock")
def fixture_clock(library, tmp_path):
    return Clock(library, tmp_path / "clock")


def test_what_is_stored_stays_in_order_and_accounts_sign_in_again(clock, tmp_path):
    with running(tmp_path / "data", *PIPELINE, env={**ADMIN, **clock.env}) as server:
        people = People(server)
        server.post(normal_events(100))
        kept = post_burst(server, 10, 1)
        before = log(people)
        kept.append(before["id"])
        clock.move(-WEEK)
        kept += post_burst(server, 10, 2)
        # A token from the future is none; its account gets a new one.
        status, headers, answer = people.raw("analyst", "GET", "/api/auth/me")
        assert (status, headers["WWW-Authenticate"]) == (401, "Bearer"), answer
        for role in ("viewer", "analyst"):
            signed_in = people.call(None, "POST", "/api/auth/login", {"username": role, "password": "Test1234"})
            assert signed_in[0] == 200
            people.tokens[role] = signed_in[1]["access_token"]
        after = log(people)
        kept.append(after["id"])
        assert after["id"] > before["id"] and after["stored_at"] < before["stored_at"]
        page = people.call("viewer", "GET", "/api/anomalies?limit=1000")[1]
        assert [one["id"] for one in page["data"]] == kept[::-1]
        assert people.call("viewer", "GET", "/api/anomalies/stats")[1]["total_anomalies"] == len(kept)
        exported = people.raw("viewer", "GET", "/api/anomalies/export?format=ndjson")[2].splitlines()
        assert [json.loads(line)["id"] for line in exported] == kept
        health = server.get("/health")[1]
        assert health["status"] == "ok" and 0 < health["uptime_seconds"] < HOUR


def test_events_whose_times_go_back_are_analysed(clock, tmp_path):
    with running(tmp_path / "data", "--watch", "--rate", "50", *PIPELINE, env=clock.env) as server:

        async def talk():
            async with server.socket(max_queue=None) as client:
                times = []
                while len(times) < 60:
                    message = json.loads(await asyncio.wait_for(client.recv(), 10))
                    times.append(message["original_event"]["timestamp"])
                    if len(times) == 30:
                        clock.move(-HOUR)
                assert "anomaly_score" in message["data"]
                return times

        times = asyncio.run(talk())
    assert sum(later < earlier for earlier, later in zip(times, times[1:])) == 1, "the clock went back once"


def test_a_limit_ends_when_it_says(clock, tmp_path):
    limits = {**GENEROUS, "TOPOFORGE_LIMIT_INGEST": "2/second"}
    with running(tmp_path / "data", env=clock.env, limits=limits) as server:

        def call():
            status, headers, _ = server.request("POST", "/api/ingest", '{"value": 1}')
            return status, headers["Retry-After"]

        assert [call() for _ in range(3)] == [(200, None), (200, None), (429, "1")]
        clock.move(-HOUR)
        answers = []
        for _ in range(4):
            time.sleep(1.1)
            answers.append(call())
        assert answers == [(200, None)] * 4


def test_a_notification_that_failed_is_sent_again_in_time(clock, tmp_path):
    with webhook(503, 200) as receiver, running(tmp_path / "data", *PIPELINE, env={**PRIVATE, **clock.env}) as server:
        ada = register(server, "ada")[0]
        make(ada, hook(receiver))
        learn(server)
        incident(server)
        receiver.wait_for(1)
        time.sleep(1)  # the failure is written down
        clock.move(-HOUR)
        receiver.wait_for(2, timeout=RETRY_SECONDS)
        assert Client(server).post("/api/auth/login", {"username": "ada", "password": "Test123!"})[0] == 200
