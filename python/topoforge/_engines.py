"""Exact persistent homology of Vietoris-Rips filtrations, from scratch and by sliding."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from topoforge import _core
from topoforge._arrays import Floats, Integers, count, matrix, vector

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["ApproximateDiagram", "LoopRepresentative", "RepresentedDiagram", "SlidingVietorisRips", "VietorisRips"]

_MAX_STORED_SIMPLICES = 1 << 26


class LoopRepresentative(NamedTuple):
    """What represents a loop."""

    pair: int
    """Its row in the diagram of degree 1."""
    cycle: Integers
    """The points along the cycle."""
    exact: bool
    """Whether the cycle is a shortest one of all that are born and die with the class; else a shortest one through the
    edge of its birth."""
    cocycle: Integers
    """Shape (m, 2): the edges (i, j), i > j, on which the cocycle is 1."""


class RepresentedDiagram(NamedTuple):
    """A diagram with the points that make its classes."""

    dgms: list[Floats]
    """As of `VietorisRips.compute`."""
    births: list[Integers]
    """For each degree k, shape (m, k + 1): the simplex at which each class is born."""
    deaths: list[Integers]
    """For each degree k, shape (m, k + 2): the simplex that kills each class; -1 for an essential one."""
    loops: list[LoopRepresentative]
    """The most persistent loops, longest life first."""


class ApproximateDiagram(NamedTuple):
    """A diagram of which the computation may have been cut short."""

    dgms: list[Floats]
    """As of `VietorisRips.compute`. Of a class that is alive at `exact_below` the death is the middle of the lengths at
    which it may die, or inf where it may be essential."""
    exact_below: float
    """The diagram of the edges shorter than this is exact; inf for an exact diagram."""
    bottleneck_bound: float
    """The bottleneck distance to the exact diagram is at most this, inf where classes may never die."""


class VietorisRips:
    """Exact persistent homology over Z/2 of one point cloud after another, with work memory that is kept.

    An engine may be shared by threads, which take turns; an engine for each thread lets them run at once, since the
    interpreter is free while one computes.

    Parameters
    ----------
    max_dimension : int, default 2
        Highest degree of homology, 0 to 3.
    max_edge_length : float, default inf
        Longer edges are left out; classes alive at it are essential (death inf).
    metric : {'euclidean', 'manhattan', 'chebyshev', 'cosine'}, default 'euclidean'
        Of the points.
    max_stored_simplices : int, default 2**26
        Bound of the work memory: that many simplices or words of 64 bits.

    Raises
    ------
    ValueError
        For an argument outside its range.

    Examples
    --------
    >>> from topoforge import VietorisRips
    >>> square = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> engine = VietorisRips(max_dimension=1)
    >>> h0, h1 = engine.compute(square)
    >>> h1.round(3)
    array([[1.   , 1.414]])
    """

    def __init__(
        self,
        max_dimension: int = 2,
        *,
        max_edge_length: float = np.inf,
        metric: str = "euclidean",
        max_stored_simplices: int = _MAX_STORED_SIMPLICES,
    ) -> None:
        self._engine = _core.VietorisRips(
            count(max_dimension, "max_dimension"),
            float(max_edge_length),
            count(max_stored_simplices, "max_stored_simplices"),
        )
        self._engine.of_points(np.empty((0, 1)), metric)  # refuses a metric that is not known at once
        self._metric = metric

    def compute(self, points: ArrayLike) -> list[Floats]:
        """Compute the diagram of points.

        Parameters
        ----------
        points : array_like, shape (n, d)
            Finite coordinates of at most 4,096 points.

        Returns
        -------
        list of ndarray, shape (m, 2)
            For each degree the pairs (birth, death), sorted; pairs of zero persistence are left out.

        Raises
        ------
        ValueError
            For a coordinate that is not finite, by its place.
        LimitExceededError
            For too many points, or a diagram that asks for more than `max_stored_simplices`.
        """
        return self._engine.of_points(matrix(points, "points"), self._metric)

    def compute_distances(self, distances: ArrayLike) -> list[Floats]:
        """Compute the diagram of a metric space, or of any symmetric dissimilarities.

        Parameters
        ----------
        distances : array_like, shape (n, n) or (n * (n - 1) / 2,)
            A square matrix, or the order of `scipy.spatial.distance.pdist`. An entry of inf is an edge that never
            appears.

        Returns
        -------
        list of ndarray, shape (m, 2)
            As of `compute`.

        Raises
        ------
        ValueError
            For an entry that is negative, NaN, not as its mirror image, or not 0 on the diagonal, by its place.
        LimitExceededError
            As of `compute`.

        Examples
        --------
        >>> from topoforge import VietorisRips
        >>> VietorisRips(max_dimension=0).compute_distances([3.0, 4.0, 5.0])
        [array([[ 0.,  3.],
               [ 0.,  4.],
               [ 0., inf]])]
        """
        if np.ndim(distances) == 1:
            return self._engine.of_condensed(vector(distances, "distances"))
        return self._engine.of_square(matrix(distances, "distances"))

    def represent(self, distances: ArrayLike, *, loops: int = 1) -> RepresentedDiagram:
        """Compute the diagram of distances, and which points make its classes.

        Parameters
        ----------
        distances : array_like, shape (n, n)
            As of `compute_distances`, of at most 2,048 points.
        loops : int, default 1
            How many of the most persistent loops are searched for a cycle and a cocycle.

        Returns
        -------
        RepresentedDiagram

        Raises
        ------
        ValueError
            As of `compute_distances`, and for a `max_dimension` of 3.
        LimitExceededError
            As of `compute`.

        Examples
        --------
        >>> import numpy as np
        >>> from scipy.spatial.distance import pdist, squareform
        >>> from topoforge import VietorisRips
        >>> angles = np.arange(6) * np.pi / 3
        >>> hexagon = squareform(pdist(np.column_stack([np.cos(angles), np.sin(angles)])))
        >>> represented = VietorisRips(max_dimension=1).represent(hexagon.round(9))
        >>> sorted(represented.loops[0].cycle.tolist())
        [0, 1, 2, 3, 4, 5]
        """
        dgms, simplices, found = self._engine.represent_square(matrix(distances, "distances"), count(loops, "loops"))
        return RepresentedDiagram(
            dgms,
            [birth for birth, _ in simplices],
            [death for _, death in simplices],
            [LoopRepresentative(*loop) for loop in found],
        )

    def approximate(self, distances: ArrayLike, *, max_cells: int) -> ApproximateDiagram:
        """Compute the diagram of distances within a budget of work.

        The same distances and budget give the same diagram on every machine.

        Parameters
        ----------
        distances : array_like, shape (n, n)
            As of `compute_distances`, of at most 2,048 points.
        max_cells : int
            The budget: vertices that are tried and words that are added, some nanoseconds each.

        Returns
        -------
        ApproximateDiagram
            Exact where the budget was enough.

        Raises
        ------
        ValueError
            As of `compute_distances`, and for a `max_cells` of 0.
        LimitExceededError
            As of `compute`; and in degree 3, where nothing can be cut, for a budget that is not enough.

        Examples
        --------
        >>> import numpy as np
        >>> from topoforge import VietorisRips, pairwise_distances
        >>> points = np.random.default_rng(1).normal(size=(60, 2))
        >>> cut = VietorisRips(max_dimension=1).approximate(pairwise_distances(points), max_cells=200)
        >>> cut.exact_below < np.inf
        True
        """
        square = matrix(distances, "distances")
        return ApproximateDiagram(*self._engine.approximate_square(square, count(max_cells, "max_cells")))


class SlidingVietorisRips:
    """Exact persistent homology over Z/2 of the last points of a stream, kept up to date point by point.

    The diagram equals that of `VietorisRips` on the same points, and costs a small part of it. Threads that share one
    take turns.

    Parameters
    ----------
    window : int, default 50
        Points that are looked at, 1 to 4,096.
    max_dimension : int, default 2
        Highest degree of homology, 0 to 3.
    max_edge_length : float, default inf
        Longer edges are left out; classes alive at it are essential (death inf).
    metric : {'euclidean', 'manhattan', 'chebyshev', 'cosine'}, default 'euclidean'
        Of the points.
    max_stored_simplices : int, default 2**26
        Bound of the work memory: that many simplices or words of 64 bits.
    max_cells : int, optional
        Budget of work of one diagram, as of `VietorisRips.approximate`. Without one there is no bound.

    Raises
    ------
    ValueError
        For an argument outside its range.

    Examples
    --------
    >>> import numpy as np
    >>> from topoforge import SlidingVietorisRips
    >>> stream = SlidingVietorisRips(window=12, max_dimension=1)
    >>> for angle in np.arange(30) * np.pi / 6:
    ...     stream.push([np.cos(angle), np.sin(angle)])
    >>> stream.size
    12
    >>> stream.diagram()[1].round(3)
    array([[0.518, 1.732]])
    """

    def __init__(
        self,
        window: int = 50,
        *,
        max_dimension: int = 2,
        max_edge_length: float = np.inf,
        metric: str = "euclidean",
        max_stored_simplices: int = _MAX_STORED_SIMPLICES,
        max_cells: int | None = None,
    ) -> None:
        self._engine = _core.SlidingVietorisRips(
            count(window, "window"),
            metric,
            count(max_dimension, "max_dimension"),
            float(max_edge_length),
            count(max_stored_simplices, "max_stored_simplices"),
            None if max_cells is None else count(max_cells, "max_cells"),
        )

    def push(self, point: ArrayLike) -> None:
        """Let a point enter; of a full window the oldest leaves.

        Parameters
        ----------
        point : array_like, shape (d,)
            Finite coordinates, as many as the first point has.

        Raises
        ------
        ValueError
            For another number of coordinates or one that is not finite; the window stays as it was.
        """
        self._engine.push(vector(point, "point"))

    def push_distances(self, distances: ArrayLike) -> None:
        """Let a point enter that is known by its distances.

        Parameters
        ----------
        distances : array_like, shape (size,) or (window - 1,)
            Finite distances to the points of the window that stay, oldest first: to all of them, or to all but the
            oldest when the window is full.

        Raises
        ------
        ValueError
            For another number of distances, one that is negative or not finite, or after a `push`.
        """
        self._engine.push_distances(vector(distances, "distances"))

    def diagram(self) -> list[Floats]:
        """Give the diagram of the points in the window.

        Returns
        -------
        list of ndarray, shape (m, 2)
            For each degree the pairs (birth, death), sorted; pairs of zero persistence are left out.

        Raises
        ------
        LimitExceededError
            For a diagram that asks for more than `max_stored_simplices`, or than `max_cells`, where `approximate` still
            gives one; further points may be pushed.
        """
        return self._engine.diagram()

    def approximate(self) -> ApproximateDiagram:
        """Give the diagram of the points in the window, cut short where `max_cells` is not enough.

        A window that slides needs little of the budget, so that its diagram may be exact where one from scratch is not.

        Returns
        -------
        ApproximateDiagram
            Exact where the budget was enough.

        Raises
        ------
        LimitExceededError
            As of `VietorisRips.approximate`; further points may be pushed.

        Examples
        --------
        >>> import numpy as np
        >>> from topoforge import SlidingVietorisRips
        >>> stream = SlidingVietorisRips(window=60, max_dimension=1, max_cells=200)
        >>> for point in np.random.default_rng(1).normal(size=(60, 2)):
        ...     stream.push(point)
        >>> stream.approximate().exact_below < np.inf
        True
        """
        return ApproximateDiagram(*self._engine.approximate())

    @property
    def size(self) -> int:
        """Points in the window."""
        return self._engine.size()

    def __len__(self) -> int:
        return self._engine.size()
