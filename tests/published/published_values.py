"""What gudhi and persim give for seeded diagrams, as JSON on standard output.

A list of {library, request, values}: a request as evaluate.cpp reads it, and the numbers that the library gives, in our
conventions. Run with the packages of requirements.txt:

    build/published/bin/python tests/published/published_values.py > tests/published/published_values.json
"""

import json
import math
import random

import gudhi
import gudhi.representations
import gudhi.wasserstein
import numpy
import persim
import persim.landscapes
import persim.persistent_entropy

LOW, HIGH, RESOLUTION, LAYERS = 0.0, 3.0, 13, 3


def diagrams():
    """(kind, first, second): two diagrams, of the sizes and kinds that windows give and of some that they do not."""
    for seed, (kind, size, other_size, essential) in enumerate([
        ("uniform", 1, 1, 0), ("uniform", 4, 6, 0), ("uniform", 12, 12, 1), ("uniform", 40, 30, 2),
        ("components", 9, 9, 1), ("components", 35, 20, 1), ("integers", 7, 5, 0), ("integers", 25, 25, 3),
        ("successive", 6, 6, 0), ("successive", 30, 30, 1), ("empty", 5, 0, 0),
    ]):
        source = random.Random(seed)

        def draw():
            return float(source.randrange(1, 5)) / 2 if kind == "integers" else round(source.random() + 0.01, 6)

        def pair():
            birth = 0.0 if kind == "components" else draw()
            return birth, birth + draw()

        first = [pair() for _ in range(size)]
        second = [pair() for _ in range(other_size)]
        if kind == "successive":  # one pair in five is new
            second = [new if k % 5 == 0 else old for k, (old, new) in enumerate(zip(first, second))]
        first += [(draw(), math.inf) for _ in range(essential)]
        second += [(draw(), math.inf) for _ in range(essential)]
        yield kind, numpy.array(first).reshape(-1, 2), numpy.array(second).reshape(-1, 2)


def request(name, parameters, *pairs):
    groups = [[name, *map(repr, parameters)], *[[repr(float(value)) for value in diagram.flat] for diagram in pairs]]
    return " | ".join(" ".join(group) for group in groups).strip()


def landscape_of_persim(finite, grid):
    """Its exact landscape is a list of corners for each layer; between them it is straight."""
    exact = persim.landscapes.PersLandscapeExact(dgms=[finite], hom_deg=0)
    exact.compute_landscape()
    layers = numpy.zeros((LAYERS, len(grid)))
    for layer, corners in enumerate(exact.critical_pairs[:LAYERS]):
        at, height = zip(*[(float(x), float(y)) for x, y in corners])
        layers[layer] = numpy.interp(grid, at, height, left=0.0, right=0.0)
    return layers


def distances(first, second):
    yield "gudhi", request("bottleneck", [], first, second), gudhi.bottleneck_distance(first, second, 0)
    for order in [1, 2, 3]:
        value = gudhi.wasserstein.wasserstein_distance(
            first, second, order=order, internal_p=math.inf, keep_essential_parts=True
        )
        yield "gudhi", request("wasserstein", [order], first, second), value
    finite = [diagram[numpy.isfinite(diagram[:, 1])] for diagram in (first, second)]
    if all(map(len, finite)):
        yield "persim", request("bottleneck", [], *finite), persim.bottleneck(*finite)


def vectors(kind, diagram):
    finite = diagram[numpy.isfinite(diagram[:, 1])]
    grid = numpy.linspace(LOW, HIGH, RESOLUTION)
    sampled = dict(resolution=RESOLUTION, sample_range=[LOW, HIGH], keep_endpoints=True)

    curve = gudhi.representations.BettiCurve(predefined_grid=grid)
    yield "gudhi", request("betti_curve", [RESOLUTION, LOW, HIGH], diagram), curve(diagram)

    # gudhi's tents have slope sqrt(2), ours 1.
    landscape = gudhi.representations.Landscape(num_landscapes=LAYERS, **sampled)
    asked = request("landscape", [LAYERS, RESOLUTION, LOW, HIGH], finite)
    yield "gudhi", asked, landscape(finite) / math.sqrt(2)
    # With several births and deaths at one place persim 0.4.1 gives a second layer above the second largest tent.
    if kind != "integers":
        yield "persim", asked, landscape_of_persim(finite, grid)
    for power in [0.0, 1.0, 2.5]:
        silhouette = gudhi.representations.Silhouette(weight=lambda pair: (pair[1] - pair[0]) ** power, **sampled)
        asked = request("silhouette", [power, RESOLUTION, LOW, HIGH], diagram)
        yield "gudhi", asked, silhouette(finite) / math.sqrt(2)

    asked = request("entropy", [], diagram)
    yield "gudhi", asked, gudhi.representations.Entropy(mode="scalar")(finite)
    yield "persim", asked, persim.persistent_entropy.persistent_entropy(diagram)

    pixel, sigma, birth, persistence = 0.25, 0.2, (0.0, 1.5), (0.0, 1.0)
    imager = persim.PersistenceImager(
        birth_range=birth,
        pers_range=persistence,
        pixel_size=pixel,
        weight="linear_ramp",
        weight_params={"low": 0.0, "high": 1.0, "start": 0.0, "end": persistence[1]},
        kernel_params={"sigma": [[sigma**2, 0.0], [0.0, sigma**2]]},
    )
    # Its rows are births, ours are persistences.
    yield "persim", request("image", [6, 4, sigma, *birth, *persistence], diagram), imager.transform(finite).T


def published_values():
    for kind, first, second in diagrams():
        yield from distances(first, second)
        yield from vectors(kind, first)


if __name__ == "__main__":
    lines = [
        json.dumps({"library": library, "request": asked, "values": numpy.ravel(values).astype(float).tolist()})
        for library, asked, values in published_values()
    ]
    print("[\n" + ",\n".join(lines) + "\n]")
