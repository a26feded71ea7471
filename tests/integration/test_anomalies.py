"""/api/anomalies and /api/users of `topoforge serve` from outside, with an account of each role."""

import asyncio
import concurrent.futures
import contextlib
import csv
import http.client
import io
import json
import re
import threading
import time
import urllib.parse

import pytest
import websockets

from people import ADMIN, People, log
from server import running
from test_serve import burst_events, normal_events


@pytest.fixture(name="people", scope="module")
def fixture_people(tmp_path_factory):
    with running(tmp_path_factory.mktemp("anomalies") / "data", env=ADMIN) as server:
        yield People(server)


def ids(people, query):
    status, page = people.call("viewer", "GET", f"/api/anomalies?{query}")
    assert status == 200, page
    return [one["id"] for one in page["data"]]


def test_what_is_logged_can_be_read(people):
    anomaly = log(
        people, source="web", entity="host-1", timestamp="2026-01-12T08:00:00Z", betti_numbers={"h0": 3, "h1": 8},
        values={"cpu": 0.75}, attributes={"ticket": "42"}, explanation="seen by eye",
    )  # fmt: skip
    assert anomaly["created_by"] == "analyst" and anomaly["origin"] == "manual"
    assert anomaly["risk_level"] == "Critical" and anomaly["is_anomaly"]
    assert anomaly["betti_numbers"] == {"h0": 3, "h1": 8, "h2": 0}
    assert "T1071" in [threat["technique_id"] for threat in anomaly["security_analysis"]["threats"]]
    assert anomaly["original_event"]["values"] == {"cpu": 0.75}
    assert people.call("viewer", "GET", f"/api/anomalies/{anomaly['id']}") == (200, anomaly)


@pytest.mark.parametrize(
    "body, place",
    [
        ({}, ["body", "source"]),
        ({"source": "", "anomaly_score": 0.5}, ["body", "source"]),
        ({"source": "x", "anomaly_score": 1.5}, ["body", "anomaly_score"]),
        ({"source": "x", "anomaly_score": "0.5"}, ["body", "anomaly_score"]),
        ({"source": {"$gt": ""}, "anomaly_score": 0.5}, ["body", "source"]),
        ({"source": "x", "anomaly_score": 0.5, "timestamp": "yesterday"}, ["body", "timestamp"]),
        ({"source": "x", "anomaly_score": 0.5, "betti_numbers": {"h1": -1}}, ["body", "betti_numbers", "h1"]),
        ({"source": "x", "anomaly_score": 0.5, "values": {"a": 1e200}}, ["body", "values", "a"]),
    ],
)
def test_a_wrong_log_entry_is_refused_with_its_place(people, body, place):
    status, answer = people.call("analyst", "POST", "/api/anomalies", body)
    assert status == 422
    assert answer["detail"][0]["loc"] == place


def test_each_role_may_what_it_may(people):
    anomaly = log(people)
    path = f"/api/anomalies/{anomaly['id']}"
    entry = {"source": "x", "anomaly_score": 0.5}
    for role, status in [(None, 401), ("viewer", 403)]:
        assert people.call(role, "POST", "/api/anomalies/", entry)[0] == status
        assert people.call(role, "POST", f"{path}/acknowledge", {})[0] == status
        assert people.call(role, "PUT", f"{path}/label", {"label": "true_positive"})[0] == status
    assert people.call(None, "GET", path)[0] == 401
    assert people.call("analyst", "DELETE", path)[0] == 403
    assert people.call("admin", "DELETE", path) == (204, None)
    assert people.call("viewer", "GET", path) == (404, {"detail": "Anomaly not found"})
    assert people.call("admin", "DELETE", path)[0] == 404


