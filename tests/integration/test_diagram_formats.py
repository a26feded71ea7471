"""`topoforge diagram --input FORMAT` reads what `ripser --format FORMAT` reads, and gives the same diagrams."""

import gzip
import itertools
import math
import random
import shutil
import struct

import pytest

from diagram_program import diagram, refused, ripser

needs_ripser = pytest.mark.skipif(shutil.which("ripser") is None, reason="the Debian package ripser is not installed")

MAGIC, DISTANCE_MATRIX = 8067171840, 7


def dipha(matrix):
    numbers = [entry for row in matrix for entry in row]
    return struct.pack(f"<3q{len(numbers)}d", MAGIC, DISTANCE_MATRIX, len(matrix), *numbers)


def text_of(rows, separator=" ", end="\n"):
    return "".join(separator.join(map(str, row)) + end for row in rows)


def lower(matrix):
    return [row[:i] for i, row in enumerate(matrix)][1:]


def upper(matrix):
    return [row[i + 1 :] for i, row in enumerate(matrix)][:-1]


def sparse(matrix, longest=math.inf):
    pairs = itertools.combinations(range(len(matrix)), 2)
    return [(i, j, matrix[i][j]) for i, j in pairs if matrix[i][j] <= longest]


def integer_distances(points, seed, values=200):
    generator = random.Random(seed)
    matrix = [[0] * points for _ in range(points)]
    for i, j in itertools.combinations(range(points), 2):
        matrix[i][j] = matrix[j][i] = generator.randint(1, values)
    return matrix


DRESSES = {
    "lower-distance": [lambda m: text_of(lower(m)), lambda m: text_of(lower(m), ","), lambda m: text_of(lower(m), " ", " ")],
    "upper-distance": [lambda m: text_of(upper(m)), lambda m: text_of(upper(m), ","), lambda m: text_of(upper(m), "\n")],
    "distance": [lambda m: text_of(m), lambda m: text_of(m, ","), lambda m: text_of(m, "\t")],
    "sparse": [lambda m: text_of(sparse(m)), lambda m: text_of(sparse(m, 120)), lambda m: text_of(sparse(m, 60), "\t")],
    "dipha": [dipha],
}


@needs_ripser
@pytest.mark.parametrize("format", DRESSES)
def test_distances_give_the_diagrams_of_ripser_exactly(format, tmp_path):
    seen = 0
    for seed, dress in enumerate(DRESSES[format]):
        data = dress(integer_distances(45, seed))
        path = tmp_path / f"input_{seed}"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        # Without a threshold Ripser stops at the enclosing radius, where its classes have all died.
        expected = ripser(path, "--dim", 2, "--format", format)
        assert diagram(path, "--input", format) == expected
        seen += len(expected.get(2, []))
        if format != "sparse":  # of these Ripser 1.2 takes every edge, whatever the threshold
            assert diagram(path, "--input", format, "--max-edge-length", 60) == ripser(
                path, "--dim", 2, "--format", format, "--threshold", 60
            )
    assert seen > 0, "nothing was compared in degree 2"


@needs_ripser
@pytest.mark.parametrize("separator", [" ", ",", ", ", "\t"])
def test_point_clouds_give_the_diagrams_of_ripser(separator, tmp_path):
    generator = random.Random(11)
    path = tmp_path / "cloud.txt"
    path.write_text(text_of([[generator.random() for _ in range(3)] for _ in range(60)], separator))
    expected = ripser(path, "--dim", 2, "--format", "point-cloud")
    found = diagram(path, "--input", "point-cloud")
    for dimension in range(3):
        # Ripser computes in single precision and keeps what it can tell apart.
        mine = [pair for pair in found.get(dimension, []) if pair[1] - pair[0] > 1e-5]
        theirs = [pair for pair in expected.get(dimension, []) if pair[1] - pair[0] > 1e-5]
        assert len(mine) == len(theirs) > 0
        for left, right in zip(mine, theirs):
            assert left == pytest.approx(right, rel=1e-4, abs=1e-5)


