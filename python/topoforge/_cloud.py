"""Point clouds and their distances."""

from __future__ import annotations

from numpy.typing import ArrayLike

from topoforge import _core
from topoforge._arrays import Floats, count, matrix, vector

__all__ = ["METRICS", "decorrelation_lag", "delay_embed", "pairwise_distances"]

METRICS = ("euclidean", "manhattan", "chebyshev", "cosine")
"""The metrics that the compiled part knows."""


def delay_embed(values: ArrayLike, dimension: int = 3, lag: int = 1) -> Floats:
    """Turn a series into points whose shape is that of its dynamics (Takens 1981).

    Parameters
    ----------
    values : array_like, shape (n,)
        Samples at a uniform step.
    dimension : int, default 3
        Coordinates of a point, at least 1.
    lag : int, default 1
        Samples between two coordinates, at least 1.

    Returns
    -------
    ndarray, shape (n - (dimension - 1) * lag, dimension)
        Row t is ``values[t], values[t + lag], ...``.

    Raises
    ------
    ValueError
        If there are not enough values for one point.

    Examples
    --------
    >>> from topoforge import delay_embed
    >>> delay_embed([1, 2, 3, 4], dimension=2, lag=2)
    array([[1., 3.],
           [2., 4.]])
    """
    return _core.delay_embed(vector(values, "values"), count(dimension, "dimension"), count(lag, "lag"))


def decorrelation_lag(values: ArrayLike, max_lag: int) -> int:
    """Find the first lag at which a detrended series is hardly correlated with itself (below 1/e).

    Parameters
    ----------
    values : array_like, shape (n,)
        Samples at a uniform step.
    max_lag : int
        The last lag to try, and the answer where none is found.

    Returns
    -------
    int
        From 1 to `max_lag`; 1 for a constant series.

    Examples
    --------
    >>> import numpy as np
    >>> from topoforge import decorrelation_lag
    >>> decorrelation_lag(np.sin(np.arange(200) * 2 * np.pi / 40), max_lag=30)
    8
    """
    return _core.decorrelation_lag(vector(values, "values"), count(max_lag, "max_lag"))


def pairwise_distances(points: ArrayLike, metric: str = "euclidean") -> Floats:
    """Compute the distances of all points from each other.

    Parameters
    ----------
    points : array_like, shape (n, d)
        Finite coordinates.
    metric : {'euclidean', 'manhattan', 'chebyshev', 'cosine'}, default 'euclidean'
        Equal points are at distance 0 exactly.

    Returns
    -------
    ndarray, shape (n, n)
        Symmetric, with zeros on the diagonal.

    Examples
    --------
    >>> from topoforge import pairwise_distances
    >>> pairwise_distances([[0, 0], [3, 4]])
    array([[0., 5.],
           [5., 0.]])
    """
    return _core.pairwise_distances(matrix(points, "points"), metric)