def test_filters_leave_what_they_say(people):
    first = log(people, source="filter", entity="a", timestamp="2026-02-01T00:00:00Z", anomaly_score=0.1)["id"]
    second = log(people, source="filter", entity="b", timestamp="2026-02-02T00:00:00Z", anomaly_score=0.6)["id"]
    third = log(people, source="filter", entity="b", timestamp="2026-02-03T00:00:00Z", anomaly_score=0.95)["id"]
    assert ids(people, "source=filter") == [third, second, first]
    assert ids(people, "source=filter&entity=b") == [third, second]
    assert ids(people, "source=filter&min_score=0.6") == [third, second]
    assert ids(people, "source=filter&is_anomaly=false") == [first]
    assert ids(people, "source=filter&risk_level=High") == [second]
    assert ids(people, "source=filter&technique=T1048") == ids(people, "source=filter&min_score=0.8")
    assert ids(people, "source=filter&start_date=2026-02-02T00:00:00Z") == [third, second]
    assert ids(people, "source=filter&start_date=2026-02-02&end_date=2026-02-03") == [second]
    assert ids(people, "source=filter&end_date=1769990400") == [first]
    assert ids(people, "source=%7B%22%24gt%22%3A%22%22%7D") == []


def test_pages_and_cursors_give_all_once(people):
    made = [log(people, source="paged")["id"] for _ in range(7)][::-1]
    assert ids(people, "source=paged&limit=3&page=2") == made[3:6]
    assert ids(people, "source=paged&limit=3&page=99") == []
    walked, cursor = [], ""
    while cursor is not None:
        status, page = people.call("viewer", "GET", f"/api/anomalies?source=paged&limit=3&cursor={cursor}")
        assert status == 200 and page["total"] == 7
        walked += [one["id"] for one in page["data"]]
        cursor = page["next_cursor"]
    assert walked == made


@pytest.mark.parametrize(
    "query, place",
    [
        ("page=-1", "page"), ("page=99999999999999999999", "page"), ("page=two", "page"), ("limit=0", "limit"),
        ("limit=1001", "limit"), ("min_score=2", "min_score"), ("min_score=nan", "min_score"),
        ("is_anomaly=perhaps", "is_anomaly"), ("risk_level=Huge", "risk_level"), ("start_date=soon", "start_date"),
        ("start_date=2026-02-02&end_date=2026-02-01", "end_date"), ("source=a%00b", None),
    ],
)  # fmt: skip
def test_a_wrong_query_is_refused_with_its_place(people, query, place):
    status, answer = people.call("viewer", "GET", f"/api/anomalies?{query}")
    if place is None:
        assert status in (400, 422)
    else:
        assert status == 422
        assert answer["detail"][0]["loc"] == ["query", place]


def test_a_made_up_cursor_is_refused(people):
    status, answer = people.call("viewer", "GET", "/api/anomalies?cursor=made-up")
    assert status == 422 and "cursor" in json.dumps(answer)


def test_reviews_are_kept_and_do_not_overwrite_each_other(people):
    path = f"/api/anomalies/{log(people)['id']}"
    status, seen = people.call("analyst", "POST", f"{path}/acknowledge", {"note": "looking"})
    assert status == 200
    assert seen["review"]["acknowledged_by"] == "analyst" and seen["review"]["acknowledged_at"]
    assert (seen["review"]["note"], seen["review"]["label"]) == ("looking", "none")
    change = {"label": "false_positive", "revision": seen["review"]["revision"]}
    status, labelled = people.call("admin", "PUT", f"{path}/label", change)
    assert status == 200
    assert (labelled["review"]["label"], labelled["review"]["note"]) == ("false_positive", "looking")
    assert people.call("analyst", "PUT", f"{path}/label", {**change, "label": "true_positive"})[0] == 409
    assert people.call("analyst", "PUT", f"{path}/label", {"label": "maybe"})[0] == 422
    assert people.call("viewer", "GET", path)[1]["review"] == labelled["review"]
    assert people.call("analyst", "POST", "/api/anomalies/ffffffffffffffff/acknowledge", {})[0] == 404


