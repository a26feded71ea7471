"""Transformers for pipelines of scikit-learn (``pip install 'topoforge[sklearn]'``).

Examples
--------
Series to features: the two series are embedded in the plane, where one runs round a ring.

>>> import numpy as np
>>> from sklearn.pipeline import make_pipeline
>>> from topoforge.transformers import DelayEmbedding, PersistenceFeatures
>>> series = np.stack([np.sin(np.arange(40) * np.pi / 10), np.linspace(0, 1, 40)])
>>> features = make_pipeline(DelayEmbedding(dimension=2, lag=5), PersistenceFeatures(max_dimension=1))
>>> longest_loop = list(features.fit(series)[-1].get_feature_names_out()).index("h1_maximum")
>>> features.transform(series)[:, longest_loop].round(2)
array([1.47, 0.  ])
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

try:
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.utils.validation import check_array, check_is_fitted, validate_data
except ImportError as error:
    raise ImportError(
        "topoforge.transformers needs scikit-learn 1.6 or newer: pip install 'topoforge[sklearn]'"
    ) from error

from topoforge._arrays import Floats
from topoforge._engines import VietorisRips
from topoforge._features import (
    PersistenceStatistics,
    betti_curve,
    persistence_image,
    persistence_landscape,
    persistence_silhouette,
    persistence_statistics,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DelayEmbedding", "PersistenceFeatures"]


def _whole(value: Any, name: str, least: int) -> int:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"{name} is {value!r}; wanted a whole number of at least {least}")
    return int(value)


class DelayEmbedding(TransformerMixin, BaseEstimator):
    """Turn each row, a series, into a point cloud by delay embedding (Takens 1981).

    Parameters
    ----------
    dimension : int, default 2
        Coordinates of a point, at least 1.
    lag : int, default 1
        Samples between two coordinates, at least 1.

    Attributes
    ----------
    n_features_in_ : int
        Samples of a series.

    Examples
    --------
    >>> from topoforge.transformers import DelayEmbedding
    >>> DelayEmbedding(dimension=2, lag=1).fit_transform([[1, 2, 3]])
    array([[[1., 2.],
            [2., 3.]]])
    """

    def __init__(self, dimension: int = 2, lag: int = 1) -> None:
        self.dimension = dimension
        self.lag = lag

    def _span(self, samples: int) -> int:
        span = (_whole(self.dimension, "dimension", 1) - 1) * _whole(self.lag, "lag", 1) + 1
        if samples < span:
            raise ValueError(
                f"dimension {self.dimension} and lag {self.lag} need series of {span} samples, got n_features={samples}"
            )
        return span

    def fit(self, X: Any, y: Any = None) -> DelayEmbedding:
        """Check the length of the series.

        Parameters
        ----------
        X : array_like, shape (n_series, n_samples)
            One series a row.
        y : None
            Ignored.

        Returns
        -------
        self
        """
        X = validate_data(self, X, dtype=np.float64)
        self._span(X.shape[1])
        return self

    def transform(self, X: Any) -> Floats:
        """Embed each row.

        Parameters
        ----------
        X : array_like, shape (n_series, n_samples)
            One series a row.

        Returns
        -------
        ndarray, shape (n_series, n_samples - (dimension - 1) * lag, dimension)
            One cloud a series.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        windows = np.lib.stride_tricks.sliding_window_view(X, self._span(X.shape[1]), axis=1)
        return np.ascontiguousarray(windows[:, :, :: self.lag])


