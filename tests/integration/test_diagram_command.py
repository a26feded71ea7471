"""`topoforge diagram` from outside: formats, kinds of input, and what bad input gets."""

import csv
import gzip
import json
import math
import os
import pathlib
import random
import re
import shutil
import subprocess
import xml.etree.ElementTree

import pytest

from diagram_program import diagram, refused, run
from program import BINARY

GOLDEN = pathlib.Path(__file__).parent.parent / "golden"
SQUARE = GOLDEN / "square.csv"


ROOT = math.sqrt(2)
SQUARE_DIAGRAM = {0: [(0, 1), (0, 1), (0, 1), (0, math.inf)], 1: [(1, ROOT)]}


@pytest.mark.parametrize("format", ["json", "csv", "text", "svg"])
def test_output_equals_the_golden_file(format, tmp_path):
    output = tmp_path / "out"
    done = run(SQUARE, "--max-dimension", 1, "--format", format, "--output", output)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert output.read_text() == (GOLDEN / f"square_diagram.{format}").read_text()


def test_svg_is_well_formed_and_asks_for_nothing():
    done = run(SQUARE, "--format", "svg")
    root = xml.etree.ElementTree.fromstring(done.stdout)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    text = done.stdout.decode()
    assert "href" not in text and "url(" not in text and "<script" not in text


def test_a_hostile_file_name_stays_text_in_the_svg(tmp_path):
    path = tmp_path / "<script>alert(1)<&\"'.csv"
    shutil.copy(SQUARE, path)
    root = xml.etree.ElementTree.fromstring(run(path, "--format", "svg").stdout)
    assert root.find("{http://www.w3.org/2000/svg}script") is None
    assert path.name in root.get("aria-label")


@pytest.mark.parametrize(
    "text",
    [
        "0,0\n1,0\n1,1\n0,1\n",
        "0 0\n1 0\n1 1\n0 1",
        "\ufeffx,y\r\n0,0\r\n1,0\r\n\r\n1,1\r\n0,1\r\n",
        "# square\n  x\ty\n0\t0 # origin\n1\t0\n1\t1\n0\t1\n",
    ],
)
def test_points_come_in_many_dresses(text):
    assert diagram("-", text=text) == SQUARE_DIAGRAM


def test_points_come_compressed(tmp_path):
    path = tmp_path / "square.csv.gz"
    path.write_bytes(gzip.compress(SQUARE.read_bytes()))
    assert diagram(path) == SQUARE_DIAGRAM


def test_distances_full_and_lower_give_the_same_diagram():
    r = repr(ROOT)
    full = f"0,1,{r},1\n1,0,1,{r}\n{r},1,0,1\n1,{r},1,0\n"
    lower = f"1\n{r} 1\n1 {r} 1\n"
    lower_with_diagonal = f"0\n1 0\n{r} 1 0\n1 {r} 1 0\n"
    assert diagram("-", "--input", "distances", text=full) == SQUARE_DIAGRAM
    assert diagram("-", "--input", "lower", text=lower) == SQUARE_DIAGRAM
    assert diagram("-", "--input", "lower", text=lower_with_diagonal) == SQUARE_DIAGRAM
    assert diagram("-", text=lower) == SQUARE_DIAGRAM


def test_what_may_be_points_or_distances_is_not_guessed():
    error = refused(2, "-", text="0 1\n1 0\n")
    assert "--input distances or --input points" in error
    assert diagram("-", "--input", "points", text="0 1\n1 0\n") == {0: [(0, ROOT), (0, math.inf)]}
    assert diagram("-", "--input", "distances", text="0 1\n1 0\n") == {0: [(0, 1), (0, math.inf)]}


def test_metrics_change_the_distances():
    deaths = {}
    for metric in ["euclidean", "manhattan", "chebyshev", "cosine"]:
        deaths[metric] = diagram("-", "--metric", metric, text="0 3\n4 0\n")[0][0][1]
    assert deaths == {"euclidean": 5, "manhattan": 7, "chebyshev": 4, "cosine": 1}


