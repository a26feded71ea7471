"""Diagrams for the tests, and the exact comparison of two."""

import numpy as np


def sorted_pairs(diagram):
    """By (birth, death)."""
    diagram = np.asarray(diagram, dtype=np.float64).reshape(-1, 2)
    return diagram[np.lexsort((diagram[:, 1], diagram[:, 0]))]


def assert_same_diagrams(ours, theirs):
    assert len(ours) == len(theirs)
    for degree, (our, their) in enumerate(zip(ours, theirs, strict=True)):
        np.testing.assert_array_equal(our, sorted_pairs(their), err_msg=f"degree {degree}")


def single_precision(square):
    """What ripser.py makes of lengths, so that both see the same numbers."""
    return np.asarray(square, dtype=np.float32).astype(np.float64)


def random_diagram(rng, pairs, essential=0, whole=False):
    births = rng.random(pairs + essential) * 4
    deaths = births + rng.random(pairs + essential) * 3
    if whole:
        births, deaths = np.floor(births), np.floor(births) + np.ceil(deaths - births)
    deaths[pairs:] = np.inf
    return np.column_stack([births, deaths])


def random_square(rng, points, levels=None):
    """Any dissimilarities, with massive ties where there are few levels."""
    shape = (points, points)
    upper = np.triu(rng.random(shape) if levels is None else rng.integers(0, levels, shape).astype(float), 1)
    return upper + upper.T
