"""/api/detectors of `topoforge serve` from outside."""

import asyncio
import json
import math

import pytest
import websockets

from people import ADMIN, People
from server import Server, running


@pytest.fixture(name="people", scope="module")
def fixture_people(tmp_path_factory):
    with running(tmp_path_factory.mktemp("detectors") / "data", env=ADMIN) as server:
        yield People(server)


def create(people, name, sources, **more):
    body = {"name": name, "sources": sources, **more}
    status, made = people.call("analyst", "POST", "/api/detectors/", body)
    assert status == 201, made
    return made


def action(people, detector, what, status=200):
    got, answer = people.call("analyst", "POST", f"/api/detectors/{detector['id']}/_{what}")
    assert got == status, answer
    return answer


def profile(people, detector):
    status, answer = people.call("viewer", "GET", f"/api/detectors/{detector['id']}/_profile")
    assert status == 200, answer
    return answer


def wave(count, source, start=0, **more):
    return [
        {"source": source, "values": {"a": math.sin(i) + 0.05 * math.sin(7.3 * i), "b": math.cos(i), **more}}
        for i in range(start, start + count)
    ]


def test_a_definition_is_kept_and_changed(people):
    made = create(people, "Kept", ["kept"], window=20, channels=["a"], direction="above", threshold=0.7)
    assert (made["running"], made["started_at"], made["created_by"]) == (False, None, "analyst")
    assert (made["window"], made["stride"], made["direction"], made["channels"]) == (20, 1, "above", ["a"])
    path = f"/api/detectors/{made['id']}"
    assert people.call("viewer", "GET", path) == (200, made)
    assert made in people.call("viewer", "GET", "/api/detectors")[1]
    status, changed = people.call("analyst", "PUT", path, {"name": "kept", "sources": ["other"], "window": 30})
    assert status == 200
    assert (changed["name"], changed["window"], changed["channels"], changed["direction"]) == ("kept", 30, [], "both")
    assert people.call("analyst", "POST", "/api/detectors", {"name": "KEPT", "sources": ["x"]})[0] == 400
    assert people.call("analyst", "DELETE", path)[0] == 204
    assert people.call("viewer", "GET", path) == (404, {"detail": "Detector not found"})


@pytest.mark.parametrize(
    "body, place",
    [
        ({"sources": ["s"]}, "name"),
        ({"name": "n"}, "sources"),
        ({"name": "n", "sources": []}, "sources"),
        ({"name": "n", "sources": [""]}, "sources"),
        ({"name": "n", "sources": ["s"], "window": 1}, "window"),
        ({"name": "n", "sources": ["s"], "window": 2049}, "window"),
        ({"name": "n", "sources": ["s"], "stride": 0}, "stride"),
        ({"name": "n", "sources": ["s"], "max_dimension": 3}, "max_dimension"),
        ({"name": "n", "sources": ["s"], "threshold": 1}, "threshold"),
        ({"name": "n", "sources": ["s"], "threshold": "0.5"}, "threshold"),
        ({"name": "n", "sources": ["s"], "direction": "up"}, "direction"),
        ({"name": "n", "sources": ["s"], "calibration_events": 10}, "calibration_events"),
        ({"name": "n", "sources": ["s"], "embedding_lag": 50}, "embedding_lag"),
        ({"name": "n", "sources": ["s"], "channels": ["a", "a"]}, "channels"),
    ],
)
def test_a_wrong_definition_is_refused_with_its_place(people, body, place):
    for path in ("/api/detectors/", "/api/detectors/_validate"):
        status, answer = people.call("analyst", "POST", path, body)
        assert status == 422 and answer["detail"][0]["loc"] == ["body", place], answer


def test_validation_hints_at_what_may_not_be_meant(people):
    body = {"name": "n", "sources": ["s"], "window": 1000, "calibration_events": 2000}
    status, check = people.call("analyst", "POST", "/api/detectors/_validate", body)
    assert (status, check["valid"], check["events_until_verdict"], len(check["hints"])) == (200, True, 2000, 2)


def test_a_running_detector_looks_at_its_sources_in_its_way(people):
    detector = create(people, "runs", ["run-1", "run-2"], window=10, channels=["a"], max_dimension=1)
    people.server.post(wave(5, "run-1"))
    assert action(people, detector, "start")["running"]
    assert action(people, detector, "start")["running"], "a second start changes nothing"
    status, answer = people.server.post(wave(30, "run-1", noise=1) + wave(4, "run-2"))
    assert status == 200
    data = answer["results"][9]["data"]
    assert (data["window_size"], data["detector"]) == (10, "runs")
    assert [one["channel"] for one in data["attribution"]] == ["a"]
    seen = profile(people, detector)
    first, second = seen["streams"]
    assert (first["source"], first["events"], first["windows"], first["buffered"]) == ("run-1", 30, 21, 10)
    assert (first["warm_up_percent"], first["events_until_verdict"], first["channels"]) == (100, 0, ["a"])
    assert (second["source"], second["warm_up_percent"], second["events_until_verdict"]) == ("run-2", 40, 6)
    assert seen["memory_bytes"] == first["memory_bytes"] + second["memory_bytes"] > 0
    assert (seen["events"], seen["windows"]) == (34, 21)
    status, answer = people.server.post([{"source": "run-1", "values": {"b": 1}}])
    assert status == 422 and "channels that are looked at (a)" in answer["detail"][0]["msg"]
    other = create(people, "wants the same", ["elsewhere", "run-2"])
    assert "'run-2' is looked at by the detector 'runs'" in action(people, other, "start", 409)["detail"]
    path = f"/api/detectors/{detector['id']}"
    assert people.call("analyst", "PUT", path, {"name": "runs", "sources": ["x"]})[0] == 409
    assert people.call("analyst", "DELETE", path)[0] == 409
    assert not action(people, detector, "stop")["running"]
    assert action(people, other, "start")["running"]
    assert profile(people, detector)["streams"] == []
    status, answer = people.server.post(wave(1, "run-1"))
    assert answer["results"][0]["status"] == "buffering", "the stream began anew"
    action(people, other, "stop")


