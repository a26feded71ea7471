"""Vectorisations against gudhi and persim."""

import numpy as np
import pytest
from diagrams import random_diagram

import topoforge


@pytest.fixture(params=range(5))
def diagram(request):
    return random_diagram(np.random.default_rng(request.param), 15, essential=2)


@pytest.fixture
def gudhi():
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    return pytest.importorskip("gudhi.representations", reason="gudhi is not installed")


def finite(diagram):
    return diagram[np.isfinite(diagram[:, 1])]


def test_betti_curves_are_those_of_gudhi(diagram, gudhi):
    grid, betti = topoforge.betti_curve(diagram, resolution=40, range=(0, 8))
    np.testing.assert_allclose(grid, np.linspace(0, 8, 40), atol=1e-12)
    np.testing.assert_array_equal(betti, gudhi.BettiCurve(predefined_grid=grid)(diagram))


def test_landscapes_are_those_of_gudhi(diagram, gudhi):
    grid, layers = topoforge.persistence_landscape(diagram, layers=4, resolution=40, range=(0, 8))
    theirs = gudhi.Landscape(num_landscapes=4, resolution=40, sample_range=[0, 8], keep_endpoints=True)
    np.testing.assert_allclose(np.sqrt(2) * layers.ravel(), theirs(finite(diagram)), atol=1e-9)
    assert grid.shape == (40,) and layers.shape == (4, 40)


def test_silhouettes_are_those_of_gudhi(diagram, gudhi):
    for power in (0.0, 1.0, 2.5):
        values = topoforge.persistence_silhouette(diagram, power=power, resolution=40, range=(0, 8)).values
        theirs = gudhi.Silhouette(weight=lambda pair, power=power: (pair[1] - pair[0]) ** power, resolution=40,
                                  sample_range=[0, 8], keep_endpoints=True)
        np.testing.assert_allclose(np.sqrt(2) * values, theirs(finite(diagram)), atol=1e-9)


def test_the_entropy_is_that_of_gudhi(diagram, gudhi):
    expected = gudhi.Entropy(mode="scalar")(finite(diagram))[0]
    assert topoforge.persistent_entropy(diagram) == pytest.approx(expected, abs=1e-9)
    assert topoforge.persistent_entropy(diagram, normalised=True) == pytest.approx(expected / np.log(15), abs=1e-9)


def test_images_are_those_of_persim(diagram):
    persim = pytest.importorskip("persim", reason="persim is not installed")
    greatest = 3.0
    ours = topoforge.persistence_image(diagram, pixels=(6, 8), sigma=0.4, birth_range=(0, 4),
                                       persistence_range=(0, greatest))
    theirs = persim.PersistenceImager(birth_range=(0, 4), pers_range=(0, greatest), pixel_size=0.5,
                                      weight="linear_ramp", weight_params={"low": 0.0, "high": 1.0, "start": 0.0,
                                                                           "end": greatest},
                                      kernel_params={"sigma": [[0.16, 0.0], [0.0, 0.16]]})
    np.testing.assert_allclose(ours.pixels, theirs.transform(finite(diagram)).T, atol=1e-9)
    assert ours.birth_range == (0, 4) and ours.persistence_range == (0, 3) and ours.sigma == 0.4


def test_statistics_are_those_of_the_lifetimes(diagram):
    lifetimes = np.ptp(finite(diagram), axis=1)
    statistics = topoforge.persistence_statistics(diagram)
    assert statistics[:2] == (15, 2)
    np.testing.assert_allclose(statistics[2:6], [lifetimes.sum(), lifetimes.max(), lifetimes.mean(), lifetimes.std()])


def test_ranges_come_from_the_diagram_where_none_are_given():
    diagram = [[1, 2], [2, 5], [0, np.inf]]
    assert topoforge.persistence_landscape(diagram).grid[[0, -1]].tolist() == [1, 5]
    assert topoforge.persistence_silhouette(diagram).grid[[0, -1]].tolist() == [1, 5]
    assert topoforge.betti_curve(diagram).grid[[0, -1]].tolist() == [0, 5]
    image = topoforge.persistence_image(diagram)
    assert image.birth_range == (1, 2) and image.persistence_range == (0, 3) and image.sigma == 3 / 20


def test_no_pairs_give_zeros():
    assert not topoforge.betti_curve([]).betti.any()
    assert not topoforge.persistence_landscape([], layers=2).layers.any()
    assert not topoforge.persistence_silhouette(np.empty((0, 2))).values.any()
    assert not topoforge.persistence_image([]).pixels.any()
    assert topoforge.persistence_statistics([]) == (0,) * 8


@pytest.mark.parametrize("call", [
    lambda: topoforge.betti_curve([[0, 1]], resolution=1),
    lambda: topoforge.betti_curve([[0, 1]], range=(2, 1)),
    lambda: topoforge.betti_curve([[0, 1]], range=(0, 0)),
    lambda: topoforge.persistence_landscape([[0, 1]], layers=0),
    lambda: topoforge.persistence_landscape([[0, 1]], range=(0, np.nan)),
    lambda: topoforge.persistence_silhouette([[0, 1]], power=-1),
    lambda: topoforge.persistence_image([[0, 1]], pixels=(0, 3)),
    lambda: topoforge.persistence_image([[0, 1]], sigma=-1),
    lambda: topoforge.persistence_image([[0, 1]], persistence_range=(-1, 3)),
    lambda: topoforge.persistence_statistics([[1, 0]]),
])
def test_wrong_arguments_are_refused(call):
    with pytest.raises(ValueError):
        call()
