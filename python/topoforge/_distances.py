"""How far apart two diagrams are, and which pair of one became which of the other.

The ground metric is L-infinity on (birth, death); a pair is half its lifetime away from the diagonal. Essential classes
(death inf) are matched among themselves in the order of their births; different numbers of them are inf apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from topoforge import _core
from topoforge._arrays import Floats, matrix

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["DiagramMatching", "bottleneck_distance", "match_diagrams", "wasserstein_distance"]


def bottleneck_distance(first: ArrayLike, second: ArrayLike) -> float:
    """Compute the longest edge of a matching whose longest edge is shortest, exactly.

    Parameters
    ----------
    first, second : array_like, shape (m, 2)
        Pairs (birth, death) of one degree each.

    Returns
    -------
    float
        inf for different numbers of essential classes.

    Raises
    ------
    ValueError
        For a birth that is not finite or a death before its birth, by its place.
    LimitExceededError
        If the product of the numbers of finite pairs is above 2**25.

    Examples
    --------
    >>> from topoforge import bottleneck_distance
    >>> bottleneck_distance([[0, 4]], [[0, 5], [1, 2]])
    1.0
    """
    return _core.bottleneck_distance(matrix(first, "first"), matrix(second, "second"))


def wasserstein_distance(first: ArrayLike, second: ArrayLike, p: float = 1.0) -> float:
    """Compute the p-th root of the least sum of p-th powers of the edges of a matching.

    Parameters
    ----------
    first, second : array_like, shape (m, 2)
        Pairs (birth, death) of one degree each.
    p : float, default 1
        Finite, at least 1.

    Returns
    -------
    float
        inf for different numbers of essential classes.

    Raises
    ------
    ValueError
        As of `bottleneck_distance`, and for a p outside its range.
    LimitExceededError
        As of `bottleneck_distance`.

    Examples
    --------
    >>> from topoforge import wasserstein_distance
    >>> wasserstein_distance([[0, 4]], [[0, 5], [1, 2]])
    1.5
    """
    return _core.wasserstein_distance(matrix(first, "first"), matrix(second, "second"), float(p))


class DiagramMatching(NamedTuple):
    """Which pair of one diagram became which pair of another."""

    pairs: NDArray[np.int64]
    """Shape (k, 2): rows of the first and of the second diagram; -1 is the diagonal."""
    lengths: Floats
    """Shape (k,): how far apart the two are."""
    distance: float
    """The p-Wasserstein distance of the diagrams."""


def match_diagrams(first: ArrayLike, second: ArrayLike, p: float = 2.0) -> DiagramMatching:
    """Match the pairs of two diagrams at the least sum of p-th powers, to follow classes from window to window.

    Parameters
    ----------
    first, second : array_like, shape (m, 2)
        Pairs (birth, death) of one degree each.
    p : float, default 2
        Finite, at least 1. For p = 1 several matchings are often the cheapest.

    Returns
    -------
    DiagramMatching
        Each row of each diagram once: by row of the first, then those of the second that come from the diagonal.

    Raises
    ------
    ValueError
        As of `wasserstein_distance`.
    LimitExceededError
        As of `bottleneck_distance`.

    Examples
    --------
    >>> from topoforge import match_diagrams
    >>> matching = match_diagrams([[0, 4]], [[1, 2], [0, 5]])
    >>> matching.pairs
    array([[ 0,  1],
           [-1,  0]])
    >>> matching.lengths
    array([1. , 0.5])

    A loop is followed through a stream by the rows that it has in successive windows. Here a small ring, row 0 of the
    first window, loses a point and breaks up, while a large one stays: row 1 of the first, row 0 of the second.

    >>> import numpy as np
    >>> from topoforge import VietorisRips, pairwise_distances
    >>> angles = np.arange(12) * np.pi / 6
    >>> large = np.column_stack([np.cos(angles), np.sin(angles)])
    >>> stream = np.concatenate([large[::2] / 2 + 5, large, [[9, 0]]])
    >>> engine = VietorisRips(max_dimension=1)
    >>> first, second = (engine.represent(pairwise_distances(stream[k : k + 18]).round(9)) for k in (0, 1))
    >>> match_diagrams(first.dgms[1], second.dgms[1]).pairs
    array([[ 0, -1],
           [ 1,  0]])

    Its cycles go through the same points of the stream:

    >>> first.loops[0].pair, second.loops[0].pair
    (1, 0)
    >>> np.intersect1d(first.loops[0].cycle, second.loops[0].cycle + 1).tolist()
    [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]
    """
    pairs, lengths, distance = _core.match_diagrams(matrix(first, "first"), matrix(second, "second"), float(p))
    return DiagramMatching(pairs.view(np.int64), lengths, distance)