def test_statistics_count_what_is_there(tmp_path):
    with running(tmp_path / "data", env=ADMIN) as server:
        people = People(server)
        empty = people.call("viewer", "GET", "/api/anomalies/stats")[1]
        assert empty["total_anomalies"] == 0
        assert empty["severity_distribution"] == {"Critical": 0, "High": 0, "Low": 0, "Medium": 0}
        for day, source, score in [(1, "a", 0.9), (1, "a", 0.6), (2, "b", 0.95), (2, "b", 0.1)]:
            log(people, source=source, anomaly_score=score, timestamp=f"2026-03-0{day}T12:00:00Z")
        stats = people.call("viewer", "GET", "/api/anomalies/stats")[1]
        assert (stats["total_anomalies"], stats["total_logged"]) == (3, 4)
        assert stats["by_source"] == {"a": 2, "b": 1}
        assert stats["severity_distribution"] == {"Critical": 2, "High": 1, "Low": 0, "Medium": 0}
        assert stats["by_technique"].get("T1048", 0) >= 2
        days = people.call("viewer", "GET", "/api/anomalies/stats?bucket=day")[1]["over_time"]
        assert [(one["start"], one["count"]) for one in days] == [
            ("2026-03-01T00:00:00Z", 2), ("2026-03-02T00:00:00Z", 1),
        ]  # fmt: skip
        part = people.call("viewer", "GET", "/api/anomalies/stats?start_date=2026-03-02")[1]
        assert part["total_anomalies"] == 1
        assert people.call("viewer", "GET", "/api/anomalies/stats?bucket=century")[0] == 422


def test_exports_hold_all_and_nothing_that_a_spreadsheet_runs(people):
    made = [log(people, source="export", explanation=text)["id"]
            for text in ("=1+1", "+1", "-1", "@SUM(A1)", 'say "hi", twice', "two\nlines")]  # fmt: skip
    status, headers, text = people.raw("viewer", "GET", "/api/anomalies/export?source=export")
    assert status == 200
    assert headers["Content-Type"].startswith("text/csv")
    assert "anomalies.csv" in headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(text.decode(), newline="")))
    assert [row["id"] for row in rows] == made
    assert [row["explanation"] for row in rows] == [
        "'=1+1", "'+1", "'-1", "'@SUM(A1)", 'say "hi", twice', "two\nlines",
    ]  # fmt: skip
    as_json = json.loads(people.raw("viewer", "GET", "/api/anomalies/export?source=export&format=json")[2])
    lines = people.raw("viewer", "GET", "/api/anomalies/export?source=export&format=ndjson")[2].splitlines()
    assert [one["id"] for one in as_json] == [json.loads(line)["id"] for line in lines] == made
    assert json.loads(people.raw("viewer", "GET", "/api/anomalies/export?source=nothing&format=json")[2]) == []
    assert people.call("viewer", "GET", "/api/anomalies/export?format=xml")[0] == 422
    assert people.call(None, "GET", "/api/anomalies/export")[0] == 401


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", '=HYPERLINK("https://x.example","y")'])
def test_no_column_of_an_export_is_a_formula(people, formula):
    """What people and the events of strangers write: in the explanations of the engine stand names of channels."""
    manual = log(people, source=formula, entity=formula, explanation=formula)
    seen = people.call("analyst", "POST", f"/api/anomalies/{manual['id']}/acknowledge", {"note": formula})
    assert seen[0] == 200, seen
    text = people.raw("viewer", "GET", f"/api/anomalies/export?source={urllib.parse.quote(formula)}")[2].decode()
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert {name: row[name] for name in ("source", "entity", "explanation", "note")} == dict.fromkeys(
        ("source", "entity", "explanation", "note"), "'" + formula
    )
    starts_safely = re.compile(r"['0-9A-Za-z]|$")
    assert [name for name, cell in row.items() if not starts_safely.match(cell)] == []


def test_names_of_accounts_and_channels_in_an_export_are_no_formulas(tmp_path):
    with running(tmp_path / "data", "--window", "20", "--max-dimension", "0", env=ADMIN) as server:
        people = People(server)
        account = {"username": "-1.1", "email": "formula@example.com", "password": "Test1234"}
        answer = people.call(None, "POST", "/api/auth/register", account)[1]
        path = f"/api/users/{answer['user']['id']}"
        assert people.call("admin", "PUT", path, {"role": "analyst"})[0] == 200
        people.tokens["analyst"] = answer["access_token"]
        manual = log(people)["id"]
        assert people.call("analyst", "POST", f"/api/anomalies/{manual}/acknowledge", {})[0] == 200
        named = [{**event, "values": {"=1+1": event["values"]["a"], "@x": event["values"]["b"]}}
                 for event in normal_events(200) + burst_events(15)]  # fmt: skip
        assert server.post(named)[1]["anomalies"] > 0
        text = people.raw("viewer", "GET", "/api/anomalies/export")[2].decode()
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["created_by"] for row in rows if row["origin"] == "manual"] == ["'" + account["username"]]
    assert [row["acknowledged_by"] for row in rows if row["origin"] == "manual"] == ["'" + account["username"]]
    assert any("=1+1" in row["explanation"] for row in rows if row["origin"] == "engine")
    assert [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))] == []


