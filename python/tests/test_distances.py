"""Distances and matchings of diagrams against gudhi and persim."""

import numpy as np
import pytest
from diagrams import random_diagram

from topoforge import LimitExceededError, bottleneck_distance, match_diagrams, wasserstein_distance


def pairs_of_diagrams(count=40):
    for seed in range(count):
        rng = np.random.default_rng(seed)
        essential = int(rng.integers(0, 3))
        yield tuple(random_diagram(rng, int(rng.integers(0, 12)), essential, whole=seed % 3 == 0) for _ in range(2))


def test_bottleneck_distances_are_those_of_gudhi():
    gudhi = pytest.importorskip("gudhi", reason="gudhi is not installed")
    for first, second in pairs_of_diagrams():
        assert bottleneck_distance(first, second) == pytest.approx(gudhi.bottleneck_distance(first, second), abs=1e-9)


def test_bottleneck_distances_are_those_of_persim():
    persim = pytest.importorskip("persim", reason="persim is not installed")
    for first, second in pairs_of_diagrams():
        first, second = (one[np.isfinite(one[:, 1])] for one in (first, second))
        if len(first) and len(second):
            assert bottleneck_distance(first, second) == pytest.approx(persim.bottleneck(first, second), abs=1e-9)


@pytest.mark.parametrize("p", [1.0, 2.0, 3.5])
def test_wasserstein_distances_are_those_of_gudhi(p):
    pytest.importorskip("ot", reason="POT is not installed")
    theirs = pytest.importorskip("gudhi.wasserstein", reason="gudhi is not installed")
    for first, second in pairs_of_diagrams():
        expected = theirs.wasserstein_distance(first, second, order=p, internal_p=np.inf, keep_essential_parts=True)
        assert wasserstein_distance(first, second, p) == pytest.approx(expected, abs=1e-9)


def test_other_numbers_of_essential_classes_are_infinitely_far():
    first, second = [[0, np.inf]], [[0, np.inf], [1, np.inf]]
    assert bottleneck_distance(first, second) == wasserstein_distance(first, second) == np.inf
    assert bottleneck_distance([], []) == wasserstein_distance([], []) == 0.0


def test_a_matching_has_each_pair_once_and_the_distance_of_its_lengths():
    for first, second in pairs_of_diagrams():
        pairs, lengths, distance = match_diagrams(first, second)
        assert sorted(pairs[pairs[:, 0] >= 0, 0]) == list(range(len(first)))
        assert sorted(pairs[pairs[:, 1] >= 0, 1]) == list(range(len(second)))
        assert distance == wasserstein_distance(first, second, 2.0)
        assert distance == pytest.approx(np.sqrt(np.sum(lengths**2)))
        for (i, j), length in zip(pairs, lengths, strict=True):
            if i < 0 or j < 0:
                expected = np.ptp(first[i] if j < 0 else second[j]) / 2
            elif np.isinf(first[i, 1]):
                expected = abs(first[i, 0] - second[j, 0])
            else:
                expected = np.abs(first[i] - second[j]).max()
            assert length == expected


@pytest.mark.parametrize("function", [bottleneck_distance, wasserstein_distance, match_diagrams])
@pytest.mark.parametrize(("diagram", "message"), [
    ([[0, 1, 2]], "2 columns.*3"),
    ([[0, 1], [2, 1]], r"pair 1 of the diagram is \(2, 1\)"),
    ([[np.nan, 1]], r"pair 0 of the diagram is \(nan, 1\)"),
    ([[-np.inf, 1]], r"pair 0"),
    ([[0, np.nan]], r"pair 0"),
    ([0, 1], "1 dimensions"),
])
def test_what_is_no_diagram_is_refused(function, diagram, message):
    with pytest.raises(ValueError, match=message):
        function([[0, 1]], diagram)
    with pytest.raises(ValueError, match=message):
        function(diagram, [[0, 1]])


def test_an_exponent_below_1_is_refused():
    for p in (0.5, np.nan, np.inf):
        with pytest.raises(ValueError):
            wasserstein_distance([[0, 1]], [[0, 2]], p)


def test_diagrams_that_are_too_large_are_refused():
    with pytest.raises(LimitExceededError):
        bottleneck_distance(*(random_diagram(np.random.default_rng(seed), 6000) for seed in range(2)))
