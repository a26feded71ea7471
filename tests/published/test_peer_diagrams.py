"""Our diagrams equal those of ripser.py, giotto-ph and gudhi on thousands of inputs: see peer_diagrams.py."""

import os
import pathlib
import subprocess

import environment
import pytest

HERE = pathlib.Path(__file__).parent


def test_our_diagrams_equal_those_of_the_peers():
    try:
        interpreter = environment.interpreter()
    except environment.Unavailable as missing:
        pytest.skip(str(missing))
    done = subprocess.run(
        [interpreter, "-B", "-W", "ignore", HERE / "peer_diagrams.py", os.environ["TOPOFORGE_EVALUATE"]],
        capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    print(done.stdout)
