"""`topoforge.ripser` against ripser.py."""

import warnings

import numpy as np
import pytest
from diagrams import assert_same_diagrams, random_square, single_precision, sorted_pairs

import topoforge
from topoforge import ripser

theirs = pytest.importorskip("ripser", reason="ripser.py is not installed")
sparse = pytest.importorskip("scipy.sparse", reason="SciPy is not installed")


def clouds(seed):
    rng = np.random.default_rng(seed)
    angles = rng.random(40) * 2 * np.pi
    yield "uniform", rng.random((45, 3))
    yield "ring", np.column_stack([np.cos(angles), np.sin(angles)]) + rng.normal(scale=0.05, size=(40, 2))
    yield "grid", rng.integers(0, 4, (40, 2)).astype(float)
    yield "repeated", np.repeat(rng.random((12, 3)), 3, axis=0)
    yield "line", np.column_stack([rng.random(30), np.zeros(30)])
    yield "two", rng.random((2, 1))
    yield "one", rng.random((1, 1))


@pytest.mark.parametrize("seed", range(20))
def test_points_give_the_diagrams_of_ripser(seed):
    for name, cloud in clouds(seed):
        square = single_precision(topoforge.pairwise_distances(cloud))
        for thresh in (np.inf, float(np.float32(np.median(square)))):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                their = theirs.ripser(square, maxdim=2, thresh=thresh, distance_matrix=True)
            our = ripser(square, maxdim=2, thresh=thresh, distance_matrix=True)
            assert_same_diagrams(our["dgms"], their["dgms"])
            assert our["num_edges"] == their["num_edges"], name
            assert our["cocycles"] == their["cocycles"] == [[], [], []]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("levels", [None, 3, 10])
def test_dissimilarities_give_the_diagrams_of_ripser(seed, levels):
    square = single_precision(random_square(np.random.default_rng(seed), 25, levels))
    for maxdim in range(4):
        assert_same_diagrams(
            ripser(square, maxdim=maxdim, distance_matrix=True)["dgms"],
            theirs.ripser(square, maxdim=maxdim, distance_matrix=True)["dgms"],
        )


def test_keys_shapes_and_types_are_those_of_ripser():
    cloud = np.random.default_rng(1).random((20, 3))
    for arguments in ({}, {"maxdim": 0}, {"n_perm": 7}, {"n_perm": 20}, {"thresh": 0.3}):
        our, their = ripser(cloud, **arguments), theirs.ripser(cloud, **arguments)
        assert list(our) == list(their)
        assert type(our["num_edges"]) is int
        assert our["dperm2all"].shape == their["dperm2all"].shape
        assert our["idx_perm"].dtype == their["idx_perm"].dtype == np.int64
        np.testing.assert_array_equal(our["idx_perm"], their["idx_perm"])
        np.testing.assert_allclose(our["dperm2all"], their["dperm2all"], atol=1e-7)
        assert our["r_cover"] == pytest.approx(their["r_cover"], abs=1e-7)
        for one, other in zip(our["dgms"], their["dgms"], strict=True):
            assert one.dtype == other.dtype == np.float64
            assert one.shape == other.shape


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "l1", "cityblock", "l2", "chebyshev", "cosine",
                                    "correlation", "canberra", lambda a, b: float(np.abs(a - b).max())])
def test_metrics_are_those_of_ripser(metric):
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    cloud = np.random.default_rng(2).random((30, 4)) + 0.1
    for n_perm in (None, 12):
        our, their = ripser(cloud, metric=metric, n_perm=n_perm), theirs.ripser(cloud, metric=metric, n_perm=n_perm)
        np.testing.assert_allclose(our["dperm2all"], their["dperm2all"], atol=1e-7)
        for one, other in zip(our["dgms"], their["dgms"], strict=True):
            # ripser.py reads what rounding left on the diagonal as births.
            np.testing.assert_allclose(one, sorted_pairs(other.round(6)), atol=1e-6)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("kind", ["coo", "csr", "csc", "lil", "dok"])
def test_an_edge_that_a_sparse_matrix_lacks_never_appears(seed, kind):
    rng = np.random.default_rng(seed)
    square = single_precision(random_square(rng, 30))
    matrix = sparse.coo_matrix(np.where(square < 0.35, square, 0.0)).asformat(kind)
    for thresh in (np.inf, 0.25):
        our = ripser(matrix, maxdim=2, distance_matrix=True, thresh=thresh)
        their = theirs.ripser(matrix, maxdim=2, distance_matrix=True, thresh=thresh)
        assert_same_diagrams(our["dgms"], their["dgms"])
        assert our["num_edges"] == their["num_edges"]
    # One triangle says it all.
    upper, lower = sparse.triu(matrix), sparse.tril(matrix)
    for one in (upper, lower):
        assert_same_diagrams(ripser(one, maxdim=2, distance_matrix=True)["dgms"],
                             theirs.ripser(upper, maxdim=2, distance_matrix=True)["dgms"])


@pytest.mark.parametrize("seed", range(10))
def test_points_that_are_born_later_give_the_diagrams_of_ripser(seed):
    rng = np.random.default_rng(seed)
    square = single_precision(random_square(rng, 20, None if seed % 2 else 5) + 1)
    births = single_precision(rng.random(20) if seed % 2 else rng.integers(-1, 2, 20))
    np.fill_diagonal(square, births)
    assert_same_diagrams(ripser(square, maxdim=2, distance_matrix=True)["dgms"],
                         theirs.ripser(square, maxdim=2, distance_matrix=True)["dgms"])


def test_the_lower_star_filtration_of_an_image_is_that_of_ripser():
    x, y = np.meshgrid(np.linspace(-3, 3, 16), np.linspace(-3, 3, 14))
    image = single_precision(np.sin(x) * np.cos(2 * y) - 0.3)
    expected = theirs.lower_star_img(image)
    places = np.arange(image.size).reshape(image.shape)
    entries = {(int(p), int(p)): image.flat[p] for p in range(image.size)}
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            for a, b in ((0, 1), (1, 0), (1, 1), (1, -1)):
                if i + a < image.shape[0] and 0 <= j + b < image.shape[1]:
                    edge = (int(places[i, j]), int(places[i + a, j + b]))
                    entries[edge] = max(image[i, j], image[i + a, j + b])
    rows, columns = zip(*entries, strict=True)
    matrix = sparse.coo_matrix((list(entries.values()), (rows, columns)), shape=(image.size, image.size))
    assert_same_diagrams(ripser(matrix, maxdim=0, distance_matrix=True)["dgms"], [expected])


def test_the_warnings_are_those_of_ripser():
    rng = np.random.default_rng(3)
    for shape in ((4, 4), (3, 5)):
        cloud = rng.random(shape)
        with pytest.warns(UserWarning) as our:
            ripser(cloud)
        with pytest.warns(UserWarning) as their:
            theirs.ripser(cloud)
        assert str(our[0].message) == str(their[0].message)
        assert our[0].filename == __file__