class PersistenceFeatures(TransformerMixin, BaseEstimator):
    """Turn each point cloud into a row of features of its persistence diagrams.

    Grids and images reach over the diagrams that `fit` sees, so that columns mean the same for every cloud.

    Parameters
    ----------
    vectorisation : {'statistics', 'betti_curve', 'landscape', 'silhouette', 'image'}, default 'statistics'
        What becomes of each diagram.
    max_dimension : int, default 1
        Highest degree of homology, 0 to 3.
    metric : {'euclidean', 'manhattan', 'chebyshev', 'cosine', 'precomputed'}, default 'euclidean'
        'precomputed': each sample holds distances.
    max_edge_length : float, default inf
        Longer edges are left out.
    resolution : int, default 20
        Points of a curve, or pixels of an image along each side.
    layers : int, default 1
        Of a landscape.
    n_jobs : int, optional
        Threads; -1 for one for each processor. The features are the same for any number.

    Attributes
    ----------
    n_features_in_ : int
        Coordinates of a point; of a two-dimensional X its columns.
    ranges_ : list of tuple
        For each degree ((least, greatest birth or death), (least, greatest birth), greatest persistence).

    Examples
    --------
    >>> import numpy as np
    >>> from topoforge.transformers import PersistenceFeatures
    >>> angles = np.arange(8) * np.pi / 4
    >>> ring = np.column_stack([np.cos(angles), np.sin(angles)])
    >>> features = PersistenceFeatures(max_dimension=1)
    >>> row = features.fit_transform([ring])[0]
    >>> dict(zip(features.get_feature_names_out(), row.round(2)))["h1_total"]
    np.float64(1.08)
    """

    def __init__(
        self,
        vectorisation: str = "statistics",
        *,
        max_dimension: int = 1,
        metric: str = "euclidean",
        max_edge_length: float = np.inf,
        resolution: int = 20,
        layers: int = 1,
        n_jobs: int | None = None,
    ) -> None:
        self.vectorisation = vectorisation
        self.max_dimension = max_dimension
        self.metric = metric
        self.max_edge_length = max_edge_length
        self.resolution = resolution
        self.layers = layers
        self.n_jobs = n_jobs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    def fit(self, X: Any, y: Any = None) -> PersistenceFeatures:
        """Learn the ranges of the diagrams.

        Parameters
        ----------
        X : array_like, shape (n_clouds, n_points, n_coordinates), or sequence of array_like, shape (n_points, d)
            Point clouds, in a sequence of any sizes. Of a two-dimensional array each row is a cloud of points on a
            line; or, precomputed, the distances of a cloud in the order of `scipy.spatial.distance.pdist`.
        y : None
            Ignored.

        Returns
        -------
        self
        """
        self._fit_diagrams(X)
        return self

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Floats:
        """Learn the ranges of the diagrams and compute their features, with each diagram computed once.

        Parameters
        ----------
        X : array_like or sequence of array_like
            As of `fit`.
        y : None
            Ignored.
        **fit_params : dict
            Ignored.

        Returns
        -------
        ndarray, shape (n_clouds, n_features_out)
        """
        return self._vectorise(self._fit_diagrams(X))

    def transform(self, X: Any) -> Floats:
        """Compute the features of each cloud.

        Parameters
        ----------
        X : array_like or sequence of array_like
            As of `fit`.

        Returns
        -------
        ndarray, shape (n_clouds, n_features_out)
        """
        check_is_fitted(self)
        return self._vectorise(self._diagrams(self._clouds(X, reset=False)))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Name the columns: ``h1_total``, ``h1_landscape_1_07``.

        Parameters
        ----------
        input_features : array_like of str, optional
            Only checked: the columns do not come from single features.

        Returns
        -------
        ndarray of str
        """
        check_is_fitted(self)
        if input_features is not None:
            known = getattr(self, "feature_names_in_", None)
            if known is not None and not np.array_equal(known, input_features):
                raise ValueError("input_features is not equal to feature_names_in_")
            if len(input_features) != self.n_features_in_:
                raise ValueError(
                    f"input_features should have length equal to number of features ({self.n_features_in_}), "
                    f"got {len(input_features)}"
                )
        names = [f"h{degree}_{name}" for degree in range(self.max_dimension + 1) for name in self._names()]
        return np.array(names, dtype=object)

    def _names(self) -> list[str]:
        grid = [f"{i:02}" for i in range(self.resolution)]
        if self.vectorisation == "statistics":
            return list(PersistenceStatistics._fields)
        if self.vectorisation == "landscape":
            return [f"landscape_{layer + 1}_{place}" for layer in range(self.layers) for place in grid]
        if self.vectorisation == "image":
            return [f"image_{row}_{column}" for row in grid for column in grid]
        return [f"{self.vectorisation}_{place}" for place in grid]

    def _fit_diagrams(self, X: Any) -> list[list[Floats]]:
        known = ("statistics", "betti_curve", "landscape", "silhouette", "image")
        if self.vectorisation not in known:
            raise ValueError(f"vectorisation is {self.vectorisation!r}; wanted one of {', '.join(known)}")
        _whole(self.max_dimension, "max_dimension", 0)
        _whole(self.resolution, "resolution", 2)
        _whole(self.layers, "layers", 1)
        diagrams = self._diagrams(self._clouds(X, reset=True))
        self.ranges_ = [
            _ranges(np.concatenate([one[degree] for one in diagrams])) for degree in range(self.max_dimension + 1)
        ]
        return diagrams

    def _clouds(self, X: Any, *, reset: bool) -> list[Floats]:
        several = isinstance(X, np.ndarray) and X.ndim == 3
        several |= isinstance(X, (list, tuple)) and len(X) > 0 and all(np.ndim(cloud) == 2 for cloud in X)
        if not several:
            rows = validate_data(self, X, dtype=np.float64, reset=reset)
            return list(rows if self.metric == "precomputed" else rows[:, :, np.newaxis])
        if len(X) == 0:
            raise ValueError("Found array with 0 sample(s); wanted at least one cloud")
        clouds = [check_array(cloud, dtype=np.float64, ensure_min_samples=0, order="C") for cloud in X]
        if self.metric == "precomputed":
            if reset:
                self.n_features_in_ = clouds[0].shape[1]
            return clouds
        if reset:
            self.n_features_in_ = clouds[0].shape[1]
            if hasattr(self, "feature_names_in_"):
                del self.feature_names_in_
        for place, cloud in enumerate(clouds):
            if cloud.shape[1] != self.n_features_in_:
                raise ValueError(
                    f"cloud {place} has points of {cloud.shape[1]} coordinates; wanted {self.n_features_in_}"
                )
        return clouds

    def _diagrams(self, clouds: Sequence[Floats]) -> list[list[Floats]]:
        jobs = 1 if self.n_jobs is None else _whole(os.cpu_count() if self.n_jobs == -1 else self.n_jobs, "n_jobs", 1)
        parts = np.array_split(np.arange(len(clouds)), min(jobs, len(clouds)))

        def compute(part: NDArray[np.intp]) -> list[list[Floats]]:
            metric = "euclidean" if self.metric == "precomputed" else self.metric
            engine = VietorisRips(self.max_dimension, max_edge_length=self.max_edge_length, metric=metric)
            work = engine.compute_distances if self.metric == "precomputed" else engine.compute
            return [work(clouds[place]) for place in part]

        if len(parts) == 1:
            return compute(parts[0])
        with ThreadPoolExecutor(len(parts)) as threads:
            return [diagram for part in threads.map(compute, parts) for diagram in part]

    def _vectorise(self, diagrams: list[list[Floats]]) -> Floats:
        return np.array(
            [
                np.concatenate([self._features(one, self.ranges_[degree]) for degree, one in enumerate(diagram)])
                for diagram in diagrams
            ]
        )

    def _features(self, diagram: Floats, ranges: tuple[Any, Any, float]) -> Floats:
        grid, births, persistence = ranges
        if self.vectorisation == "statistics":
            return np.array(persistence_statistics(diagram), dtype=np.float64)
        if self.vectorisation == "betti_curve":
            return betti_curve(diagram, resolution=self.resolution, range=grid).betti.astype(np.float64)
        if self.vectorisation == "landscape":
            landscape = persistence_landscape(diagram, layers=self.layers, resolution=self.resolution, range=grid)
            return landscape.layers.ravel()
        if self.vectorisation == "silhouette":
            return persistence_silhouette(diagram, resolution=self.resolution, range=grid).values
        return persistence_image(
            diagram,
            pixels=(self.resolution, self.resolution),
            birth_range=births,
            persistence_range=(0.0, persistence),
        ).pixels.ravel()


def _ranges(pairs: Floats) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Of the classes that die; where there is none, or no width, a width of 1."""
    finite = pairs[np.isfinite(pairs[:, 1])]
    if len(finite) == 0:
        return ((0.0, 1.0), (0.0, 1.0), 1.0)
    low, high = float(finite[:, 0].min()), float(finite[:, 1].max())
    greatest = float((finite[:, 1] - finite[:, 0]).max())
    births = (low, float(finite[:, 0].max()))
    if births[0] == births[1]:
        births = (low - greatest / 2, low + greatest / 2)
    return ((low, high), births, greatest)