def test_edges_beyond_the_longest_are_left_out():
    found = diagram("-", "--max-edge-length", 1.2, text="0,0\n1,0\n1,1\n0,1\n")
    assert found == {0: [(0, 1), (0, 1), (0, 1), (0, math.inf)], 1: [(1, math.inf)]}
    assert diagram("-", "--max-edge-length", 0.5, text="0\n1\n")[0] == [(0, math.inf)] * 2


def test_dimensions_go_from_0_to_3():
    octahedron = "1 0 0\n-1 0 0\n0 1 0\n0 -1 0\n0 0 1\n0 0 -1\n"
    assert diagram("-", "--max-dimension", 2, text=octahedron)[2] == [(ROOT, 2)]
    assert set(diagram("-", "--max-dimension", 0, text=octahedron)) == {0}
    cross = "".join(f"{' '.join(str(s if i == j else 0) for j in range(4))}\n" for i in range(4) for s in (1, -1))
    assert diagram("-", "--max-dimension", 3, text=cross)[3] == [(ROOT, 2)]


def test_printed_numbers_read_back_exactly():
    generator = random.Random(5)
    points = [generator.uniform(-1e3, 1e3) for _ in range(30)]
    found = diagram("-", text="".join(f"{point!r}\n" for point in points))[0]
    ordered = sorted(points)
    assert [death for _, death in found] == sorted(b - a for a, b in zip(ordered, ordered[1:])) + [math.inf]


def test_loops_name_the_points_that_make_them():
    done = run(SQUARE, "--max-dimension", 1, "--loops", 2, "--format", "json")
    found = json.loads(done.stdout)
    assert all(len(pair["birth_points"]) == pair["dimension"] + 1 for pair in found["pairs"])
    (loop,) = found["loops"]
    assert (loop["birth"], loop["death"], loop["exact"]) == (1, ROOT, True)
    assert sorted(loop["cycle"]) == [0, 1, 2, 3]
    assert "loops" not in json.loads(run(SQUARE, "--format", "json").stdout)
    rows = list(csv.DictReader(run(SQUARE, "--max-dimension", 1, "--loops", 2, "--format", "csv").stdout.decode().split("\n")))
    assert [row["cycle"].split() for row in rows if row["cycle"]] == [[str(point) for point in loop["cycle"]]]
    text = run(SQUARE, "--loops", 1).stdout.decode()
    assert f"[1, {ROOT}): {' '.join(map(str, loop['cycle']))}\n" in text


def test_points_of_windows_are_rows_of_the_input():
    generator = random.Random(3)
    far = "".join(f"{generator.uniform(50, 60)},{generator.uniform(50, 60)}\n" for _ in range(6))
    text = far + "0,0\n1,0\n1,1\n0,1\n"
    done = run("-", "--window", 4, "--stride", 6, "--loops", 1, "--format", "json", text=text)
    (loop,) = json.loads(done.stdout)[1]["loops"]
    assert sorted(loop["cycle"]) == [6, 7, 8, 9]


@pytest.mark.parametrize("window", [[], ["--window", 60]])
def test_a_budget_that_is_spent_is_told_in_each_format(window):
    generator = random.Random(4)
    text = "".join(f"{generator.random()},{generator.random()},{generator.random()}\n" for _ in range(60))
    budget = [*window, "--max-cells", 300]
    found = json.loads(run("-", *budget, "--format", "json", text=text).stdout)
    cut = (found[0] if window else found)["approximation"]
    assert 0 < cut["exact_below"] < 1.8 and 0 < cut["bottleneck_bound"] < 1
    rows = list(csv.DictReader(run("-", *budget, "--format", "csv", text=text).stdout.decode().split("\n")))
    assert {(float(row["exact_below"]), float(row["bottleneck_bound"])) for row in rows} == {tuple(cut.values())}
    assert f"approximate: the budget is spent: exact for edges shorter than {cut['exact_below']};" in (
        run("-", *budget, text=text).stdout.decode()
    )
    if not window:
        assert "approximate" in run("-", *budget, "--format", "svg", text=text).stdout.decode()
    enough = json.loads(run("-", *window, "--max-cells", 10**9, "--format", "json", text=text).stdout)
    assert "approximation" not in (enough[0] if window else enough)


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "no numbers in 0 lines"),
        ("x,y\n", "no numbers in 1 line"),
        ("1,2\n3,abc\n", ":2: column 2: wanted a number of magnitude at most 1e+150, got 'abc'"),
        ("1,2\n3,nan\n", ":2: column 2: wanted a number of magnitude at most 1e+150, got 'nan'"),
        ("1,2\n-inf,3\n", ":2: column 1: wanted a number of magnitude at most 1e+150, got '-inf'"),
        ("1,2\n3,4,5\n", ":2: column 3: the row has 3 numbers; wanted 2, as in line 1"),
        ("1\n" * 4097, "more than 4096 rows; at most 4096 points are allowed"),
        (b"1,2\n3,\x00\n", "NUL"),
        (b"\x1f\x8b\x08\x00broken", "gzip"),
        ("\x1b[31m,1\n", "got '\\x1B[31m'"),
    ],
)
def test_bad_points_are_named_by_their_place(text, message):
    assert message in refused(1, "-", "--input", "points", text=text)


