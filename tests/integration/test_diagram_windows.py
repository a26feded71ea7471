"""`topoforge diagram --window`: one diagram for each window of rows, the same at any number of threads."""

import csv
import io
import json
import math
import os
import pty
import random
import subprocess

import pytest

from diagram_program import diagram, refused, run
from program import BINARY


def rows_of(count, seed=3):
    generator = random.Random(seed)
    return [f"{generator.random()!r},{generator.random()!r}\n" for _ in range(count)]


def windows(*arguments, text):
    done = run("-", "--format", "json", *arguments, text=text)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def pairs_of(window):
    pairs = {}
    for pair in window["pairs"]:
        death = math.inf if pair["death"] is None else pair["death"]
        pairs.setdefault(pair["dimension"], []).append((pair["birth"], death))
    return {dimension: sorted(found) for dimension, found in pairs.items()}


@pytest.mark.parametrize("window, stride", [(20, 1), (20, 7), (7, 20), (40, 40)])
def test_each_window_has_the_diagram_of_its_rows(window, stride):
    rows = rows_of(60)
    found = windows("--window", window, "--stride", stride, text="x,y\n" + "".join(rows))
    starts = range(0, len(rows) - window + 1, stride)
    assert [w["window"] for w in found] == list(range(len(starts)))
    assert [w["first_row"] for w in found] == list(starts)
    assert {w["rows"] for w in found} == {window}
    for w in found[:: max(1, len(found) // 5)]:
        start = w["first_row"]
        assert pairs_of(w) == diagram("-", "--input", "points", text="".join(rows[start : start + window]))


@pytest.mark.parametrize("format", ["text", "csv", "json"])
def test_output_is_the_same_at_any_number_of_threads(format):
    text = "".join(rows_of(400))
    arguments = ["-", "--window", 40, "--stride", 3, "--metric", "manhattan", "--format", format]
    outputs = {run(*arguments, "--threads", threads, text=text).stdout for threads in [0, 1, 2, 3, 7]}
    assert len(outputs) == 1 and len(outputs.pop()) > 1000


def test_csv_names_the_window_in_each_line():
    table = list(csv.DictReader(io.StringIO(run("-", "--window", 2, "--format", "csv", text="1\n3\n6\n").stdout.decode())))
    assert [(row["window"], row["dimension"], row["death"]) for row in table] == [
        ("0", "0", "2"), ("0", "0", "inf"), ("1", "0", "3"), ("1", "0", "inf")
    ]


def test_text_names_the_window_and_its_rows():
    text = run("-", "--window", 2, "--stride", 2, "--max-dimension", 0, text="1\n3\n6\n7\n").stdout.decode()
    assert text == (
        "window 0, rows 0 to 1\n  H0, connected components: 2 classes, 1 of them essential\n    [0, 2)\n    [0, inf)\n"
        "window 1, rows 2 to 3\n  H0, connected components: 2 classes, 1 of them essential\n    [0, 1)\n    [0, inf)\n"
    )


def test_an_input_may_be_longer_than_a_diagram_may_be():
    found = windows("--window", 3, "--stride", 1000, "--max-dimension", 0, text="".join(rows_of(9001)))
    assert len(found) == 9


def test_fewer_rows_than_a_window_has_are_an_error():
    assert "standard input: 3 rows; wanted at least 4, the rows of one window" in refused(
        1, "-", "--window", 4, text="1\n2\n3\n"
    )


@pytest.mark.parametrize("threads", [1, 3])
def test_a_broken_row_is_named_and_leaves_no_file(threads, tmp_path):
    output = tmp_path / "out.json"
    text = "".join(rows_of(50)) + "1,x\n"
    error = refused(1, "-", "--window", 5, "--threads", threads, "--output", output, text=text)
    assert "standard input:51: column 2: wanted a number" in error
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_goes_away_is_no_failure():
    command = f"seq 1 200000 | '{BINARY}' diagram - --window 3 --max-dimension 0 --threads 2 | head -n 1; echo ${{PIPESTATUS[1]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("window 0, rows 0 to 2\n0\n", "")


def on_a_terminal(*arguments):
    """What appears on a terminal that is the program's standard error."""
    reader, terminal = pty.openpty()
    with subprocess.Popen([BINARY, "diagram", *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=terminal) as program:
        os.close(terminal)
        seen = b""
        while True:
            try:
                piece = os.read(reader, 4096)
            except OSError:  # Linux says so when the other side is closed
                break
            if not piece:
                break
            seen += piece
        assert program.wait(timeout=60) == 0
    os.close(reader)
    return seen.decode()


@pytest.fixture(scope="module")
def long_input(tmp_path_factory):
    path = tmp_path_factory.mktemp("progress") / "points.csv"
    path.write_text("".join(",".join(repr(random.random()) for _ in range(8)) + "\n" for _ in range(4000)))
    return path


def test_a_terminal_sees_how_far_the_windows_are(long_input):
    seen = on_a_terminal(long_input, "--window", 80, "--stride", 4, "--threads", 1)
    assert " windows, " in seen and " %  " in seen
    assert seen.endswith("\r\x1b[K"), "the line is wiped"


def test_a_terminal_sees_what_one_large_diagram_does(long_input):
    seen = on_a_terminal(long_input, "--max-dimension", 1, "--max-edge-length", 0.55)
    assert "diagram of 4,000 points, " in seen
    assert seen.endswith("\r\x1b[K"), "the line is wiped"


@pytest.mark.parametrize("window", [[], ["--window", "300", "--stride", "300"]])
def test_progress_is_never_shown_when_quiet_or_without_a_terminal(long_input, window):
    arguments = [long_input, "--max-dimension", 1, "--max-edge-length", 0.5, *window]
    assert on_a_terminal(*arguments, "--quiet") == ""
    assert run(*arguments).stderr == b""
