"""`ripser`, under the names, defaults and keys of the package ripser.py."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topoforge import _core
from topoforge._arrays import Floats, count, matrix
from topoforge._errors import LimitExceededError

__all__ = ["RipserResult", "ripser"]

_MAX_STORED_SIMPLICES = 1 << 26
_CORE_METRICS = {
    "euclidean": "euclidean",
    "l2": "euclidean",
    "manhattan": "manhattan",
    "cityblock": "manhattan",
    "l1": "manhattan",
    "chebyshev": "chebyshev",
    "cosine": "cosine",
}

Metric = str | Callable[[Floats, Floats], float]


class RipserResult(TypedDict):
    """What `ripser` gives, with the keys of ripser.py."""

    dgms: list[Floats]
    cocycles: list[list[NDArray[np.int64]]]
    num_edges: int
    dperm2all: Any
    idx_perm: NDArray[np.int64]
    r_cover: float


def ripser(
    X: Any,
    maxdim: int = 1,
    thresh: float = np.inf,
    coeff: int = 2,
    distance_matrix: bool = False,
    do_cocycles: bool = False,
    metric: Metric = "euclidean",
    n_perm: int | None = None,
) -> RipserResult:
    """Compute the persistence diagrams of points or distances, as ``ripser.ripser`` of ripser.py does.

    Lengths are double precision, where ripser.py rounds to single; within a degree pairs are sorted by (birth, death).

    Parameters
    ----------
    X : array_like or scipy.sparse matrix, shape (n, d) or (n, n)
        Points, or with `distance_matrix` their distances. Of distances, an entry of inf, or one that is absent in a
        sparse matrix, is an edge that never appears. A diagonal that is not 0 says when each point is born.
    maxdim : int, default 1
        Highest degree of homology, 0 to 3.
    thresh : float, default inf
        Longer edges are left out; classes alive at it are essential (death inf).
    coeff : int, default 2
        Homology is over Z/2: no other value is taken.
    distance_matrix : bool, default False
        X holds distances.
    do_cocycles : bool, default False
        Give a representative cocycle of each class of positive degree.
    metric : str or callable, default 'euclidean'
        'euclidean', 'manhattan', 'chebyshev', 'cosine', a function of two points, or a name that scikit-learn's
        ``pairwise_distances`` knows (needs scikit-learn).
    n_perm : int, optional
        Look at this many points alone, which are chosen one after another as the furthest from those before.

    Returns
    -------
    dict
        ``dgms``: for each degree an array of pairs (birth, death), shape (m, 2).
        ``cocycles``: for each degree an empty list, or with `do_cocycles`, in degrees k above 0, for each class an
        array of shape (m, k + 2): simplices by their points, descending, and the coefficient, which is 1.
        ``num_edges``: edges of the filtration.
        ``dperm2all``: distances, or with `n_perm` those of the chosen points from all, shape (n_perm, n).
        ``idx_perm``: places of the chosen points.
        ``r_cover``: with `n_perm` the greatest distance of a point from the chosen ones, else 0.

    Raises
    ------
    ValueError
        For another `coeff` than 2, a matrix that is not square or not symmetric, an entry or coordinate that is no
        number, a negative length, or an `n_perm` outside its range or with a sparse matrix.
    LimitExceededError
        For more than 4,096 points after subsampling.

    Warns
    -----
    UserWarning
        Where X is square without `distance_matrix`, or has more columns than rows.

    Examples
    --------
    >>> import numpy as np
    >>> from topoforge import ripser
    >>> angles = np.arange(8) * np.pi / 4
    >>> ripser(np.column_stack([np.cos(angles), np.sin(angles)]))["dgms"][1].round(3)
    array([[0.765, 1.848]])
    """
    if coeff != 2:
        raise ValueError(f"coeff is {coeff}; homology is computed over Z/2, so that coeff is 2")
    maxdim = count(maxdim, "maxdim")
    thresh = float(thresh)
    if np.isnan(thresh):
        raise ValueError("thresh is nan; wanted a number")

    sparse = hasattr(X, "tocoo")
    data = X if sparse else np.asarray(X)
    if data.ndim != 2:
        raise ValueError(f"X has {data.ndim} dimensions; wanted 2")
    points = int(data.shape[0])
    _check_shape(data.shape, distance_matrix)
    if n_perm is not None and n_perm != 0:
        n_perm = _checked_n_perm(n_perm, points, sparse and distance_matrix)

    if (looked_at := n_perm or points) > _core.MAX_DIAGRAM_POINTS:
        raise LimitExceededError(
            f"a diagram is of at most {_core.MAX_DIAGRAM_POINTS} points, got {looked_at}; n_perm looks at fewer"
        )
    if n_perm and n_perm < points:
        idx_perm, r_cover, dperm2all = _subsample(data, n_perm, distance_matrix, metric)
        distances = dperm2all[:, idx_perm]
    else:
        idx_perm, r_cover = np.arange(points), 0.0
        dperm2all = data if distance_matrix else _distances(data, metric)
        distances = dperm2all

    square, births = _filtration(distances)
    dgms, cocycles = _persistence(square, births, maxdim, thresh, do_cocycles)
    return {
        "dgms": dgms,
        "cocycles": cocycles,
        "num_edges": _count_edges(square, thresh, whole=births is None and not hasattr(distances, "tocoo")),
        "dperm2all": dperm2all,
        "idx_perm": idx_perm,
        "r_cover": r_cover,
    }


def _check_shape(shape: tuple[int, int], distance_matrix: bool) -> None:
    rows, columns = shape
    if distance_matrix:
        if rows != columns:
            raise ValueError(f"Distance matrix is not square: it is {rows} x {columns}")
    elif rows == columns:
        warnings.warn(
            "The input matrix is square, but the distance_matrix flag is off.  Did you mean to indicate that this was "
            "a distance matrix?",
            stacklevel=3,
        )
    elif rows < columns:
        warnings.warn(
            "The input point cloud has more columns than rows; did you mean to transpose?",
            stacklevel=3,
        )


def _checked_n_perm(n_perm: int, points: int, sparse_distances: bool) -> int:
    if sparse_distances:
        raise ValueError("Greedy permutation is not supported for sparse distance matrices")
    if n_perm > points:
        raise ValueError(
            "Number of points in greedy permutation is greater than number of points in the point cloud: "
            f"n_perm is {n_perm}, of {points} points"
        )
    if n_perm < 0:
        raise ValueError(
            f"Should be a strictly positive number of points in the greedy permutation: n_perm is {n_perm}"
        )
    return count(n_perm, "n_perm")


def _dense(X: Any) -> ArrayLike:
    return X.toarray() if hasattr(X, "toarray") else X  # type: ignore[no-any-return]


def _distances(X: Any, metric: Metric) -> Floats:
    """All distances of points, shape (n, n)."""
    name = _CORE_METRICS.get(metric) if isinstance(metric, str) else None
    if name is not None:
        return _core.pairwise_distances(matrix(_dense(X), "X"), name)
    try:
        from sklearn.metrics import pairwise_distances
    except ImportError:
        if isinstance(metric, str):
            raise ValueError(
                f"metric {metric!r} is scikit-learn's, which is not installed; without it there are "
                "euclidean, manhattan, chebyshev, cosine and functions of two points"
            ) from None
        rows = matrix(_dense(X), "X")
        square = np.array([[metric(a, b) for b in rows] for a in rows], dtype=np.float64)
        square = square.reshape(len(rows), len(rows))
    else:
        square = np.asarray(pairwise_distances(X, metric=metric), dtype=np.float64)
    # Rounding may leave something there, which would be read as births.
    np.fill_diagonal(square, 0.0)
    return square


def _subsample(
    X: Any, n_perm: int, distance_matrix: bool, metric: Metric
) -> tuple[NDArray[np.int64], float, Floats]:
    """Greedy furthest point sampling from the first point on: places, covering radius, distances to all points."""
    name = _CORE_METRICS.get(metric) if isinstance(metric, str) else None
    if name is not None and not distance_matrix:
        places, radius, chosen_from = _core.furthest_points(matrix(_dense(X), "X"), n_perm, name)
        return places.view(np.int64), radius, chosen_from
    rows = matrix(_dense(X), "X")
    from_point = rows.__getitem__ if distance_matrix else _from_point(rows, metric)
    places = np.zeros(n_perm, dtype=np.int64)
    chosen = [from_point(0)]
    nearest = chosen[0]
    for i in range(1, n_perm):
        places[i] = np.argmax(nearest)
        chosen.append(from_point(int(places[i])))
        nearest = np.minimum(nearest, chosen[-1])
    return places, float(np.max(nearest)), np.array(chosen)


def _from_point(rows: Floats, metric: Metric) -> Callable[[int], Floats]:
    if isinstance(metric, str):
        try:
            from sklearn.metrics import pairwise_distances
        except ImportError:
            raise ValueError(f"metric {metric!r} is scikit-learn's, which is not installed") from None

    def from_point(i: int) -> Floats:
        if isinstance(metric, str):
            row = np.array(pairwise_distances(rows[i : i + 1], rows, metric=metric)[0], dtype=np.float64)
        else:
            row = np.array([metric(rows[i], other) for other in rows], dtype=np.float64)
        row[i] = 0.0
        return row

    return from_point


def _filtration(distances: Any) -> tuple[Floats, Floats | None]:
    """A symmetric matrix with zeros on its diagonal and inf where there is no edge, and the births where not all 0."""
    if hasattr(distances, "tocoo"):
        square, births = _from_sparse(distances)
    else:
        square = matrix(distances, "X")
        births = square.diagonal()
        if not np.array_equal(square, square.T):
            square = _symmetric(square)
    if not births.any():
        return square, None
    births = births.copy()
    if not np.isfinite(births).all():
        point = int(np.flatnonzero(~np.isfinite(births))[0])
        raise ValueError(f"point {point} is born at {births[point]}; wanted a finite number")
    # A simplex comes with its faces at the earliest.
    square = np.maximum(square, np.maximum.outer(births, births))
    np.fill_diagonal(square, 0.0)
    return square, births


def _symmetric(square: Floats) -> Floats:
    """The upper triangle, as ripser.py takes it, where the lower differs by rounding alone."""
    differs = ~np.isclose(square, square.T, rtol=1e-7, atol=1e-12)
    if differs.any():
        i, j = (int(place) for place in np.argwhere(differs)[0])
        raise ValueError(
            f"entry ({i}, {j}) of the distance matrix is {square[i, j]}, but ({j}, {i}) is {square[j, i]}; "
            "wanted the same number"
        )
    upper = np.triu(square)
    result: Floats = upper + np.triu(square, 1).T
    return result


def _from_sparse(distances: Any) -> tuple[Floats, Floats]:
    """Either triangle may hold an edge; where both do, they agree."""
    coo = distances.tocoo(copy=True)
    coo.sum_duplicates()
    size = coo.shape[0]
    data = np.asarray(coo.data, dtype=np.float64)
    births = np.zeros(size)
    diagonal = coo.row == coo.col
    births[coo.row[diagonal]] = data[diagonal]
    square = np.full((size, size), np.inf)
    row, col, data = coo.row[~diagonal], coo.col[~diagonal], data[~diagonal]
    square[row, col] = data
    mirrored = square[col, row]
    clash = np.flatnonzero(np.isfinite(mirrored) & ~np.isclose(mirrored, data, rtol=1e-7, atol=1e-12))
    if clash.size:
        k = int(clash[0])
        raise ValueError(
            f"entry ({row[k]}, {col[k]}) of the distance matrix is {data[k]}, but ({col[k]}, {row[k]}) is "
            f"{mirrored[k]}; wanted the same number"
        )
    upper = row < col
    square[col[~upper], row[~upper]] = np.where(np.isinf(mirrored[~upper]), data[~upper], mirrored[~upper])
    square[col[upper], row[upper]] = data[upper]
    np.fill_diagonal(square, 0.0)
    return square, births


def _persistence(
    square: Floats, births: Floats | None, maxdim: int, thresh: float, do_cocycles: bool
) -> tuple[list[Floats], list[list[NDArray[np.int64]]]]:
    """Diagrams, and where asked for representative cocycles: the one place that calls the engine."""
    if births is not None:
        return _with_births(square, births, maxdim, thresh, do_cocycles)
    engine = _core.VietorisRips(maxdim, thresh, _MAX_STORED_SIMPLICES)
    if do_cocycles:
        return _with_cocycles(engine, square, np.arange(len(square)))
    dgms = engine.of_square(square)
    return dgms, [[] for _ in dgms]


def _with_cocycles(
    engine: _core.VietorisRips, square: Floats, names: NDArray[np.int64]
) -> tuple[list[Floats], list[list[NDArray[np.int64]]]]:
    """`names`: of the points of `square`, ascending."""
    dgms, degrees = engine.cocycles_square(square)
    cocycles = [[np.column_stack([names[rows], np.ones(len(rows), np.int64)]) for rows in found] for found in degrees]
    return dgms, cocycles


def _with_births(
    square: Floats, births: Floats, maxdim: int, thresh: float, do_cocycles: bool
) -> tuple[list[Floats], list[list[NDArray[np.int64]]]]:
    """Points that are born later, also before 0: lengths as ranks, so that ties stay exact.

    Up to the birth of a point it is isolated, which classes of positive degree do not notice.
    """
    present = births <= thresh
    births, square = births[present], square[np.ix_(present, present)]
    i, j = np.triu_indices(len(births), 1)
    lengths = square[i, j]
    there = lengths <= min(thresh, np.finfo(np.float64).max)
    levels, ranks = np.unique(lengths[there], return_inverse=True)
    if np.isnan(lengths).any():
        raise ValueError("a distance is nan; wanted a number")
    dgms = [_components(births, i[there], j[there], lengths[there])]
    cocycles: list[list[NDArray[np.int64]]] = [[] for _ in range(maxdim + 1)]
    if maxdim > 0:
        ranked = np.full(square.shape, np.inf)
        ranked[i[there], j[there]] = ranked[j[there], i[there]] = ranks
        np.fill_diagonal(ranked, 0.0)
        levels = np.append(levels, np.inf)
        engine = _core.VietorisRips(maxdim, np.inf, _MAX_STORED_SIMPLICES)
        if do_cocycles:
            of_ranks, cocycles = _with_cocycles(engine, ranked, np.flatnonzero(present))
        else:
            of_ranks = engine.of_square(ranked)
        for pairs in of_ranks[1:]:
            places = np.where(np.isinf(pairs), len(levels) - 1, pairs).astype(np.intp)
            dgms.append(levels[places])
    return dgms, cocycles


def _components(births: Floats, i: NDArray[np.intp], j: NDArray[np.intp], lengths: Floats) -> Floats:
    """H0 by Kruskal: where two components meet, the younger dies."""
    leader = list(range(len(births)))

    def find(point: int) -> int:
        while leader[point] != point:
            leader[point] = leader[leader[point]]
            point = leader[point]
        return point

    pairs: list[tuple[float, float]] = []
    components = len(births)
    for edge in np.argsort(lengths, kind="stable"):
        older, younger = find(int(i[edge])), find(int(j[edge]))
        if older == younger:
            continue
        if births[older] > births[younger]:
            older, younger = younger, older
        leader[younger] = older
        if lengths[edge] > births[younger]:
            pairs.append((float(births[younger]), float(lengths[edge])))
        components -= 1
        if components == 1:
            break
    pairs += [(float(births[point]), np.inf) for point in range(len(births)) if leader[point] == point]
    return np.array(sorted(pairs), dtype=np.float64).reshape(-1, 2)


def _count_edges(square: Floats, thresh: float, *, whole: bool) -> int:
    """Edges up to `thresh`; without one, up to the enclosing radius, from where on the complex is a cone."""
    if len(square) == 0:
        return 0
    limit = min(thresh, np.finfo(np.float64).max)
    if whole and np.isinf(thresh):
        limit = min(limit, float(square.max(axis=1).min()))
    return (int(np.count_nonzero(square <= limit)) - (len(square) if limit >= 0 else 0)) // 2
