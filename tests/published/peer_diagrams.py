"""Compares our diagrams with those of ripser.py, giotto-ph and gudhi on seeded inputs: equal as multisets, with no
tolerance. Distances are rounded to float32 before anyone sees them; a diagram holds only distances, so that float32 and
double precision must give the same numbers. Some are not rounded, and compared with gudhi alone, which computes in
double precision too. Pairs of zero persistence are left out on both sides.

Run with the packages of requirements.txt: peer_diagrams.py EVALUATE [COUNT [FIRST_SEED]]. Prints how many inputs and
diagrams were compared; fails, and prints the input, at a difference.

Conventions of the peers: of no points ripser.py gives one component and giotto-ph and gudhi raise ValueError, so that
ours is compared with the definition there: no classes.
"""

import collections
import math
import subprocess
import sys

import numpy
import peer_libraries
import point_families

COUNT = 5000
# Highest degree -> points, such that the slowest library takes milliseconds.
MOST_POINTS = {0: 80, 1: 60, 2: 32, 3: 16}
# (points, degree) of the few large ones, over the point families in turn.
LARGE = [(100, 2), (128, 1), (129, 1), (200, 1), (64, 2), (65, 2), (300, 1), (500, 0), (500, 1), (256, 1), (130, 2),
         (24, 3), (28, 3)]  # fmt: skip

# (points, degree) of those with some forty edges at each point, over the families of SPARSE_FAMILIES each.
SPARSE = [(200, 2), (500, 2), (100, 3), (200, 3), (500, 3)]
SPARSE_NEIGHBOURS = 40
SPARSE_FAMILIES = ["uniform, d=3", "sphere", "delay embedding, d=3", "uniform, d=8", "no metric"]
# Of every COUNT inputs so many more that are not rounded, of up to so many points by highest degree.
UNROUNDED_SHARE = 0.1
MOST_UNROUNDED_POINTS = {0: 100, 1: 100, 2: 60, 3: 16}
UNROUNDED_PEERS = ["gudhi", "gudhi, not collapsed"]

NO_METRIC = {
    "no metric": point_families.no_metric,
    "no metric, large entries": lambda random, points: point_families.no_metric(random, points) * numpy.float32(1e30),
    "join of circles": point_families.join_of_circles,
}


class Input:
    """Of float32 distances, for all peers, or of double ones."""

    def __init__(self, family, seed, distances, degree, longest):
        self.family, self.seed, self.distances, self.degree = family, seed, distances, degree
        self.longest = float(distances.dtype.type(longest))
        self.peers = [*peer_libraries.PEERS] if distances.dtype == numpy.float32 else UNROUNDED_PEERS

    def __str__(self):
        return (
            f"{self.family}, seed {self.seed}: {len(self.distances)} points, degree {self.degree}, "
            f"edges up to {self.longest!r}"
        )

    def request(self):
        lower = self.distances[numpy.tril_indices(len(self.distances), -1)]
        return " ".join(map(repr, ["rips", len(self.distances), self.degree, self.longest, *lower.tolist()])).replace(
            "'", ""
        )


def longest_edge(random, distances):
    """None, an edge that occurs, no edge but those of length zero, or any length."""
    present = distances[numpy.triu_indices(len(distances), 1)]
    kind = random.integers(0, 8)
    if kind < 4 or len(present) == 0:
        return math.inf
    if kind < 6:
        return present[random.integers(0, len(present))]
    return 0.0 if kind == 6 else present.max() * random.random()


def draw(seed):
    random = numpy.random.default_rng(seed)
    families = [*point_families.POINTS, *NO_METRIC]
    family = families[seed % len(families)]
    degree = int(random.integers(0, 4))
    points = int(random.integers(0, MOST_POINTS[degree] + 1))
    return make(random, family, seed, points, degree)


def make(random, family, seed, points, degree):
    if family in NO_METRIC:
        # Fewer than 8 points have no class of degree 3.
        distances = NO_METRIC[family](random, points if degree < 3 else max(points, 8))
    else:
        cloud = point_families.POINTS[family](random, points)
        distances = point_families.distances_of(cloud, random.choice([2, 2, 1, math.inf]))
    return Input(family, seed, distances, degree, longest_edge(random, distances))


