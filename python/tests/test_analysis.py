"""The documented classes."""

import asyncio
import datetime

import numpy as np
import pytest
from diagrams import assert_same_diagrams

from topoforge import (
    AnomalyDetector,
    DataProcessor,
    NotReadyError,
    ThreatClassifier,
    TopologyAnalyzer,
    VietorisRips,
    default_threat_rules,
)


def test_the_analyzer_gives_diagrams_and_betti_numbers():
    rng = np.random.default_rng(11)
    angles = rng.random(150) * 2 * np.pi
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) + rng.normal(scale=0.1, size=(150, 2))
    analyzer = TopologyAnalyzer(max_dimension=2)
    diagrams = analyzer.compute_persistence(ring)
    assert_same_diagrams(diagrams, VietorisRips(2).compute(ring))
    assert analyzer.extract_betti_numbers(diagrams, adaptive=True, sigma=2.0)["h1"] == 1
    everything = analyzer.extract_betti_numbers(diagrams, adaptive=False)
    assert everything == {f"h{degree}": len(diagram) for degree, diagram in enumerate(diagrams)}


def test_the_detector_knows_what_is_far_from_what_it_learned():
    normal = np.random.default_rng(12).normal(size=(300, 3))
    detector, again = AnomalyDetector(input_dim=3), AnomalyDetector(input_dim=3)
    with pytest.raises(ValueError, match="not trained"):
        detector.predict(normal[0])
    detector.train(normal)
    again.train(normal.tolist())
    far, near = detector.predict([8, -8, 8]), detector.predict(np.zeros(3))
    assert far["is_anomaly"] is True and near["is_anomaly"] is False
    assert 0 <= near["severity"] < far["severity"] < 1
    assert again.predict([8, -8, 8]) == far
    for wrong in (np.zeros((20, 2)), np.zeros((3, 3)), np.full((20, 3), np.nan)):
        with pytest.raises(ValueError, match="training data"):
            detector.train(wrong)
    with pytest.raises(ValueError, match="point has 2 values; wanted 3"):
        detector.predict([0, 0])
    with pytest.raises(ValueError, match="contamination is 0.7"):
        AnomalyDetector(3, contamination=0.7).train(normal)


def test_the_classifier_names_techniques_with_their_evidence():
    classifier = ThreatClassifier()
    analysis = classifier.classify({"anomaly_score": 0.9, "betti_numbers": {"h0": 3, "h1": 8, "h2": 0}})
    assert set(analysis) == {"risk_level", "confidence", "threats", "mitigation"}
    assert analysis["risk_level"] == "Critical"
    assert {"T1071", "T1048"} <= {threat["technique_id"] for threat in analysis["threats"]}
    assert "8 loops" in next(t for t in analysis["threats"] if t["technique_id"] == "T1071")["evidence"]
    for score, level in ((0.2, "Low"), (0.3, "Medium"), (0.6, "High"), (0.81, "Critical")):
        assert classifier.classify({"anomaly_score": score})["risk_level"] == level
    flood = classifier.classify({"anomaly_score": 0.9, "event_rate_hz": 1e5, "event_rate_ratio": 1e3})
    assert "T1499" in {threat["technique_id"] for threat in flood["threats"]}


def test_a_table_of_rules_may_be_replaced():
    rules = default_threat_rules()
    only = [{**rules[0], "technique_id": "T1572", "at_least": 2.0}]
    analysis = ThreatClassifier(only).classify({"anomaly_score": 0.9, "betti_numbers": {"h1": 3}})
    assert [threat["technique_id"] for threat in analysis["threats"]] == ["T1572"]
    for wrong, message in (([{**rules[0], "technique_id": "X"}], "rule 1, technique_id"),
                           ([{**rules[0], "measure": "luck"}], "luck"), ([], "rule"),
                           ([{"measure": "betti_h1"}], "rule 1 has no technique_id")):
        with pytest.raises(ValueError, match=message):
            ThreatClassifier(wrong)


def pump(i, broken=False):
    return {"values": {"a": np.sin(i / 5), "b": np.sin(i / 5 - (1.5 if broken else 0))}, "source": "pumps",
            "timestamp": 1767225600 + i}


def test_the_processor_finds_what_left_the_normal_shape():
    processor = DataProcessor(window_size=40)
    with pytest.raises(NotReadyError, match="0 of 40"):
        processor.process_window()
    rng = np.random.default_rng(13)
    for i in range(400):
        event = pump(i, broken=i >= 360)
        event["values"] = {name: value + rng.normal(scale=0.02) for name, value in event["values"].items()}
        processor.ingest(event)
        if i == 359:
            before = processor.process_window()
    after = processor.process_window()
    assert not before["is_anomaly"] and after["is_anomaly"]
    assert {"betti_numbers", "anomaly_score", "is_anomaly", "security_analysis"} <= set(after)
    assert after["window_size"] == 40 and after["sequence"] == 399 and after["source"] == "pumps"
    assert after["timestamp"] == datetime.datetime(2026, 1, 1, 0, 6, 39, tzinfo=datetime.timezone.utc)
    assert sum(one["share"] for one in after["attribution"]) == pytest.approx(1)
    assert len(processor.diagram()) == 3
    assert asyncio.run(awaited(processor)) == after


async def awaited(processor):
    return await processor.process_window()


@pytest.mark.parametrize("timestamp", ["2026-01-12T08:00:00Z", "2026-01-12T09:00:00+01:00", "2026-01-12T08:00:00",
                                       1768204800, 1768204800.0, datetime.datetime(2026, 1, 12, 8)])
def test_times_are_told_in_several_ways(timestamp):
    processor = DataProcessor(window_size=2)
    for value in (0.5, 0.75):
        processor.ingest({"value": value, "timestamp": timestamp})
    expected = datetime.datetime(2026, 1, 12, 8, tzinfo=datetime.timezone.utc)
    assert processor.process_window()["timestamp"] == expected


@pytest.mark.parametrize(("event", "message"), [
    ({}, "neither 'value' nor 'values'"),
    ({"values": {}}, "value"),
    ({"value": np.nan}, "nan"),
    ({"value": 1, "timestamp": "yesterday"}, "yesterday"),
    ({"value": 1, "timestamp": 1e300}, "1e\\+300"),
    ({"values": {"": 1}}, "name|empty"),
])
def test_an_event_that_is_wrong_is_refused(event, message):
    processor = DataProcessor()
    with pytest.raises(ValueError, match=message):
        processor.ingest(event)
    with pytest.raises(NotReadyError, match="0 of 50"):
        processor.process_window()


def test_options_outside_their_range_are_refused():
    for options in ({"window_size": 1}, {"stride": 0}, {"max_dimension": 3}, {"threshold": 1.0}):
        with pytest.raises(ValueError):
            DataProcessor(**options)
