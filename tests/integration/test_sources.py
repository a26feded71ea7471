"""/api/sources and /api/topology/persistence of `topoforge serve` from outside."""

import json
import math
import time

import pytest

from people import ADMIN, People
from program import sanitized
from server import running

# What a request that is cut may take; the budget counts work, so it depends on the machine and on who else works.
LONGEST_SECONDS = 20


@pytest.fixture(name="people", scope="module")
def fixture_people(tmp_path_factory):
    with running(tmp_path_factory.mktemp("sources") / "data", env=ADMIN) as server:
        yield People(server)


def test_sources_are_listed_changed_and_taken_off(people):
    status, made = people.call("analyst", "POST", "/api/sources/", {"name": "Firewall", "type": "syslog"})
    assert status == 201
    assert {"id", "name", "description", "type", "protocol", "url", "active"} <= set(made)
    assert (made["active"], made["created_by"]) == (True, "analyst")
    status, listed = people.call("viewer", "GET", "/api/sources/")
    assert (status, listed) == (200, [made])
    path = f"/api/sources/{made['id']}"
    change = {"active": False, "url": "tcp://192.0.2.1:514", "protocol": "tcp"}
    status, changed = people.call("analyst", "PUT", path, change)
    assert status == 200 and changed == {**made, **change, "updated_at": changed["updated_at"]}
    assert people.call("viewer", "GET", path) == (200, changed)
    assert people.call("analyst", "DELETE", path)[0] == 204
    assert people.call("viewer", "GET", path) == (404, {"detail": "Source not found"})
    assert people.call("viewer", "GET", "/api/sources") == (200, [])


def test_a_name_is_taken_once(people):
    for name in ("web", "db"):
        assert people.call("analyst", "POST", "/api/sources/", {"name": name})[0] == 201
    status, answer = people.call("analyst", "POST", "/api/sources/", {"name": "WEB"})
    assert (status, answer["detail"]) == (400, "Source of this name is there already")
    other = [one for one in people.call("viewer", "GET", "/api/sources")[1] if one["name"] == "db"][0]
    assert people.call("analyst", "PUT", f"/api/sources/{other['id']}", {"name": "Web"})[0] == 400


@pytest.mark.parametrize(
    "body, place",
    [
        ({}, ["body", "name"]),
        ({"name": ""}, ["body", "name"]),
        ({"name": {"$gt": ""}}, ["body", "name"]),
        ({"name": "x", "active": "yes"}, ["body", "active"]),
        ({"name": "x", "url": "u" * 3000}, ["body", "url"]),
        ([], ["body"]),
    ],
)
def test_a_wrong_source_is_refused_with_its_place(people, body, place):
    status, answer = people.call("analyst", "POST", "/api/sources", body)
    assert status == 422 and answer["detail"][0]["loc"] == place


def test_each_role_may_what_it_may(people):
    assert people.call(None, "GET", "/api/sources")[0] == 401
    assert people.call("viewer", "POST", "/api/sources", {"name": "mine"})[0] == 403
    assert people.call("viewer", "DELETE", "/api/sources/1")[0] == 403
    assert people.call("viewer", "POST", "/api/topology/persistence", {"points": [[0]]})[0] == 403


def persistence(people, **body):
    status, result = people.call("analyst", "POST", "/api/topology/persistence", body)
    assert status == 200, result
    return result