def test_a_direction_decides_what_is_an_anomaly(people):
    verdicts = {}
    for direction in ("both", "above", "below"):
        rows = [{"values": {"a": row["values"]["a"]}} for row in wave(200, "x")] + [{"values": {"a": 40}}] * 5
        body = {"detector": {"name": "d", "sources": ["s"], "window": 20, "direction": direction}, "rows": rows}
        status, preview = people.call("analyst", "POST", "/api/detectors/_preview", body)
        assert status == 200, preview
        verdicts[direction] = [one["is_anomaly"] for one in preview["verdicts"][-5:]]
        assert (preview["rows"], preview["windows"], preview["cut_short"]) == (205, 186, False)
    assert any(verdicts["both"]) and verdicts["above"] == verdicts["both"]
    assert not any(verdicts["below"])


def test_a_preview_names_the_row_that_is_wrong(people):
    detector = {"name": "d", "sources": ["s"], "window": 5}
    for rows, place in (
        ([{"value": 1}, {"value": "x"}], ["body", "rows", 1, "value"]),
        ([{"value": 1}, {"values": {"b": 1}}], ["body", "rows", 1, "values"]),
        ([], ["body", "rows"]),
        ([1], ["body", "rows", 0]),
    ):
        body = {"detector": detector, "rows": rows}
        status, answer = people.call("analyst", "POST", "/api/detectors/_preview", body)
        assert status == 422 and answer["detail"][0]["loc"] == place, answer


def test_each_role_may_what_it_may(people):
    assert people.call(None, "GET", "/api/detectors")[0] == 401
    body = {"name": "mine", "sources": ["mine"]}
    assert people.call("viewer", "POST", "/api/detectors", body)[0] == 403
    assert people.call("viewer", "POST", "/api/detectors/_validate", body)[0] == 403
    assert people.call("viewer", "POST", "/api/detectors/1/_start")[0] == 403


def test_what_runs_survives_a_kill(tmp_path):
    with running(tmp_path / "data", env=ADMIN) as server:
        people = People(server)
        detector = create(people, "lasting", ["s"], window=10)
        action(people, detector, "start")
        server.process.kill()
        server.process.wait()
        server.process.returncode = 0
    again = Server(tmp_path / "data", env=ADMIN)
    people.server = again
    assert again.post(wave(12, "s"))[1]["results"][11]["data"]["detector"] == "lasting"
    assert profile(people, detector)["running"]
    assert again.stop()[0] == 0


def test_a_watcher_hears_of_the_sources_that_he_wants(people):
    async def watch():
        async with people.server.socket() as everything:
            uri = f"ws://127.0.0.1:{people.server.port}/ws/stream?source=w1&source=w2"
            async with websockets.connect(uri) as some:
                for source in ("w0", "w1", "w2"):
                    await everything.send(json.dumps({"source": source, "value": 1}))
                    await everything.recv()
                heard = [json.loads(await some.recv())["original_event"]["source"] for _ in range(2)]
                assert heard == ["w1", "w2"]
                await some.send('{"type":"config","payload":{"sources":["w0"]}}')
                assert json.loads(await some.recv()) == {"type": "config", "data": {"sources": ["w0"]}}
                for source in ("w1", "w0"):
                    await everything.send(json.dumps({"source": source, "value": 1}))
                    await everything.recv()
                assert json.loads(await some.recv())["original_event"]["source"] == "w0"
                await some.send('{"source":"own","value":1}')
                assert json.loads(await some.recv())["original_event"]["source"] == "own"

    asyncio.run(watch())


def test_an_analyst_sets_the_threshold_of_the_server(people):
    config = '{"type":"config","payload":{"anomaly_threshold":91}}'

    async def ask(role):
        headers = {"Authorization": f"Bearer {people.tokens[role]}"}
        async with people.server.socket(extra_headers=headers) as client:
            await client.send(config)
            return json.loads(await client.recv())["data"]

    def threshold():
        return people.server.post(wave(60, "t"))[1]["results"][-1]["data"]["threshold"]

    before = threshold()
    assert asyncio.run(ask("viewer")) == {"anomaly_threshold": 91}
    assert threshold() == before
    assert asyncio.run(ask("analyst")) == {"anomaly_threshold": 91, "scope": "server"}
    assert threshold() == 0.91