def test_all_formats_give_one_diagram(tmp_path):
    matrix = integer_distances(40, 7)
    expected = diagram("-", "--input", "distance", text=text_of(matrix))
    assert expected[1] and expected[2]
    for format, dresses in DRESSES.items():
        assert diagram("-", "--input", format, text=dresses[0](matrix)) == expected
    compressed = tmp_path / "matrix.gz"
    compressed.write_bytes(gzip.compress(dipha(matrix)))
    assert diagram(compressed, "--input", "dipha") == expected


def test_edges_that_are_not_there_never_appear():
    square = "0 1 1\n1 2 1\n2 3 1\n3 0 1\n"
    assert diagram("-", "--input", "sparse", text=square) == {
        0: [(0, 1), (0, 1), (0, 1), (0, math.inf)],
        1: [(1, math.inf)],
    }
    with_gap = diagram("-", "--input", "sparse", "--max-edge-length", 1e200, text="0 2 5\n")
    assert with_gap == {0: [(0, 5), (0, math.inf), (0, math.inf)]}
    assert diagram("-", "--input", "sparse", "--max-edge-length", 2, text="0,1,1\n1,2,3\n") == {
        0: [(0, 1), (0, math.inf), (0, math.inf)]
    }


def test_a_longest_edge_bounds_sparse_distances_as_it_bounds_a_matrix():
    matrix = integer_distances(45, 3)
    bounded = diagram("-", "--input", "distance", "--max-edge-length", 60, text=text_of(matrix))
    assert diagram("-", "--input", "sparse", "--max-edge-length", 60, text=text_of(sparse(matrix))) == bounded
    assert diagram("-", "--input", "sparse", text=text_of(sparse(matrix, 60), ",")) == bounded


@pytest.mark.parametrize(
    "format, text, message",
    [
        ("lower-distance", "", "no distances"),
        ("lower-distance", "1\n2 3\n4\n", "4 distances; wanted n (n - 1) / 2"),
        ("lower-distance", "1\n2 nan\n", ":2: column 2: wanted a number of magnitude at most 1e+150, got 'nan'"),
        ("upper-distance", "1 -2\n3\n", ":1: column 2: distance -2 is negative"),
        ("distance", "0 1\n2 0\n", ":2: column 1: distance 2 differs from 1 in line 1, column 2"),
        ("distance", "1 1\n1 0\n", ":1: column 1: distance 1 of a point to itself; wanted 0"),
        ("sparse", "0 1\n", ":1: column 3: the line has 2 numbers; wanted 3"),
        ("sparse", "0 4000000000 1\n", "at most 4096 points are allowed"),
        ("dipha", b"", "ends after 0 bytes; wanted the header"),
        ("dipha", b"0 1\n1 0 and more", "wanted 8067171840, as DIPHA files do"),
        ("dipha", dipha([[0, 1], [1, 0]])[:-1], "ends after 55 bytes; wanted 56"),
        ("dipha", dipha([[0, 1], [math.nan, 0]]), "row 2, column 1: wanted a number of magnitude at most 1e+150"),
        ("dipha", struct.pack("<3q", MAGIC, DISTANCE_MATRIX, 2**62), "4611686018427387904 points; at most 4096"),
        ("dipha", struct.pack("<3q", MAGIC, DISTANCE_MATRIX, 4096), "ends after 24 bytes; wanted 134217752"),
        ("point-cloud", "", "no numbers in 0 lines"),
    ],
)
def test_bad_input_is_named_by_its_place(format, text, message):
    error = refused(1, "-", "--input", format, text=text)
    assert message in error and "standard input" in error


def test_a_metric_is_for_points_only():
    assert "a metric is for points" in refused(2, "-", "--input", "sparse", "--metric", "cosine", text="0 1 2\n")


def test_the_option_of_ripser_is_pointed_to_ours():
    assert "wanted --input lower-distance" in refused(2, "-", "--format", "lower-distance", text="1\n")
