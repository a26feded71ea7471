"""What `topoforge.ripser` takes and refuses."""

from itertools import combinations

import numpy as np
import pytest
from diagrams import assert_same_diagrams, random_square

from topoforge import LimitExceededError, pairwise_distances, ripser

sparse = pytest.importorskip("scipy.sparse", reason="SciPy is not installed")


def test_zeros_that_a_sparse_matrix_holds_are_edges():
    matrix = sparse.coo_matrix(([0.0, 0.0], ([0, 1], [1, 0])), shape=(3, 3))
    np.testing.assert_array_equal(ripser(matrix, distance_matrix=True)["dgms"][0], [[0, np.inf], [0, np.inf]])


def test_infinite_entries_are_edges_that_never_appear():
    square = np.array([[0, 1, np.inf], [1, 0, np.inf], [np.inf, np.inf, 0]])
    result = ripser(square, distance_matrix=True)
    np.testing.assert_array_equal(result["dgms"][0], [[0, 1], [0, np.inf], [0, np.inf]])
    assert result["num_edges"] == 1


def test_lists_and_other_types_are_taken():
    expected = ripser(np.array([[0.0, 0.0], [0.0, 1.0], [2.0, 0.0]]))
    for points in ([[0, 0], [0, 1], [2, 0]], np.array([[0, 0], [0, 1], [2, 0]], dtype=np.int8),
                   np.array([[0, 0], [0, 1], [2, 0]], dtype=np.float16, order="F")):
        assert_same_diagrams(ripser(points)["dgms"], expected["dgms"])


def test_no_points_give_empty_diagrams():
    assert [one.shape for one in ripser(np.empty((0, 0)), distance_matrix=True)["dgms"]] == [(0, 2), (0, 2)]


@pytest.mark.parametrize(("arguments", "message"), [
    ({"X": np.zeros((3, 2)), "distance_matrix": True}, "Distance matrix is not square"),
    ({"n_perm": 7}, "greater than number of points"),
    ({"n_perm": -1}, "strictly positive"),
    ({"coeff": 3}, "coeff is 3.*Z/2"),
    ({"maxdim": 4}, "4"),
    ({"maxdim": -1}, "maxdim is -1"),
    ({"thresh": -1.0}, "-1"),
    ({"thresh": np.nan}, "thresh is nan"),
    ({"metric": "nonsense"}, "nonsense"),
    ({"X": [[0, 1], [np.nan, 0], [3, 3]]}, "coordinate 0 of point 1 is nan"),
    ({"X": [[0, 1], [np.inf, 0], [3, 3]], "n_perm": 2}, "coordinate 0 of point 1 is inf"),
    ({"X": [[0, 1j], [0, 0], [3, 3]]}, "complex"),
    ({"X": np.zeros(3)}, "1 dimensions"),
    ({"X": [[0, 1], [2, 0]], "distance_matrix": True}, r"entry \(0, 1\).* is 1.0, but \(1, 0\) is 2.0"),
    ({"X": [[0, -1], [-1, 0]], "distance_matrix": True}, "is -1"),
    ({"X": [[0, np.nan], [np.nan, 0]], "distance_matrix": True}, "nan"),
    ({"X": sparse.eye(3), "n_perm": 2, "distance_matrix": True}, "not supported for sparse"),
    ({"X": sparse.coo_matrix([[0, 1], [2, 0]]), "distance_matrix": True}, r"entry \(.*wanted the same"),
])
def test_wrong_arguments_are_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        ripser(**{"X": np.random.default_rng(4).random((6, 2)), **arguments})


def test_rounding_makes_no_matrix_asymmetric():
    square = random_square(np.random.default_rng(5), 10)
    expected = ripser(square, distance_matrix=True)["dgms"]
    square[3, 1] *= 1 + 1e-12
    assert_same_diagrams(ripser(square, distance_matrix=True)["dgms"], expected)


