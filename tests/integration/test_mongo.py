"""`topoforge serve` on MongoDB: what is kept, and what an outage does. TOPOFORGE_TEST_MONGODB_URI names a server to use,
which cannot be stopped; else one of ours (tests/mongo) is started."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import uuid

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "mongo")]

import mongo_server  # noqa: E402
from people import People  # noqa: E402
from program import BINARY  # noqa: E402
from receivers import mail_server, webhook  # noqa: E402
from server import clean_environment, run_serve, running  # noqa: E402
from test_accounts import register, user_command  # noqa: E402
from test_alerts import smtp, token_in  # noqa: E402
from test_serve import burst_events, normal_events  # noqa: E402

SECRET = {"JWT_SECRET": "a secret of thirty-two bytes or more"}
PASSWORD = "Secret123"


@pytest.fixture(name="mongo")
def fixture_mongo(tmp_path):
    try:
        mongo_server.binary()
    except mongo_server.Unavailable as missing:
        pytest.skip(f"MONGODB IS NOT TESTED: {missing}")
    with mongo_server.running(tmp_path / "mongo") as server:
        yield server


@pytest.fixture(name="database")
def fixture_database(request):
    """The environment of a database of its own."""
    uri = os.environ.get("TOPOFORGE_TEST_MONGODB_URI") or request.getfixturevalue("mongo").uri
    return {"MONGODB_URI": uri, "DATABASE_NAME": f"topoforge_test_{uuid.uuid4().hex}", **SECRET}


def anomaly_ids(server):
    """All that are stored, newest first."""
    ids, cursor = [], ""
    while True:
        status, page = server.get(f"/api/anomalies?limit=100&cursor={cursor}" if cursor else "/api/anomalies?limit=100")
        assert status == 200, page
        ids += [one["id"] for one in page["data"]]
        cursor = page["next_cursor"]
        if not cursor:
            assert page["total"] == len(ids)
            return ids


def post(server, events):
    """The ids of the anomalies among them, which the server says are kept."""
    status, answer = server.post(events)
    assert status == 200, answer
    return [one["anomaly_id"] for one in answer["results"] if one.get("anomaly_id")]


def test_all_is_kept_in_the_database(database, tmp_path):
    made = user_command(tmp_path / "a", "create", "boss", "--email", "boss@example.com", "--role", "admin",
                        given="Bossy123\n", env=database)  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert not (tmp_path / "a" / "topoforge.db").exists()
    with running(tmp_path / "a", "--window", "20", env=database) as server:
        kept = post(server, normal_events(100) + burst_events(20))
        assert kept
        assert anomaly_ids(server) == kept[::-1]
        status, statistics = server.get("/api/anomalies/stats")
        assert (status, statistics["total_anomalies"]) == (200, len(kept))
    # Another server, on another machine.
    with running(tmp_path / "b", env=database) as server:
        assert anomaly_ids(server) == kept[::-1]
        status, _, answer = server.request(
            "POST", "/api/auth/login", json.dumps({"username": "boss", "password": "Bossy123"}),
            {"Content-Type": "application/json"},
        )  # fmt: skip
        assert (status, json.loads(answer)["user"]["role"]) == (200, "admin")


def test_an_outage_loses_nothing_that_was_acknowledged(mongo, tmp_path):
    database = {"MONGODB_URI": mongo.uri, **SECRET}
    with running(tmp_path / "data", "--window", "20", env=database) as server:
        kept = post(server, normal_events(100) + burst_events(5))
        assert anomaly_ids(server) == kept[::-1]
        mongo.stop()
        for seed in range(10, 16):
            kept += post(server, burst_events(5, seed=seed))
        status, headers, _ = server.request("GET", "/api/anomalies", headers={"Authorization": f"Bearer {server.reader}"})
        assert (status, headers["Retry-After"]) == (503, "1")
        mongo.start()
        wait_for(lambda: len(anomaly_ids_or_none(server) or []) == len(kept))
        assert anomaly_ids(server) == kept[::-1], "in order, and once"
        kept += post(server, burst_events(5, seed=20))
        wait_for(lambda: anomaly_ids(server) == kept[::-1])
    assert len(set(kept)) == len(kept) > 20


def test_a_kill_in_an_outage_loses_nothing_that_was_acknowledged(mongo, tmp_path):
    database = {"MONGODB_URI": mongo.uri, **SECRET}
    with running(tmp_path / "data", "--window", "20", env=database) as server:
        kept = post(server, normal_events(100) + burst_events(5))
        mongo.stop()
        kept += post(server, burst_events(15, seed=10))
        server.process.kill()
        server.process.wait()
        server.stop = lambda: (0, "", "")
    assert len(kept) > 10
    mongo.start()
    with running(tmp_path / "data", env=database) as server:
        wait_for(lambda: len(anomaly_ids(server)) == len(kept))
        assert anomaly_ids(server) == kept[::-1]


def test_a_database_that_hangs_loses_nothing_and_doubles_nothing(mongo, tmp_path):
    database = {"MONGODB_URI": f"{mongo.uri}?socketTimeoutMS=2000&connectTimeoutMS=2000", **SECRET}
    with running(tmp_path / "data", "--window", "20", env=database) as server:
        kept = post(server, normal_events(100) + burst_events(5))
        mongo.process.send_signal(signal.SIGSTOP)
        started = time.monotonic()
        # The first insert is on its way when the server gives up waiting; the database does it when it wakes.
        for seed in range(10, 14):
            kept += post(server, burst_events(5, seed=seed))
        assert time.monotonic() - started < 20
        mongo.process.send_signal(signal.SIGCONT)
        wait_for(lambda: len(anomaly_ids_or_none(server) or []) >= len(kept))
        assert anomaly_ids(server) == kept[::-1]


def anomaly_ids_or_none(server):
    status, page = server.get("/api/anomalies?limit=1000")
    return [one["id"] for one in page["data"]] if status == 200 else None


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_server_that_is_not_there_is_named_and_its_password_is_not(tmp_path):
    started = time.monotonic()
    uri = f"mongodb://ada:{PASSWORD}@127.0.0.1:1/?authSource=admin"
    refused = run_serve("--port", "0", "--data-dir", str(tmp_path / "data"), env={"MONGODB_URI": uri, **SECRET})
    assert time.monotonic() - started < 30
    assert refused.returncode == 1
    assert "127.0.0.1:1" in refused.stderr and len(refused.stderr.strip().splitlines()) == 1
    assert PASSWORD not in refused.stderr + refused.stdout


@pytest.mark.parametrize("uri", ["localhost", "mongodb://", f"mongodb://ada:{PASSWORD}@@h/", "http://127.0.0.1/"])
def test_a_uri_that_is_none_is_refused(uri, tmp_path):
    refused = run_serve("--port", "0", "--data-dir", str(tmp_path / "data"), env={"MONGODB_URI": uri, **SECRET})
    assert (refused.returncode, "MONGODB_URI" in refused.stderr) == (2, True)
    assert PASSWORD not in refused.stderr + refused.stdout


def test_a_secret_of_its_own_is_wanted_beside_a_shared_database(tmp_path):
    refused = run_serve("--port", "0", "--data-dir", str(tmp_path / "d"), env={"MONGODB_URI": "mongodb://127.0.0.1:1/"})
    assert (refused.returncode, "JWT_SECRET" in refused.stderr) == (2, True)


def migrate(folder, database):
    return subprocess.run(
        [BINARY, "migrate", "--from", "sqlite", "--to", "mongo", "--data-dir", str(folder)],
        capture_output=True, text=True, timeout=120, env=clean_environment(database),
    )  # fmt: skip


def test_a_store_is_copied_with_its_ids_and_reviews_and_copied_again(database, tmp_path):
    admin = {"ADMIN_EMAIL": "root@example.com", "ADMIN_PASSWORD": "Rooted123"}
    headers = {"Content-Type": "application/json"}

    def sign_in(server):
        body = json.dumps({"username": "admin", "password": "Rooted123"})
        status, _, answer = server.request("POST", "/api/auth/login", body, headers)
        assert status == 200, answer
        return {"Authorization": f"Bearer {json.loads(answer)['access_token']}", **headers}

    def all_anomalies(server):
        return json.loads(server.request("GET", "/api/anomalies?limit=1000", headers=sign_in(server))[2])["data"]

    with running(tmp_path / "a", "--window", "20", env=admin) as server:
        ids = post(server, normal_events(100) + burst_events(20))
        body = json.dumps({"label": "true_positive", "note": "seen"})
        review = server.request("PUT", f"/api/anomalies/{ids[1]}/label", body, sign_in(server))
        assert review[0] == 200, review
        before = all_anomalies(server)
    first = migrate(tmp_path / "a", database)
    assert first.returncode == 0, first.stderr
    assert f"{len(ids)} read, {len(ids)} written, 0 there already" in first.stdout
    again = migrate(tmp_path / "a", database)
    assert again.returncode == 0, again.stderr
    assert f"{len(ids)} read, 0 written, {len(ids)} there already" in again.stdout
    with running(tmp_path / "b", "--window", "20", env=database) as server:
        after = all_anomalies(server)
        for anomaly in [*before, *after]:
            anomaly["topology_features"].pop("landscape")
        assert after == before
        more = post(server, normal_events(100) + burst_events(20))
        assert more and min(more) > max(ids)


LISTS = ("users", "sources", "detectors", "alert-configs")


def test_all_that_is_stored_is_copied_and_goes_on_there(database, tmp_path):
    """Records, and what else is owed: a session, a mailed token, a notification that was not delivered."""
    with webhook(503) as receiver, mail_server() as mails:
        with running(tmp_path / "a", "--window", "20", env={**SECRET, **smtp(mails)}) as server:
            people = People(server)
            _, answer = register(server, "ada")
            people.tokens["ada"] = answer["access_token"]
            mails.wait_for(3)  # to confirm addresses
            assert people.call(None, "POST", "/api/auth/forgot-password", {"email": "ada@example.com"})[0] == 200
            token = token_in(mails.wait_for(4)[3])
            for path, body in [
                ("sources", {"name": "Firewall", "type": "syslog", "url": "tcp://192.0.2.1:514"}),
                ("detectors", {"name": "Load", "sources": ["load"], "window": 30, "direction": "above"}),
                ("alert-configs", {"name": "On call", "threshold": 0.5, "channels": [
                    {"type": "webhook", "url": receiver.url, "secret": "0123456789abcdef"}]}),
            ]:  # fmt: skip
                assert people.call("analyst", "POST", f"/api/{path}", body)[0] == 201
            ids = post(server, normal_events(100) + burst_events(20))
            (refused,) = receiver.wait_for(1)
            time.sleep(0.5)  # that the failure is stored; else it is owed just the same
            before = {name: people.call("admin", "GET", f"/api/{name}")[1] for name in LISTS}
        done = migrate(tmp_path / "a", database)
        assert done.returncode == 0, done.stderr
        copied = dict(re.findall(r"^(\w+) +\d+ read, (\d+) written, 0 there already$", done.stdout, re.M))
        expected = {"users": 4, "sources": 1, "detectors": 1, "alert_configs": 1, "deliveries": 1}
        expected["anomalies"] = len(ids)
        assert {name: int(copied[name]) for name in expected} == expected
        assert set(copied) == {*expected, "sessions", "one_time_tokens"}
        assert int(copied["sessions"]) >= 4 and int(copied["one_time_tokens"]) >= 4
        with running(tmp_path / "b", "--window", "20", env={**database, **smtp(mails)}) as people.server:
            after = {name: people.call("admin", "GET", f"/api/{name}")[1] for name in LISTS}
            assert after == before
            assert people.call("ada", "GET", "/api/auth/me") == (200, answer["user"])
            refresh = {"refresh_token": answer["refresh_token"]}
            assert people.call(None, "POST", "/api/auth/refresh", refresh)[0] == 200
            body = {"token": token, "new_password": "Newer123!"}
            assert people.call(None, "POST", "/api/auth/reset-password", body)[0] == 200
            assert people.call(None, "POST", "/api/auth/reset-password", body)[0] == 400
            owed = receiver.wait_for(2)[1]
        for header in ("X-TopoForge-Delivery", "Content-Type"):
            assert owed["headers"][header] == refused["headers"][header]
        assert owed["body"] == refused["body"] and owed["headers"]["X-TopoForge-Signature"]
