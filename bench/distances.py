"""Distances between small diagrams, ours beside those of gudhi and persim: the table of docs/benchmarks.md.

`make python && build/python/bin/python bench/distances.py`. Each function is called as its documentation says, on NumPy
arrays, so that the times are those of a user, with what a binding costs. Functions take turns; the best of ten turns
counts. The values must agree within 1e-9.
"""

import time

import gudhi
import gudhi.wasserstein
import numpy
import persim
import topoforge

SIZES = (5, 20, 100)
PEERS = ("topoforge", "gudhi", "persim")
TURNS = 10
SECONDS_OF_A_TURN = 0.02


def diagram(random, size):
    """Births all over [0, 1] and lifetimes of 0.1 on average: many short pairs and a few that last."""
    births = random.random(size)
    return numpy.column_stack([births, births + random.exponential(0.1, size)])


def bottleneck(a, b):
    return {
        "topoforge": lambda: topoforge.bottleneck_distance(a, b),
        "gudhi": lambda: gudhi.bottleneck_distance(a, b),
        "persim": lambda: persim.bottleneck(a, b),
    }


def wasserstein(a, b):
    """Of order 1, with the greatest coordinate's distance between points. Persim's is another: Euclidean."""
    return {
        "topoforge": lambda: topoforge.wasserstein_distance(a, b),
        "gudhi": lambda: gudhi.wasserstein.wasserstein_distance(a, b, order=1, internal_p=numpy.inf),
    }


def microseconds(functions):
    """Name to the time of a call."""
    best = dict.fromkeys(functions, numpy.inf)
    calls = {}
    for name, function in functions.items():
        began = time.perf_counter()
        function()
        calls[name] = max(1, int(SECONDS_OF_A_TURN / (time.perf_counter() - began)))
    for _ in range(TURNS):
        for name, function in functions.items():
            began = time.perf_counter()
            for _ in range(calls[name]):
                function()
            best[name] = min(best[name], (time.perf_counter() - began) / calls[name])
    return {name: 1e6 * seconds for name, seconds in best.items()}


def main():
    print("| distance | pairs | topoforge | gudhi | persim | x gudhi |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for kind in (bottleneck, wasserstein):
        for size in SIZES:
            random = numpy.random.default_rng(size)
            functions = kind(diagram(random, size), diagram(random, size))
            values = [function() for function in functions.values()]
            if max(values) - min(values) > 1e-9:
                raise SystemExit(f"{kind.__name__} of {size} pairs: {values}")
            times = microseconds(functions)
            cells = " | ".join(f"{times[name]:,.1f}" if name in times else "-" for name in PEERS)
            print(f"| {kind.__name__} | {size} | {cells} | {times['gudhi'] / times['topoforge']:,.0f} |")


if __name__ == "__main__":
    main()
