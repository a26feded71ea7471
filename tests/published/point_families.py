"""Seeded inputs for comparisons with other libraries: streams of points, and distances that are exact in float32."""

import math

import numpy


def delayed_sine(random, count, dimension):
    """Windows of a noisy sine of 20 samples a period, embedded by delays of one sample."""
    times = numpy.arange(count + dimension - 1)
    signal = numpy.sin(2 * math.pi * (times / 20 + random.random())) + 0.1 * random.standard_normal(len(times))
    return signal[numpy.arange(count)[:, None] + numpy.arange(dimension)]


def circle_with_outliers(random, count):
    """A circle with noise of a tenth of its radius; one point in ten lies anywhere in a square of twice its size."""
    angle = 2 * math.pi * random.random(count)
    radius = 1 + 0.1 * random.standard_normal(count)
    points = radius[:, None] * numpy.stack([numpy.cos(angle), numpy.sin(angle)], axis=1)
    anywhere = random.random(count) < 0.1
    points[anywhere] = random.uniform(-2, 2, (anywhere.sum(), 2))
    return points


def sphere(random, count):
    """The unit sphere with noise of a twentieth of its radius."""
    points = random.standard_normal((count, 3))
    return points * (1 + 0.05 * random.standard_normal((count, 1))) / numpy.linalg.norm(points, axis=1, keepdims=True)


def uniform(random, count, dimension):
    return random.random((count, dimension))


# The five of low dimension that the figures are for, and the hardest.
STREAMS = {
    "delay embedding, d=3": lambda random, count: delayed_sine(random, count, 3),
    "delay embedding, d=6": lambda random, count: delayed_sine(random, count, 6),
    "uniform, d=3": lambda random, count: uniform(random, count, 3),
    "circle with outliers": circle_with_outliers,
    "sphere": sphere,
    "uniform, d=8": lambda random, count: uniform(random, count, 8),
}


def single(distances):
    """Rounded to float32, so that every library sees the same numbers."""
    return numpy.asarray(distances, dtype=numpy.float32)


def distances_of(points, order=2):
    differences = numpy.abs(points[:, None, :] - points[None, :, :])
    if order == 1:
        return single(differences.sum(axis=2))
    if order == math.inf:
        return single(differences.max(axis=2, initial=0))
    return single(numpy.sqrt((differences**2).sum(axis=2)))


def grid(random, count):
    """Few places: ties, and points that coincide."""
    return random.integers(0, random.integers(2, 7), (count, random.integers(1, 5))).astype(float)


def duplicates(random, count):
    places = random.random((max(1, count // 3), random.integers(1, 4)))
    return places[random.integers(0, len(places), count)]


def collinear(random, count):
    along = random.integers(0, 3 * count + 1, count) if random.random() < 0.5 else random.random(count)
    return along[:, None] * random.integers(1, 4, 3).astype(float)


def two_clusters(random, count):
    return random.standard_normal((count, 3)) + 5.0 * (random.random((count, 1)) < 0.5)


def walk(random, count):
    return random.standard_normal((count, 8)).cumsum(axis=0)


def polygon(random, count):
    angle = 2 * math.pi * numpy.arange(count) / max(count, 1)
    return numpy.stack([numpy.cos(angle), numpy.sin(angle)], axis=1)


def polytope(random, count):
    """Vertices of a regular polytope of about `count` of them."""
    kind = random.integers(0, 4)
    if kind == 0:  # cross-polytope: a sphere until its opposite vertices meet
        axes = numpy.eye(max(1, min(count // 2, 8)))
        return numpy.concatenate([axes, -axes])
    if kind == 1:  # cube
        sides = max(1, min(int(math.log2(max(count, 2))), 5))
        return numpy.array(numpy.meshgrid(*[[0.0, 1.0]] * sides)).reshape(sides, -1).T
    if kind == 2:  # simplex
        return numpy.eye(max(1, count))
    golden = (1 + math.sqrt(5)) / 2  # icosahedron
    return numpy.array(
        [numpy.roll([0.0, a, b * golden], turn) for turn in range(3) for a in (1, -1) for b in (1, -1)]
    )


def no_metric(random, count):
    """Symmetric, with no regard to the triangle inequality; half of them with many ties."""
    if random.random() < 0.5:
        entries = random.random((count, count))
    else:
        entries = random.integers(0, random.integers(2, 40), (count, count)).astype(float)
    lower = numpy.tril(entries, -1)
    return single(lower + lower.T)


def join_of_circles(random, count):
    """No metric: parts that are all near each other, each a noisy circle, so that there are classes of every degree."""
    angle = 2 * math.pi * random.random((count, 1))
    distances = distances_of(numpy.concatenate([numpy.cos(angle), numpy.sin(angle)], axis=1))
    part = numpy.arange(count) % random.choice([1, 2, 2, 3, 4])
    lower = numpy.tril(random.random((count, count)) / 4, -1)
    return numpy.where(part[:, None] == part[None, :], distances, single(lower + lower.T))


POINTS = {
    **STREAMS,
    "normal, d=5": lambda random, count: random.standard_normal((count, 5)),
    "random walk, d=8": walk,
    "two clusters": two_clusters,
    "integer grid": grid,
    "duplicates": duplicates,
    "collinear": collinear,
    "regular polygon": polygon,
    "regular polytope": polytope,
}