def assert_cocycles(result, lengths):
    """Each vanishes on the boundary of every simplex that comes before its class dies."""
    assert result["cocycles"][0] == []
    for degree in range(1, len(result["dgms"])):
        dgm, cocycles = result["dgms"][degree], result["cocycles"][degree]
        assert len(cocycles) == len(dgm) > 0
        for (birth, death), cocycle in zip(dgm, cocycles, strict=True):
            assert cocycle.dtype == np.int64 and cocycle.shape[1] == degree + 2
            assert (cocycle[:, -1] == 1).all()
            assert (np.diff(cocycle[:, :-1], axis=1) < 0).all()
            simplices = {frozenset(row.tolist()) for row in cocycle[:, :-1]}
            assert len(simplices) == len(cocycle)
            assert min(max(lengths[i, j] for i, j in combinations(s, 2)) for s in simplices) == birth
            for coface in combinations(range(len(lengths)), degree + 2):
                if max(lengths[i, j] for i, j in combinations(coface, 2)) < death:
                    assert sum(frozenset(face) in simplices for face in combinations(coface, degree + 1)) % 2 == 0


def sphere(points, seed):
    rows = np.random.default_rng(seed).normal(size=(points, 3))
    return rows / np.linalg.norm(rows, axis=1)[:, None]


def test_cocycles_vanish_before_death_in_each_degree():
    cross_polytope = np.vstack([np.eye(4), -np.eye(4)])
    points = np.vstack([sphere(16, 7) @ np.eye(3, 4), 3.0 * np.eye(4)[3] + 0.3 * cross_polytope])
    result = ripser(points, maxdim=2, do_cocycles=True)
    assert_same_diagrams(result["dgms"], ripser(points, maxdim=2)["dgms"])
    octahedron = ripser(cross_polytope[:, :3][[0, 1, 2, 4, 5, 6]], maxdim=2, do_cocycles=True)
    assert [len(found) for found in octahedron["cocycles"]] == [0, 0, 1]
    square = pairwise_distances(sphere(24, 7))
    assert_cocycles(ripser(square, distance_matrix=True, do_cocycles=True), square)
    lengths = pairwise_distances(cross_polytope[:, :3][[0, 1, 2, 4, 5, 6]])
    (cocycle,) = octahedron["cocycles"][2]
    simplices = {frozenset(row.tolist()) for row in cocycle[:, :-1]}
    assert all(lengths[i, j] < 2 for s in simplices for i, j in combinations(s, 2))
    assert len(simplices) % 2 == 1  # a cocycle that is odd on the sphere of all eight triangles


def test_cocycles_of_points_that_are_born_later_name_them_as_given():
    square = pairwise_distances(sphere(18, 8))
    np.fill_diagonal(square, 0.05)
    square[3, 3] = 9.0  # never
    result = ripser(square, distance_matrix=True, thresh=1.9, do_cocycles=True)
    assert_same_diagrams(result["dgms"], ripser(square, distance_matrix=True, thresh=1.9)["dgms"])
    assert not any((cocycle[:, :-1] == 3).any() for cocycle in result["cocycles"][1])
    square[3, :] = square[:, 3] = np.inf
    assert_cocycles(result, np.maximum(square, 0.05))


def test_cocycles_have_the_form_of_ripser_py():
    theirs = pytest.importorskip("ripser", reason="ripser.py is not installed").ripser
    points = sphere(20, 9)
    our, their = ripser(points, maxdim=2, do_cocycles=True), theirs(points, maxdim=2, do_cocycles=True)
    for degree in (0, 1, 2):
        assert len(our["cocycles"][degree]) == len(their["cocycles"][degree])
        for cocycle in their["cocycles"][degree]:
            assert cocycle.shape[1] == degree + 2
            assert (np.diff(cocycle[:, :-1], axis=1) < 0).all()


def test_too_many_points_are_refused_before_memory_is_asked_for():
    with pytest.raises(LimitExceededError, match="4096 points, got 200000"):
        ripser(sparse.coo_matrix((200_000, 200_000)), distance_matrix=True)
    with pytest.raises(LimitExceededError, match="4096 points, got 200000"):
        ripser(np.zeros((200_000, 2)))
    with pytest.raises(MemoryError):
        ripser(np.zeros((4097, 2)))


def test_many_points_are_looked_at_through_few():
    angles = np.random.default_rng(6).random(20_000) * 2 * np.pi
    result = ripser(np.column_stack([np.cos(angles), np.sin(angles)]), n_perm=100)
    assert result["dperm2all"].shape == (100, 20_000)
    loop = result["dgms"][1][np.argmax(np.ptp(result["dgms"][1], axis=1))]
    assert loop[0] <= 2 * result["r_cover"] + 0.1 and loop[1] == pytest.approx(np.sqrt(3), abs=2 * result["r_cover"])