def inputs(count, first):
    for seed in range(first, first + count):
        yield draw(seed)
    families = [*point_families.POINTS]
    for number, (points, degree) in enumerate(LARGE):
        seed = 10**6 + first + number
        family = families[(number + first) % len(families)]
        yield make(numpy.random.default_rng(seed), family, seed, points, degree)


    for number, (points, degree) in enumerate(SPARSE):
        for family in SPARSE_FAMILIES:
            seed = 2 * 10**6 + first + number
            yield make_sparse(numpy.random.default_rng(seed), family, seed, points, degree)
    for seed in range(3 * 10**6 + first, 3 * 10**6 + first + int(UNROUNDED_SHARE * count)):
        yield draw_unrounded(seed)


def make_sparse(random, family, seed, points, degree):
    if family in NO_METRIC:
        distances = NO_METRIC[family](random, points)
    else:
        distances = point_families.distances_of(point_families.POINTS[family](random, points))
    lengths = numpy.sort(distances[numpy.tril_indices(points, -1)])
    return Input(family, seed, distances, degree, lengths[points * SPARSE_NEIGHBOURS // 2])


def draw_unrounded(seed):
    random = numpy.random.default_rng(seed)
    degree = int(random.integers(0, 4))
    points = int(random.integers(2, MOST_UNROUNDED_POINTS[degree] + 1))
    family = [*point_families.STREAMS][seed % len(point_families.STREAMS)]
    cloud = point_families.POINTS[family](random, points)
    # The square of a difference does not know its sign, nor does its sum along the last axis.
    distances = numpy.sqrt(((cloud[:, None, :] - cloud[None, :, :]) ** 2).sum(axis=2))
    return Input(family, seed, distances, degree, longest_edge(random, distances))


def parse(line, degree):
    values = list(map(float, line.split()))
    diagrams = []
    while values:
        pairs = int(values[0])
        diagrams.append(list(zip(values[1 : 2 * pairs + 1 : 2], values[2 : 2 * pairs + 2 : 2])))
        del values[: 2 * pairs + 1]
    if len(diagrams) != degree + 1:
        raise SystemExit(f"{len(diagrams)} lists of pairs, wanted {degree + 1}")
    return diagrams


def difference(ours, theirs):
    for degree, (our_pairs, their_pairs) in enumerate(zip(ours, theirs)):
        only_ours = collections.Counter(our_pairs) - collections.Counter(their_pairs)
        only_theirs = collections.Counter(their_pairs) - collections.Counter(our_pairs)
        if only_ours or only_theirs:
            return f"H{degree}: only ours {[*only_ours.elements()][:4]}, only theirs {[*only_theirs.elements()][:4]}"
    return None


def main(evaluate, count=COUNT, first=0):
    differences = []
    compared = collections.Counter()
    sizes, finite, essential = collections.Counter(), collections.Counter(), collections.Counter()
    with subprocess.Popen([evaluate], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        for case in inputs(int(count), int(first)):
            program.stdin.write(case.request() + "\n")
            program.stdin.flush()
            ours = parse(program.stdout.readline(), case.degree)
            sizes[case.degree] = max(sizes[case.degree], len(case.distances))
            for degree, pairs in enumerate(ours):
                essential[degree] += sum(death == math.inf for _, death in pairs)
                finite[degree] += sum(death < math.inf for _, death in pairs)
            if any(pairs != sorted(pairs) or any(birth >= death for birth, death in pairs) for pairs in ours):
                differences.append(f"{case}: ours are not in order, or of zero persistence")
            if len(case.distances) == 0:
                if any(ours):
                    differences.append(f"{case}: classes of no points")
                compared["the definition"] += 1
                continue
            for name in case.peers:
                peer = peer_libraries.PEERS[name]
                theirs = peer_libraries.multisets(peer(case.distances, case.degree, case.longest), case.degree)
                found = difference(ours, theirs)
                if found:
                    differences.append(f"{case}: {name}: {found}")
                compared[name] += 1
    for name, number in compared.items():
        print(f"{number} diagrams compared with {name}")
    for degree, points in sorted(sizes.items()):
        classes = f"{finite[degree]} finite and {essential[degree]} essential classes"
        print(f"degree {degree}: up to {points} points, {classes}")
        if int(count) >= COUNT and (finite[degree] < 100 or essential[degree] == 0):
            differences.append(f"degree {degree}: too few classes to prove anything")
    if differences:
        print("\n".join(differences[:40]))
        raise SystemExit(f"{len(differences)} differences")


if __name__ == "__main__":
    main(*sys.argv[1:])
