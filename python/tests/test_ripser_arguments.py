"""What `topoforge.ripser` takes and refuses."""

from itertools import combinations

import numpy as np
import pytest
from diagrams import assert_same_diagrams, random_square

from topoforge import LimitExceededError, ripser

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


def test_cocycles_beyond_degree_one_are_refused():
    with pytest.raises(NotImplementedError, match="maxdim=1"):
        ripser(np.zeros((3, 2)), maxdim=2, do_cocycles=True)
    later = np.array([[0.5, 1.0], [1.0, 0.0]])
    with pytest.raises(NotImplementedError, match="born"):
        ripser(later, distance_matrix=True, do_cocycles=True)


def test_cocycles_vanish_on_triangles_before_death():
    random = np.random.default_rng(7)
    points = random.normal(size=(25, 3))
    points /= np.linalg.norm(points, axis=1)[:, None]
    result = ripser(points, do_cocycles=True)
    lengths = result["dperm2all"]
    assert result["cocycles"][0] == []
    assert len(result["cocycles"][1]) == len(result["dgms"][1]) > 0
    for (birth, death), cocycle in zip(result["dgms"][1], result["cocycles"][1], strict=True):
        assert cocycle.shape[1] == 3
        assert (cocycle[:, 2] == 1).all()
        values = np.zeros(lengths.shape, bool)
        values[cocycle[:, 0], cocycle[:, 1]] = values[cocycle[:, 1], cocycle[:, 0]] = True
        assert lengths[values].min() == birth
        for i, j, k in combinations(range(len(points)), 3):
            if max(lengths[i, j], lengths[i, k], lengths[j, k]) < death:
                assert not values[i, j] ^ values[i, k] ^ values[j, k]


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