@pytest.mark.parametrize(
    "kind, text, message",
    [
        ("distances", "0 1\n2 0\n", ":2: column 1: distance 2 differs from 1 in line 1, column 2"),
        ("distances", "0 -1\n-1 0\n", ":2: column 1: distance -1 is negative"),
        ("distances", "0 1\n1 3\n", ":2: column 2: distance 3 of a point to itself; wanted 0"),
        ("distances", "0 1\n1 0\n1 1\n", ":1: column 3: the row has 2 numbers; wanted 3"),
        ("lower", "1\n2 3\n4\n", ":3: column 2: the row has 1 number; wanted 3"),
    ],
)
def test_bad_distances_are_named_by_their_place(kind, text, message):
    assert message in refused(1, "-", "--input", kind, text=text)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--max-dimension", "4"],
        ["--max-dimension", "-1"],
        ["--max-edge-length", "-1"],
        ["--max-edge-length", "nan"],
        ["--format", "xml"],
        ["--metric", "hamming"],
        ["--input", "upper"],
        ["--window", "0"],
        ["--window", "4097"],
        ["--stride", "2"],
        ["--window", "2", "--stride", "0"],
        ["--threads", "2"],
        ["--loops", "-1"],
        ["--loops", "1", "--max-dimension", "3"],
        ["--loops", "1", "--format", "svg"],
        ["--loops", "1", "--max-cells", "10"],
        ["--max-cells", "0"],
        ["--window", "2", "--threads", "257"],
        ["--window", "2", "--format", "svg"],
        ["--window", "2", "--input", "distances"],
        ["--window", "2", "--input", "dipha"],
        ["--no-such-option"],
    ],
)
def test_wrong_use_exits_with_2(arguments):
    assert refused(2, *([SQUARE] if arguments else []), *arguments) != ""


def test_a_metric_for_distances_is_wrong_use():
    assert "a metric is for points" in refused(2, "-", "--metric", "cosine", text="1\n2 3\n")


def test_files_that_cannot_be_read_or_written_exit_with_1(tmp_path):
    assert "nowhere.csv" in refused(1, tmp_path / "nowhere.csv")
    assert "no-folder" in refused(1, SQUARE, "--output", tmp_path / "no-folder" / "out.json")


def test_examples_of_the_help_work_as_written(tmp_path):
    help_text = run("--help").stdout.decode()
    examples = re.findall(r"^  (.*\btopoforge diagram .*)$", help_text.partition("Examples:\n")[2], re.MULTILINE)
    assert len(examples) >= 8
    generator = random.Random(2)
    points = [(generator.random(), generator.random()) for _ in range(70)]
    (tmp_path / "points.csv").write_text("".join(f"{x},{y}\n" for x, y in points))
    (tmp_path / "distances.txt").write_text("0 1 2\n1 0 1.5\n2 1.5 0\n")
    (tmp_path / "edges.txt").write_text("0 1 1\n1 2 1\n2 3 1\n0 3 1\n")
    (tmp_path / "topoforge").symlink_to(pathlib.Path(BINARY).resolve())
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    for example in examples:
        done = subprocess.run(["bash", "-c", example], cwd=tmp_path, env=environment, capture_output=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, b""), example
        if "--format json" in example:
            assert json.loads(done.stdout), example
    assert (tmp_path / "diagram.svg").read_text().startswith("<")
