"""/metrics, /ready and /health of `topoforge serve` as the programs that watch it see them."""

import json
import re

from people import ADMIN, People
from server import running


def samples(server):
    """Name with labels to value, of a text that is what Prometheus reads (text format 0.0.4)."""
    status, headers, body = server.request("GET", "/metrics")
    assert status == 200
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = {}
    kinds = {}
    for line in body.decode().splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in kinds, "each family once"
            kinds[name] = kind
        elif not line.startswith("#"):
            matched = re.fullmatch(r'([a-z_]+)(\{.*\})? (\S+)', line)
            assert matched, line
            family = matched[1]
            if family not in kinds:
                family = re.sub("_(bucket|sum|count)$", "", family)
                assert kinds[family] == "histogram", line
            assert matched[1] + (matched[2] or "") not in found, line
            found[matched[1] + (matched[2] or "")] = float(matched[3])
    return found


def test_what_happens_is_counted(tmp_path):
    with running(tmp_path / "data", env=ADMIN) as server:
        people = People(server)
        before = samples(server)
        events = [{"source": "m", "values": {"a": i % 5, "b": -(i % 3)}} for i in range(60)]
        events[10] = {"source": "m", "values": {"unknown": 1}}
        events[20]["id"] = events[21]["id"] = "twice"
        assert server.post(events)[0] == 200
        assert people.call("viewer", "GET", "/api/anomalies/000")[0] == 404
        assert server.request("GET", "/nowhere")[0] == 404
        after = samples(server)

        def grown(name):
            return after[name] - before.get(name, 0)

        assert grown('topoforge_events_total{outcome="accepted"}') == 59
        assert grown('topoforge_events_total{outcome="rejected"}') == 1
        assert grown("topoforge_duplicate_events_total") == 1
        assert grown("topoforge_windows_total") == 9
        assert grown("topoforge_homology_duration_seconds_count") == 9
        assert grown("topoforge_anomaly_score_count") == 9
        assert grown("topoforge_streams") == 1
        for method, route, status in (
            ("POST", "/api/ingest", 200), ("GET", "/api/anomalies/{id}", 404), ("GET", "none", 404),
        ):  # fmt: skip
            labels = f'method="{method}",route="{route}"'
            assert grown(f'topoforge_http_requests_total{{{labels},status="{status}"}}') == 1
            assert after[f"topoforge_http_request_duration_seconds_count{{{labels}}}"] >= 1
        assert after['topoforge_betti_number{dimension="0",entity="",source="m"}'] >= 1
        assert after['topoforge_store_duration_seconds_count{operation="anomalies.get"}'] == 1
        for queue in ("passwords", "computations", "deliveries", "spooled_anomalies"):
            assert after[f'topoforge_waiting{{queue="{queue}"}}'] == 0
        assert 1e6 < after["process_resident_memory_bytes"] < 1e9
        assert after["process_cpu_seconds_total"] > 0


def test_metrics_of_a_closed_stream_name_no_sources(tmp_path):
    with running(tmp_path / "data", env={**ADMIN, "TOPOFORGE_OPEN_STREAM": "false"}) as server:
        people = People(server)
        for i in range(60):
            assert people.call("viewer", "POST", "/api/ingest", {"source": "private", "value": i % 7})[0] == 200
        assert samples(server)["topoforge_windows_total"] == 11
        assert not [name for name in samples(server) if "private" in name]


def test_readiness_is_told(tmp_path):
    with running(tmp_path / "data") as server:
        status, _, body = server.request("GET", "/ready")
        assert (status, json.loads(body)) == (200, {"ready": True, "reasons": []})