def test_a_square_has_one_loop(people):
    square = [[0, 0], [1, 0], [1, 1], [0, 1]]
    result = persistence(people, points=square, loops=1)
    loops = [pair for pair in result["diagram"] if pair["dimension"] == 1]
    assert loops == [{"dimension": 1, "birth": 1, "death": math.sqrt(2)}]
    assert [pair["death"] for pair in result["diagram"] if pair["dimension"] == 0] == [1, 1, 1, None]
    assert sorted(result["loops"][0]["cycle"]) == [0, 1, 2, 3] and result["loops"][0]["exact"]
    assert (result["points"], result["max_dimension"], result["approximate"]) == (4, 2, False)
    assert result["features"]["by_dimension"][1]["total"] == pytest.approx(math.sqrt(2) - 1)
    rows = [[math.dist(a, b) for b in square] for a in square]
    by_distances = persistence(people, distances=rows, loops=1)
    assert by_distances["diagram"] == result["diagram"]
    taxi = persistence(people, points=square, metric="manhattan")
    assert [pair["death"] for pair in taxi["diagram"] if pair["dimension"] == 1] == [2]
    short = persistence(people, points=square, max_edge_length=1.2, max_dimension=1)
    assert [pair["death"] for pair in short["diagram"] if pair["dimension"] == 1] == [None]


def circle(count):
    return [[math.cos(2 * math.pi * i / count), math.sin(2 * math.pi * i / count)] for i in range(count)]


def test_what_takes_long_says_how_far_it_holds(people):
    """So many points on a circle bound ever more spheres of higher dimension, far beyond where the loop is filled."""
    count = 500
    began = time.monotonic()
    result = persistence(people, points=circle(count))
    assert sanitized() or time.monotonic() - began < LONGEST_SECONDS
    assert result["approximate"] is True
    told = result["approximation"]
    # Beyond the radius of the points nothing happens: what is left open is half of the way to it, in one direction.
    diameter = 2
    assert math.sqrt(3) < told["exact_below"] < diameter
    assert told["bottleneck_bound"] == pytest.approx((diameter - told["exact_below"]) / 2)
    # What it calls exact is: the loop is born with the edges between neighbours, and dies with a triangle over thirds.
    (loop,) = [pair for pair in result["diagram"] if pair["dimension"] == 1]
    assert loop["birth"] == pytest.approx(2 * math.sin(math.pi / count))
    assert loop["death"] == pytest.approx(2 * math.sin(math.pi * math.ceil(count / 3) / count))
    assert len([pair for pair in result["diagram"] if pair["dimension"] == 0]) == count


def test_what_its_budget_is_enough_for_is_exact(people):
    result = persistence(people, points=circle(60))
    assert (result["approximate"], result["approximation"]) == (False, None)


@pytest.mark.parametrize(
    "body, place",
    [
        ({}, ["body"]),
        ({"points": [[0]], "distances": [[0]]}, ["body"]),
        ({"points": []}, ["body", "points"]),
        ({"points": [[]]}, ["body", "points", 0]),
        ({"points": [[0, 1], [1]]}, ["body", "points", 1]),
        ({"points": [[0, "1"]]}, ["body", "points", 0, 1]),
        ({"points": [[0]] * 501}, ["body", "points"]),
        ({"points": [[0]] * 201, "loops": 1}, ["body", "loops"]),
        ({"points": [[0]], "max_dimension": 3}, ["body", "max_dimension"]),
        ({"points": [[0]], "metric": "hamming"}, ["body", "metric"]),
        ({"points": [[0]], "max_edge_length": -1}, ["body", "max_edge_length"]),
        ({"distances": [[0, 1], [2, 0]]}, ["body", "distances"]),
        ({"distances": [[1]]}, ["body", "distances"]),
        ({"distances": [[0, -1], [-1, 0]]}, ["body", "distances", 0, 1]),
    ],
)
def test_what_is_no_cloud_is_refused_with_its_place(people, body, place):
    status, answer = people.call("analyst", "POST", "/api/topology/persistence", body)
    assert status == 422 and answer["detail"][0]["loc"] == place, answer


def test_numbers_that_are_none_are_refused(people):
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {people.tokens['analyst']}"}
    for number in ("NaN", "Infinity", "1e999"):
        body = '{"points": [[' + number + "]]}"
        status, _, answer = people.server.request("POST", "/api/topology/persistence", body, headers)
        assert status == 422, answer
    status, _, answer = people.server.request("POST", "/api/topology/persistence", b"[" * 9_000_000, headers)
    assert status == 413 and "detail" in json.loads(answer)
