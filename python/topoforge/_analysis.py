"""The four documented classes: events to verdicts, and its stages alone."""

from __future__ import annotations

import datetime
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topoforge import _core
from topoforge._arrays import Floats, count, matrix, vector

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "Analysis",
    "AnomalyDetector",
    "DataProcessor",
    "ThreatClassifier",
    "TopologyAnalyzer",
    "default_threat_rules",
]

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_MICROSECOND = datetime.timedelta(microseconds=1)


class TopologyAnalyzer:
    """From a point cloud to its persistence diagrams and Betti numbers.

    Parameters
    ----------
    max_dimension : int, default 2
        Highest degree of homology, 0 to 3.

    Examples
    --------
    >>> import numpy as np
    >>> from topoforge import TopologyAnalyzer
    >>> analyzer = TopologyAnalyzer(max_dimension=1)
    >>> angles = np.arange(8) * np.pi / 4
    >>> diagrams = analyzer.compute_persistence(np.column_stack([np.cos(angles), np.sin(angles)]))
    >>> analyzer.extract_betti_numbers(diagrams, adaptive=False)
    {'h0': 8, 'h1': 1, 'h2': 0}
    """

    def __init__(self, max_dimension: int = 2) -> None:
        self._analyzer = _core.TopologyAnalyzer(count(max_dimension, "max_dimension"))

    def compute_persistence(self, point_cloud: ArrayLike) -> list[Floats]:
        """Compute the diagrams of points under the Euclidean metric.

        Parameters
        ----------
        point_cloud : array_like, shape (n, d)
            Finite coordinates of at most 4,096 points.

        Returns
        -------
        list of ndarray, shape (m, 2)
            For each degree the pairs (birth, death), sorted.
        """
        return self._analyzer.compute_persistence(matrix(point_cloud, "point_cloud"))

    def extract_betti_numbers(
        self, diagrams: Sequence[ArrayLike], adaptive: bool = True, sigma: float = 2.0
    ) -> dict[str, int]:
        """Count the classes of each degree.

        Parameters
        ----------
        diagrams : sequence of array_like, shape (m, 2)
            One for each degree.
        adaptive : bool, default True
            Count essential classes, and those whose lifetime exceeds the mean by `sigma` standard deviations of their
            degree; otherwise every class of positive lifetime.
        sigma : float, default 2
            See `adaptive`.

        Returns
        -------
        dict
            ``h0`` components, ``h1`` loops, ``h2`` voids.
        """
        return self._analyzer.extract_betti_numbers(
            [matrix(diagram, "diagram") for diagram in diagrams], bool(adaptive), float(sigma)
        )


class AnomalyDetector:
    """Isolation forest and autoencoder over single points.

    Parameters
    ----------
    input_dim : int
        Values of a point.
    contamination : float, default 0.1
        Share of the training points that count as anomalies, in (0, 0.5].
    seed : int, default 42
        The same data and seed give the same answers.

    Examples
    --------
    >>> import numpy as np
    >>> from topoforge import AnomalyDetector
    >>> detector = AnomalyDetector(input_dim=2)
    >>> detector.train(np.random.default_rng(0).normal(size=(200, 2)))
    >>> detector.predict([9.0, -9.0])["is_anomaly"]
    True
    """

    def __init__(self, input_dim: int, contamination: float = 0.1, seed: int = 42) -> None:
        self._detector = _core.AnomalyDetector(count(input_dim, "input_dim"), float(contamination), count(seed, "seed"))

    def train(self, normal: ArrayLike) -> None:
        """Learn what is normal.

        Parameters
        ----------
        normal : array_like, shape (n, input_dim)
            At least 10 finite rows.

        Raises
        ------
        ValueError
            For another shape or a value that is not finite, by row and column.
        """
        self._detector.train(matrix(normal, "normal"))

    def predict(self, point: ArrayLike) -> dict[str, Any]:
        """Say how strange a point is.

        Parameters
        ----------
        point : array_like, shape (input_dim,)
            Finite values.

        Returns
        -------
        dict
            ``is_anomaly``, and ``severity`` in [0, 1).

        Raises
        ------
        ValueError
            Before `train`, for another length, or for a value that is not finite.
        """
        return self._detector.predict(vector(point, "point"))


def default_threat_rules() -> list[dict[str, Any]]:
    """Give the documented table that leads from a verdict to MITRE ATT&CK candidates.

    Returns
    -------
    list of dict
        A rule speaks when ``measure`` is ``at_least`` so much and the anomaly score at least ``min_score``.

    Examples
    --------
    >>> from topoforge import default_threat_rules
    >>> [rule["technique_id"] for rule in default_threat_rules()][:1]
    ['T1071']
    """
    return _core.default_threat_rules()


class ThreatClassifier:
    """From a verdict to candidates of MITRE ATT&CK techniques, each with its evidence.

    Parameters
    ----------
    rules : iterable of dict, optional
        A table with the keys of `default_threat_rules`, which is taken where none is given.

    Examples
    --------
    >>> from topoforge import ThreatClassifier
    >>> analysis = ThreatClassifier().classify({"anomaly_score": 0.9, "betti_numbers": {"h0": 3, "h1": 8, "h2": 0}})
    >>> analysis["risk_level"], analysis["threats"][0]["technique_id"]
    ('Critical', 'T1071')
    """

    def __init__(self, rules: Iterable[Mapping[str, Any]] | None = None) -> None:
        self._classifier = _core.ThreatClassifier(_rules(rules))

    def classify(self, analysis: Mapping[str, Any]) -> dict[str, Any]:
        """Look up what a verdict may point to.

        Parameters
        ----------
        analysis : mapping
            ``anomaly_score`` and ``betti_numbers`` (``h0``, ``h1``, ``h2``; absent ones are 0), where known
            ``event_rate_hz`` and ``event_rate_ratio`` (to the usual rate).

        Returns
        -------
        dict
            ``risk_level``, ``confidence``, ``threats`` (most confident first) and ``mitigation``.
        """
        betti = analysis.get("betti_numbers", {})
        return self._classifier.classify(
            float(analysis["anomaly_score"]),
            count(betti.get("h0", 0), "h0"),
            count(betti.get("h1", 0), "h1"),
            count(betti.get("h2", 0), "h2"),
            _optional(analysis.get("event_rate_hz")),
            _optional(analysis.get("event_rate_ratio")),
        )


