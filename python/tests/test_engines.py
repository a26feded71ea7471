"""The engines against each other and against gudhi."""

import numpy as np
import pytest
from diagrams import assert_same_diagrams, random_square

from topoforge import (
    LimitExceededError,
    SlidingVietorisRips,
    TopoForgeError,
    VietorisRips,
    bottleneck_distance,
    pairwise_distances,
)


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev", "cosine"])
@pytest.mark.parametrize("max_dimension", [0, 1, 2])
def test_sliding_equals_computing_anew(metric, max_dimension):
    rng = np.random.default_rng(7)
    stream = SlidingVietorisRips(20, max_dimension=max_dimension, metric=metric)
    engine = VietorisRips(max_dimension, metric=metric)
    points = np.round(rng.random((70, 3)) * 8) / 8 + 0.01
    for i, point in enumerate(points):
        stream.push(point)
        assert stream.size == len(stream) == min(i + 1, 20)
        assert_same_diagrams(stream.diagram(), engine.compute(points[max(0, i - 19) : i + 1]))


def test_distances_slide_as_points_do():
    points = np.random.default_rng(8).random((40, 2))
    square = pairwise_distances(points)
    by_points, by_distances = SlidingVietorisRips(15), SlidingVietorisRips(15)
    for i in range(40):
        by_points.push(points[i])
        by_distances.push_distances(square[i, max(0, i - 14) : i])
        assert_same_diagrams(by_points.diagram(), by_distances.diagram())


def test_a_square_and_its_condensed_form_give_the_same():
    rng = np.random.default_rng(9)
    for points in (0, 2, 3, 10, 31):
        square = random_square(rng, points)
        condensed = square[np.triu_indices(points, 1)]
        assert_same_diagrams(VietorisRips().compute_distances(square), VietorisRips().compute_distances(condensed))


@pytest.mark.parametrize("seed", range(10))
def test_diagrams_are_those_of_gudhi(seed):
    gudhi = pytest.importorskip("gudhi", reason="gudhi is not installed")
    square = random_square(np.random.default_rng(seed), 18, None if seed % 2 else 4)
    for longest in (np.inf, 0.6 if seed % 2 else 2.0):
        tree = gudhi.RipsComplex(distance_matrix=square, max_edge_length=longest).create_simplex_tree(max_dimension=3)
        tree.compute_persistence(homology_coeff_field=2, persistence_dim_max=True)
        expected = [tree.persistence_intervals_in_dimension(degree).reshape(-1, 2) for degree in range(3)]
        assert_same_diagrams(VietorisRips(2, max_edge_length=longest).compute_distances(square), expected)


def test_a_missing_edge_leaves_components_apart():
    square = np.array([[0, 1, np.inf], [1, 0, np.inf], [np.inf, np.inf, 0]])
    np.testing.assert_array_equal(VietorisRips(0).compute_distances(square)[0], [[0, 1], [0, np.inf], [0, np.inf]])