def slow_export(people, form):
    """Read piece by piece, so that others write meanwhile."""
    connection = http.client.HTTPConnection("127.0.0.1", people.server.port, timeout=60)
    with contextlib.closing(connection):
        headers = {"Authorization": f"Bearer {people.tokens['viewer']}"}
        connection.request("GET", f"/api/anomalies/export?source=busy&format={form}", headers=headers)
        response = connection.getresponse()
        assert response.status == 200
        pieces = []
        while piece := response.read(64 * 1024):
            pieces.append(piece)
            time.sleep(0.01)
        return b"".join(pieces).decode()


IDS_OF = {
    "csv": lambda text: [row["id"] for row in csv.DictReader(io.StringIO(text, newline=""))],
    "json": lambda text: [one["id"] for one in json.loads(text)],
    "ndjson": lambda text: [json.loads(line)["id"] for line in text.splitlines()],
}


def test_an_export_while_others_write_holds_what_was_there_once_and_whole(people):
    """More than are read at once, of which some are erased and many follow."""
    text = {"explanation": "x" * 2000}
    before = [log(people, source="busy", **text)["id"] for _ in range(450)]
    written, erased, stop = [], [], threading.Event()

    def write():
        while not stop.is_set():
            written.append(log(people, source="busy", **text)["id"])

    def erase():
        for anomaly in before[::50]:
            assert people.call("admin", "DELETE", f"/api/anomalies/{anomaly}")[0] == 204
            erased.append(anomaly)
            time.sleep(0.02)

    with concurrent.futures.ThreadPoolExecutor() as pool:
        busy = [pool.submit(write), pool.submit(write), pool.submit(erase)]
        try:
            exported = {form: ids_of(slow_export(people, form)) for form, ids_of in IDS_OF.items()}
        finally:
            stop.set()
        for one in busy:
            one.result()
    assert written and erased
    for form, exported_ids in exported.items():
        assert exported_ids == sorted(set(exported_ids)), f"{form}: in order, and each once"
        assert set(before) - set(erased) <= set(exported_ids) <= set(before) | set(written), form


def test_with_a_closed_stream_events_need_a_token(tmp_path):
    environment = {**ADMIN, "TOPOFORGE_OPEN_STREAM": "false"}
    with running(tmp_path / "data", env=environment) as server:
        people = People(server)
        assert people.call(None, "POST", "/api/ingest", {"value": 1})[0] == 401
        assert people.call("viewer", "POST", "/api/ingest", {"value": 1})[0] == 200

        async def hear(**options):
            async with server.socket(**options) as client:
                await client.send('{"value": 1}')
                return json.loads(await asyncio.wait_for(client.recv(), 20))["type"]

        with pytest.raises(websockets.InvalidStatusCode) as refused:
            asyncio.run(hear())
        assert refused.value.status_code == 401
        token = people.tokens["viewer"]
        assert asyncio.run(hear(extra_headers={"Authorization": f"Bearer {token}"})) == "analysis"
        assert asyncio.run(hear(subprotocols=[f"bearer.{token}"])) == "analysis"


def test_the_document_tells_every_route(people):
    status, document = people.call(None, "GET", "/openapi.json")
    assert status == 200 and document["openapi"] == "3.1.0"
    told = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    for route in [
        ("POST", "/api/auth/register"), ("POST", "/api/auth/login"), ("GET", "/api/auth/me"),
        ("POST", "/api/anomalies/"), ("GET", "/api/anomalies/"), ("GET", "/api/anomalies/stats"),
        ("GET", "/api/users/{id}"), ("POST", "/api/ingest"), ("GET", "/health"),
    ]:  # fmt: skip
        assert route in told
    login = document["paths"]["/api/auth/login"]["post"]["requestBody"]["content"]
    assert set(login) == {"application/json", "application/x-www-form-urlencoded", "multipart/form-data"}
