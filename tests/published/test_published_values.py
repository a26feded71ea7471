"""Our distances and vectorisations equal those of gudhi and persim within 1e-9.

The libraries' values are committed, so that comparing needs no network; a second test asks the libraries again.
"""

import json
import os
import pathlib
import subprocess

import environment
import pytest

HERE = pathlib.Path(__file__).parent
EVALUATE = os.environ["TOPOFORGE_EVALUATE"]
PUBLISHED = json.loads((HERE / "published_values.json").read_text())
TOLERANCE = 1e-9
KINDS = {
    "gudhi": {"bottleneck", "wasserstein", "betti_curve", "landscape", "silhouette", "entropy"},
    "persim": {"bottleneck", "landscape", "entropy", "image"},
}


def kind(case):
    return case["request"].split()[0]


def expect_close(found, expected, case):
    assert len(found) == len(expected), case["request"]
    for index, (value, wanted) in enumerate(zip(found, expected)):
        close = abs(value - wanted) <= TOLERANCE
        assert close, f"{case['library']}, value {index}: {value}, wanted {wanted}: {case['request']}"


@pytest.mark.parametrize("library, name", [(library, name) for library in KINDS for name in sorted(KINDS[library])])
def test_our_values_equal_the_published_ones(library, name):
    cases = [case for case in PUBLISHED if (case["library"], kind(case)) == (library, name)]
    assert len(cases) >= 9
    requests = "".join(case["request"] + "\n" for case in cases)
    done = subprocess.run([EVALUATE], input=requests, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    answers = done.stdout.splitlines()
    assert len(answers) == len(cases)
    for case, answer in zip(cases, answers):
        expect_close([float(word) for word in answer.split()], case["values"], case)


def test_every_published_value_is_compared():
    assert {(case["library"], kind(case)) for case in PUBLISHED} == {
        (library, name) for library, names in KINDS.items() for name in names
    }


def libraries():
    try:
        return environment.interpreter()
    except environment.Unavailable as missing:
        pytest.skip(str(missing))


def test_the_published_values_are_what_the_libraries_give():
    done = subprocess.run(
        [libraries(), "-B", "-W", "ignore", HERE / "published_values.py"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    given = json.loads(done.stdout)
    assert [case["request"] for case in given] == [case["request"] for case in PUBLISHED]
    for now, case in zip(given, PUBLISHED):
        expect_close(now["values"], case["values"], case)
