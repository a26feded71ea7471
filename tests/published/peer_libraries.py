"""Diagrams of a window by other libraries, in one form, as their documentation says to call them.

PEERS: name -> (distances, highest degree, longest edge) -> for each degree the pairs as (birth, death), as many as the
library gives. Distances are a square float32 matrix: ripser.py and giotto-ph compute in float32, gudhi in what it gets.
"""

import math

import gph
import gudhi.sklearn
import numpy
import ripser


def ripser_py(distances, degree, longest=math.inf):
    return ripser.ripser(distances, maxdim=degree, thresh=longest, distance_matrix=True)["dgms"]


def giotto_ph(distances, degree, longest=math.inf, collapse=False):
    return gph.ripser_parallel(
        distances, maxdim=degree, thresh=longest, metric="precomputed", collapse_edges=collapse, n_threads=1
    )["dgms"]


def giotto_ph_collapsed(distances, degree, longest=math.inf):
    return giotto_ph(distances, degree, longest, collapse=True)


def gudhi_rips(distances, degree, longest=math.inf, collapses="auto"):
    """GUDHI's fork of Ripser, by its own heuristic after one edge collapse where the degree is 2 or more."""
    transformer = gudhi.sklearn.RipsPersistence(
        range(degree + 1),
        threshold=longest,
        input_type="full distance matrix",
        num_collapses=collapses,
        homology_coeff_field=2,
    )
    return transformer.fit_transform([distances])[0]


def gudhi_uncollapsed(distances, degree, longest=math.inf):
    return gudhi_rips(distances, degree, longest, collapses=0)


PEERS = {
    "ripser.py": ripser_py,
    "giotto-ph": giotto_ph,
    "giotto-ph, collapsed": giotto_ph_collapsed,
    "gudhi": gudhi_rips,
    "gudhi, not collapsed": gudhi_uncollapsed,
}


def multisets(diagrams, degree):
    """The pairs of each degree in order, without those of zero persistence. Of degrees that need more points than there
    are a library may give nothing."""
    pairs = [
        sorted((float(birth), float(death)) for birth, death in numpy.asarray(given).reshape(-1, 2) if birth < death)
        for given in diagrams[: degree + 1]
    ]
    return pairs + [[]] * (degree + 1 - len(pairs))
