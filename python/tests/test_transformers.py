"""The transformers in the hands of scikit-learn."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from topoforge import VietorisRips, delay_embed, pairwise_distances, persistence_statistics
from topoforge.transformers import DelayEmbedding, PersistenceFeatures

VECTORISATIONS = ["statistics", "betti_curve", "landscape", "silhouette", "image"]


@parametrize_with_checks([
    DelayEmbedding(),
    DelayEmbedding(dimension=1),
    *(PersistenceFeatures(vectorisation) for vectorisation in VECTORISATIONS),
    PersistenceFeatures(max_dimension=0, metric="manhattan", n_jobs=2),
])
def test_scikit_learn_agrees(estimator, check):
    check(estimator)


def test_rows_are_embedded_as_series_are():
    series = np.random.default_rng(19).random((4, 30))
    for dimension, lag in ((1, 1), (2, 5), (3, 4), (4, 9)):
        clouds = DelayEmbedding(dimension, lag).fit_transform(series)
        np.testing.assert_array_equal(clouds, [delay_embed(row, dimension, lag) for row in series])
    with pytest.raises(ValueError, match="need series of 31 samples"):
        DelayEmbedding(2, 30).fit(series)
    for wrong in ({"dimension": 0}, {"lag": 0}, {"lag": 1.5}):
        with pytest.raises(ValueError, match="wanted a whole number"):
            DelayEmbedding(**wrong).fit(series)


def ring_and_blob(rng):
    angles = rng.random(30) * 2 * np.pi
    return [np.column_stack([np.cos(angles), np.sin(angles)]), rng.normal(size=(25, 2))]


def test_statistics_are_those_of_each_diagram():
    clouds = ring_and_blob(np.random.default_rng(20))
    rows = PersistenceFeatures(max_dimension=2).fit_transform(clouds)
    engine = VietorisRips(2)
    expected = [np.concatenate([persistence_statistics(one) for one in engine.compute(cloud)]) for cloud in clouds]
    np.testing.assert_array_equal(rows, expected)


@pytest.mark.parametrize("vectorisation", VECTORISATIONS)
def test_any_number_of_threads_and_form_of_input_gives_the_same(vectorisation):
    rng = np.random.default_rng(21)
    clouds = [cloud for _ in range(4) for cloud in ring_and_blob(rng)]
    features = PersistenceFeatures(vectorisation, resolution=5, layers=2)
    rows = features.fit_transform(clouds)
    assert rows.shape == (8, len(features.get_feature_names_out())) and np.isfinite(rows).all()
    assert len(set(features.get_feature_names_out())) == rows.shape[1]
    np.testing.assert_array_equal(clone(features).set_params(n_jobs=-1).fit(clouds).transform(clouds), rows)
    distances = [pairwise_distances(cloud) for cloud in clouds]
    np.testing.assert_array_equal(clone(features).set_params(metric="precomputed").fit_transform(distances), rows)
    same_size = np.stack([cloud[:20] for cloud in clouds])
    np.testing.assert_array_equal(features.fit_transform(same_size), features.fit_transform(list(same_size)))


def test_precomputed_rows_are_condensed_distances():
    cloud = np.random.default_rng(22).random((6, 2))
    condensed = pairwise_distances(cloud)[np.triu_indices(6, 1)]
    np.testing.assert_array_equal(PersistenceFeatures(metric="precomputed").fit_transform(condensed[np.newaxis]),
                                  PersistenceFeatures().fit_transform([cloud]))


def test_a_cloud_of_another_dimension_is_refused():
    features = PersistenceFeatures().fit([np.zeros((3, 2))])
    with pytest.raises(ValueError, match="cloud 0 has points of 3 coordinates; wanted 2"):
        features.transform([np.zeros((3, 3))])
    for wrong in ({"vectorisation": "nonsense"}, {"max_dimension": -1}, {"metric": "nonsense"}, {"resolution": 1},
                  {"n_jobs": 0}):
        with pytest.raises(ValueError):
            PersistenceFeatures(**wrong).fit([np.zeros((3, 2))])


def test_a_pipeline_tells_series_with_a_period_from_noise():
    rng = np.random.default_rng(23)
    phases = rng.random(30) * 2 * np.pi
    periodic = np.sin(np.arange(60) * np.pi / 10 + phases[:, np.newaxis]) + rng.normal(scale=0.1, size=(30, 60))
    series = np.concatenate([periodic, rng.normal(scale=0.7, size=(30, 60))])
    labels = np.repeat([1, 0], 30)
    model = make_pipeline(DelayEmbedding(2, 5), PersistenceFeatures("landscape"), LogisticRegression(C=100))
    assert model.fit(series[::2], labels[::2]).score(series[1::2], labels[1::2]) == 1.0
