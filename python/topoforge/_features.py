"""Diagrams as numbers, curves and images. Unless said otherwise essential classes (death inf) are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from topoforge import _core
from topoforge._arrays import Floats, count, matrix

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "BettiCurve",
    "Landscape",
    "PersistenceImage",
    "PersistenceStatistics",
    "Silhouette",
    "betti_curve",
    "persistence_image",
    "persistence_landscape",
    "persistence_silhouette",
    "persistence_statistics",
    "persistent_entropy",
]

Range = tuple[float, float]


def _range(given: Range | None, what: str) -> Range:
    if given is None:
        return (0.0, 0.0)
    low, high = (float(end) for end in given)
    if low == 0.0 and high == 0.0:
        raise ValueError(f"{what} is from 0 to 0; wanted a range, or None for that of the diagram")
    return (low, high)


class BettiCurve(NamedTuple):
    """A Betti number as a function of the scale."""

    grid: Floats
    """Shape (resolution,): values of the filtration."""
    betti: NDArray[np.int64]
    """Shape (resolution,): classes alive there."""


def betti_curve(diagram: ArrayLike, *, resolution: int = 50, range: Range | None = None) -> BettiCurve:
    """Count the classes alive (birth <= x < death) on a grid, essential classes included.

    Parameters
    ----------
    diagram : array_like, shape (m, 2)
        Pairs (birth, death) of one degree.
    resolution : int, default 50
        Points of the grid, 2 to 16,384.
    range : (float, float), optional
        Ends of the grid; without it from the least birth to the greatest birth or finite death.

    Returns
    -------
    BettiCurve
        As ``gudhi.representations.BettiCurve(predefined_grid=...)`` gives it.

    Examples
    --------
    >>> import numpy as np
    >>> from topoforge import betti_curve
    >>> betti_curve([[0, 1], [0, 2], [0, np.inf]], resolution=3).betti
    array([3, 2, 1])
    """
    grid, betti = _core.betti_curve(
        matrix(diagram, "diagram"), count(resolution, "resolution"), *_range(range, "range")
    )
    return BettiCurve(grid, betti.view(np.int64))


class Landscape(NamedTuple):
    """The first layers of a persistence landscape."""

    grid: Floats
    """Shape (resolution,): values of the filtration."""
    layers: Floats
    """Shape (layers, resolution): row i is the (i+1)-th greatest tent."""


def persistence_landscape(
    diagram: ArrayLike, *, layers: int = 1, resolution: int = 50, range: Range | None = None
) -> Landscape:
    """Sample the persistence landscape (Bubenik 2015) on a grid.

    Parameters
    ----------
    diagram : array_like, shape (m, 2)
        Pairs (birth, death) of one degree.
    layers : int, default 1
        1 to 256.
    resolution : int, default 50
        Points of the grid, 2 to 16,384.
    range : (float, float), optional
        Ends of the grid; without it from the least birth to the greatest finite death.

    Returns
    -------
    Landscape
        ``gudhi.representations.Landscape(keep_endpoints=True)`` is sqrt(2) times this.

    Examples
    --------
    >>> from topoforge import persistence_landscape
    >>> persistence_landscape([[0, 4], [1, 3]], layers=2, resolution=5).layers
    array([[0., 1., 2., 1., 0.],
           [0., 0., 1., 0., 0.]])
    """
    return Landscape(
        *_core.landscape(
            matrix(diagram, "diagram"),
            count(layers, "layers"),
            count(resolution, "resolution"),
            *_range(range, "range"),
        )
    )


class Silhouette(NamedTuple):
    """The weighted mean of the tents of a diagram."""

    grid: Floats
    """Shape (resolution,): values of the filtration."""
    values: Floats
    """Shape (resolution,): at each of them; at most half the greatest lifetime."""


def persistence_silhouette(
    diagram: ArrayLike, *, power: float = 1.0, resolution: int = 50, range: Range | None = None
) -> Silhouette:
    """Sample the power-weighted silhouette (Chazal et al. 2014) on a grid.

    Parameters
    ----------
    diagram : array_like, shape (m, 2)
        Pairs (birth, death) of one degree.
    power : float, default 1
        Of the lifetimes as weights, at least 0.
    resolution : int, default 50
        Points of the grid, 2 to 16,384.
    range : (float, float), optional
        Ends of the grid; without it from the least birth to the greatest finite death.

    Returns
    -------
    Silhouette
        ``gudhi.representations.Silhouette(keep_endpoints=True)`` is sqrt(2) times this.

    Examples
    --------
    >>> from topoforge import persistence_silhouette
    >>> persistence_silhouette([[0, 4]], resolution=5).values
    array([0., 1., 2., 1., 0.])
    """
    return Silhouette(
        *_core.silhouette(
            matrix(diagram, "diagram"), float(power), count(resolution, "resolution"), *_range(range, "range")
        )
    )


class PersistenceImage(NamedTuple):
    """A persistence image and what it was made with."""

    pixels: Floats
    """Shape (persistence pixels, birth pixels); row 0 has the least persistence, column 0 the least birth."""
    birth_range: Range
    persistence_range: Range
    sigma: float


def persistence_image(
    diagram: ArrayLike,
    *,
    pixels: tuple[int, int] = (20, 20),
    sigma: float | None = None,
    birth_range: Range | None = None,
    persistence_range: Range | None = None,
) -> PersistenceImage:
    """Draw the persistence image (Adams et al. 2017): a Gaussian for each pair, weighted by its persistence.

    Parameters
    ----------
    diagram : array_like, shape (m, 2)
        Pairs (birth, death) of one degree.
    pixels : (int, int), default (20, 20)
        Along persistence and along birth, 1 to 512 each.
    sigma : float, optional
        Of the Gaussian, in units of the filtration; without it the height of a pixel.
    birth_range : (float, float), optional
        Without it from the least to the greatest birth.
    persistence_range : (float, float), optional
        Without it from 0 to the greatest persistence.

    Returns
    -------
    PersistenceImage
        Give the ranges and sigma where images are to be compared.

    Examples
    --------
    >>> from topoforge import persistence_image
    >>> image = persistence_image([[1, 3]], pixels=(2, 2), birth_range=(0, 2), persistence_range=(0, 4))
    >>> image.pixels.shape, image.sigma
    ((2, 2), 2.0)
    """
    tall, wide = pixels
    ranges = np.array([*_range(birth_range, "birth_range"), *_range(persistence_range, "persistence_range")])
    return PersistenceImage(
        *_core.persistence_image(
            matrix(diagram, "diagram"),
            count(wide, "pixels"),
            count(tall, "pixels"),
            0.0 if sigma is None else float(sigma),
            ranges,
        )
    )


class PersistenceStatistics(NamedTuple):
    """Numbers that sum up the classes of one degree; lifetimes are those of the finite ones."""

    finite_count: int
    essential_count: int
    total: float
    """Sum of the lifetimes."""
    maximum: float
    mean: float
    standard_deviation: float
    """Of the population."""
    entropy: float
    """Persistent entropy in nats."""
    normalised_entropy: float
    """In [0, 1]; 0 for fewer than two classes."""


def persistence_statistics(diagram: ArrayLike) -> PersistenceStatistics:
    """Sum up the classes of one degree.

    Parameters
    ----------
    diagram : array_like, shape (m, 2)
        Pairs (birth, death) of one degree.

    Returns
    -------
    PersistenceStatistics
        Zeros, but for `essential_count`, without a class that dies.

    Examples
    --------
    >>> import numpy as np
    >>> from topoforge import persistence_statistics
    >>> statistics = persistence_statistics([[0, 1], [0, 3], [0, np.inf]])
    >>> statistics.essential_count, statistics.total, statistics.mean
    (1, 4.0, 2.0)
    """
    return PersistenceStatistics(*_core.persistence_statistics(matrix(diagram, "diagram")))


def persistent_entropy(diagram: ArrayLike, *, normalised: bool = False) -> float:
    """Compute the persistent entropy: that of the lifetimes as shares of their sum.

    Parameters
    ----------
    diagram : array_like, shape (m, 2)
        Pairs (birth, death) of one degree.
    normalised : bool, default False
        Divide by that of as many equal lifetimes.

    Returns
    -------
    float
        In nats, or in [0, 1] where normalised.

    Examples
    --------
    >>> from topoforge import persistent_entropy
    >>> persistent_entropy([[0, 1], [2, 3]], normalised=True)
    1.0
    """
    statistics = persistence_statistics(diagram)
    return statistics.normalised_entropy if normalised else statistics.entropy