def test_an_engine_is_as_good_as_new_after_an_error():
    engine = VietorisRips(1)
    expected = engine.compute(np.eye(5))
    with pytest.raises(ValueError, match="coordinate 1 of point 0 is nan"):
        engine.compute([[0, np.nan]])
    assert_same_diagrams(engine.compute(np.eye(5)), expected)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: VietorisRips(4), "4"),
    (lambda: VietorisRips(-1), "max_dimension is -1"),
    (lambda: VietorisRips(max_edge_length=-1), "-1"),
    (lambda: VietorisRips(metric="nonsense"), "metric 'nonsense'"),
    (lambda: SlidingVietorisRips(0), "0"),
    (lambda: SlidingVietorisRips(5000), "5000"),
    (lambda: SlidingVietorisRips(metric="nonsense"), "metric 'nonsense'"),
    (lambda: SlidingVietorisRips(max_cells=0), "max_cells is 1 or more, got 0"),
    (lambda: SlidingVietorisRips().push([np.inf]), "inf"),
    (lambda: SlidingVietorisRips().push([[1.0]]), "point has 2 dimensions"),
    (lambda: SlidingVietorisRips().push_distances([1.0]), "1"),
    (lambda: VietorisRips().compute(np.zeros((3, 0))), "3 points have no coordinates"),
    (lambda: VietorisRips().compute(np.zeros(3)), "points has 1 dimensions"),
    (lambda: VietorisRips().compute_distances(np.zeros((2, 3))), "square"),
    (lambda: VietorisRips().compute_distances([1.0, 2.0]), r"2 distances are no n\(n-1\)/2"),
    (lambda: VietorisRips().compute_distances([1.0, -2.0, 1.0]), "points 0 and 2 is -2"),
    (lambda: VietorisRips().compute_distances([[0, 1], [2, 0]]), r"entry \(1, 0\) is 2.*\(0, 1\) is 1"),
    (lambda: VietorisRips().compute_distances([[0, 1], [1, 5]]), r"entry \(1, 1\) is 5"),
])
def test_wrong_arguments_are_refused_by_name(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_number_that_is_not_whole_is_a_type_error():
    for value in (1.5, "1", True, None):
        with pytest.raises(TypeError, match="max_dimension"):
            VietorisRips(value)


def test_a_point_of_another_dimension_leaves_the_window_as_it_was():
    stream = SlidingVietorisRips(3)
    stream.push([1.0, 2.0])
    with pytest.raises(ValueError, match="2"):
        stream.push([1.0])
    assert stream.size == 1


def test_a_diagram_beyond_its_memory_is_a_memory_error():
    points = np.random.default_rng(10).random((60, 6))
    with pytest.raises(LimitExceededError, match="max_stored_simplices|simplices") as caught:
        VietorisRips(2, max_stored_simplices=10).compute(points)
    assert isinstance(caught.value, MemoryError) and isinstance(caught.value, TopoForgeError)


def assert_as_close_as_said(cut, exact):
    if np.isinf(cut.exact_below):
        assert cut.bottleneck_bound == 0.0
    for ours, theirs in zip(cut.dgms, exact, strict=True):
        assert bottleneck_distance(ours, theirs) <= cut.bottleneck_bound * (1 + 1e-12)
        ours, theirs = (pairs[pairs[:, 1] < cut.exact_below] for pairs in (ours, theirs))
        np.testing.assert_array_equal(ours, theirs)


def test_a_budget_says_how_far_a_diagram_can_be_off():
    distances = pairwise_distances(np.random.default_rng(3).random((60, 3)))
    engine = VietorisRips(max_dimension=2)
    exact = engine.compute_distances(distances)
    cut_ones = 0
    for max_cells in (1, 100, 1_000, 10_000, 10**9):
        cut = engine.approximate(distances, max_cells=max_cells)
        assert_as_close_as_said(cut, exact)
        cut_ones += np.isfinite(cut.exact_below)
    assert 0 < cut_ones < 5
    with pytest.raises(ValueError, match="max_cells"):
        engine.approximate(distances, max_cells=0)


@pytest.mark.parametrize("max_cells", [1, 300, 1_000])
def test_a_window_within_a_budget_says_how_far_its_diagram_can_be_off(max_cells):
    points = np.random.default_rng(4).random((100, 4))
    engine = VietorisRips(max_dimension=2)
    stream = SlidingVietorisRips(40, max_cells=max_cells)
    cut_ones = 0
    for i, point in enumerate(points):
        stream.push(point)
        exact = engine.compute(points[max(0, i - 39) : i + 1])
        cut = stream.approximate()
        assert_as_close_as_said(cut, exact)
        if np.isinf(cut.exact_below):
            assert_same_diagrams(stream.diagram(), exact)
        else:
            cut_ones += 1
            with pytest.raises(LimitExceededError, match=f"{len(stream)} points .* more than max_cells, {max_cells};"):
                stream.diagram()
    assert 0 < cut_ones < 100


def test_a_window_without_a_budget_is_exact():
    points = np.random.default_rng(5).random((40, 4))
    stream = SlidingVietorisRips(24)
    for point in points:
        stream.push(point)
    dgms, exact_below, bound = stream.approximate()
    assert (exact_below, bound) == (np.inf, 0.0)
    assert_same_diagrams(dgms, stream.diagram())