def _optional(number: Any) -> float | None:
    return None if number is None else float(number)


def _rules(rules: Iterable[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    if rules is None:
        return _core.default_threat_rules()
    table = [dict(rule) for rule in rules]
    for row, rule in enumerate(table, 1):
        for name in _core.default_threat_rules()[0]:
            if name not in rule:
                raise ValueError(f"rule {row} has no {name}")
    return table


class Analysis(dict[str, Any]):
    """What is said of a window: a dict that may also be awaited, which gives itself at once."""

    def __await__(self) -> Generator[None, None, Analysis]:
        return self
        yield  # makes it a generator, as awaiting wants one


class DataProcessor:
    """The whole way of one stream: ingest events, then ask what the newest window says.

    Parameters
    ----------
    window_size : int, default 50
        Events in a window, 2 to 2,048.
    stride : int, default 1
        Events between two analyses.
    max_dimension : int, default 2
        Highest degree of homology, 0 to 2.
    calibration_events : int, default 0
        0: the first full window says what is normal, and later clean windows refine it. N: the first N events do.
    threshold : float, default 0.5
        Anomaly score above which an event is an anomaly, in (0, 1).
    seed : int, default 42
        The same events and seed give the same answers.
    threat_rules : iterable of dict, optional
        As of `ThreatClassifier`.

    Examples
    --------
    >>> from topoforge import DataProcessor
    >>> processor = DataProcessor(window_size=20)
    >>> for i in range(40):
    ...     processor.ingest({"value": i % 7, "timestamp": 1767225600 + i})
    >>> result = processor.process_window()
    >>> result["window_size"], result["is_anomaly"], result["risk_level"]
    (20, False, 'Low')
    """

    def __init__(
        self,
        window_size: int = 50,
        *,
        stride: int = 1,
        max_dimension: int = 2,
        calibration_events: int = 0,
        threshold: float = 0.5,
        seed: int = 42,
        threat_rules: Iterable[Mapping[str, Any]] | None = None,
    ) -> None:
        self._processor = _core.DataProcessor(
            count(window_size, "window_size"),
            count(stride, "stride"),
            count(max_dimension, "max_dimension"),
            count(calibration_events, "calibration_events"),
            float(threshold),
            count(seed, "seed"),
            _rules(threat_rules),
        )

    def ingest(self, event: Mapping[str, Any]) -> None:
        """Take an event.

        Parameters
        ----------
        event : mapping
            ``value``, a number, or ``values``, a mapping of numbers by channel; the first event names the channels.
            Optional: ``timestamp`` (a datetime, ISO 8601 text, or seconds since 1970; UTC where it says nothing else),
            ``source``, ``entity``, and ``id`` (a repeated one is not counted twice).

        Raises
        ------
        ValueError
            For an event without values, a value that is not finite, or a channel that the first event has not; the
            event is not counted then.
        """
        if "values" in event:
            values = [(str(channel), float(value)) for channel, value in event["values"].items()]
        elif "value" in event:
            values = [("value", float(event["value"]))]
        else:
            raise ValueError("the event has neither 'value' nor 'values'")
        self._processor.ingest(
            values,
            _microseconds(event.get("timestamp")),
            str(event.get("source") or ""),
            str(event.get("entity") or ""),
            str(event.get("id") or ""),
        )

    def process_window(self) -> Analysis:
        """Give the analysis of the newest window.

        Returns
        -------
        Analysis
            ``betti_numbers``, ``anomaly_score``, ``is_anomaly``, ``security_analysis`` and what else the server's JSON
            has, under the same names. ``result = await processor.process_window()`` is good as well.

        Raises
        ------
        NotReadyError
            While the first window fills, or calibration asks for more events.
        """
        analysis = Analysis(self._processor.process_window())
        if (time := analysis["timestamp"]) is not None:
            analysis["timestamp"] = _EPOCH + time * _MICROSECOND
        return analysis

    def diagram(self) -> list[Floats]:
        """Give the diagrams of the last analysis, as of `TopologyAnalyzer`; none before it.

        Returns
        -------
        list of ndarray, shape (m, 2)
            Of the normalised window, one for each degree.
        """
        return self._processor.diagram()


def _microseconds(time: Any) -> int | None:
    if time is None:
        return None
    if isinstance(time, str):
        try:
            # Python 3.10 does not know Z.
            time = datetime.datetime.fromisoformat(f"{time[:-1]}+00:00" if time[-1:] in ("Z", "z") else time)
        except ValueError as error:
            raise ValueError(f"timestamp {time!r} is not ISO 8601: {error}") from None
    if isinstance(time, datetime.datetime):
        aware = time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)
        return (aware - _EPOCH) // _MICROSECOND
    seconds = float(time)
    if not abs(seconds) < 2.0**33:
        raise ValueError(f"timestamp {time!r} is no number of seconds since 1970")
    return round(seconds * 1e6)
