"""`topoforge diagram` under test, and Debian's `ripser` as its peer."""

import json
import math
import subprocess

from program import BINARY


def run(*arguments, text=None):
    data = text.encode() if isinstance(text, str) else text
    return subprocess.run([BINARY, "diagram", *map(str, arguments)], input=data, capture_output=True, timeout=60)


def diagram(*arguments, text=None):
    """The pairs as {dimension: sorted [(birth, death)]}, from JSON."""
    done = run(*arguments, "--format", "json", text=text)
    assert done.returncode == 0, done.stderr.decode()
    pairs = {}
    for pair in json.loads(done.stdout)["pairs"]:
        death = math.inf if pair["death"] is None else pair["death"]
        pairs.setdefault(pair["dimension"], []).append((pair["birth"], death))
    return {dimension: sorted(found) for dimension, found in pairs.items()}


def refused(expected_code, *arguments, text=None):
    done = run(*arguments, text=text)
    assert done.returncode == expected_code, (done.returncode, done.stderr)
    assert done.stdout == b""
    return done.stderr.decode()


def ripser(path, *arguments):
    """The pairs of Ripser, as diagram() gives them; single precision, six digits."""
    done = subprocess.run(["ripser", *map(str, arguments), str(path)], capture_output=True, text=True, check=True)
    pairs, dimension = {}, None
    for line in done.stdout.splitlines():
        if line.startswith("persistence intervals in dim"):
            dimension = int(line.split()[-1].rstrip(":"))
        elif dimension is not None and line.startswith(" ["):
            birth, death = line.strip(" [)").split(",")
            pairs.setdefault(dimension, []).append((float(birth), float(death) if death.strip() else math.inf))
    return {dimension: sorted(found) for dimension, found in pairs.items()}
