"""Arrays are not copied, and other threads run while the compiled part works."""

import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from diagrams import assert_same_diagrams, random_diagram

import topoforge
from topoforge import SlidingVietorisRips, VietorisRips, bottleneck_distance, decorrelation_lag


def allocated_by_numpy(work):
    """The greatest memory that arrays asked for meanwhile."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_an_array_that_fits_is_read_where_it_lies():
    series = np.random.default_rng(14).random(1_000_000)
    assert allocated_by_numpy(lambda: decorrelation_lag(series, 1)) < 100_000
    converted = series.astype(np.float32)
    assert allocated_by_numpy(lambda: decorrelation_lag(converted, 1)) == pytest.approx(8_000_000, rel=0.1)
    strided = np.repeat(series, 2)[::2]
    assert allocated_by_numpy(lambda: decorrelation_lag(strided, 1)) == pytest.approx(8_000_000, rel=0.1)
    assert decorrelation_lag(series, 9) == decorrelation_lag(strided, 9)


def test_the_compiled_part_refuses_what_it_would_have_to_copy():
    for wrong in (np.zeros(3, dtype=np.float32), np.zeros(6)[::2], np.zeros((3, 1)), [1.0, 2.0]):
        with pytest.raises(TypeError):
            topoforge._core.decorrelation_lag(wrong, 1)


def test_an_array_that_may_not_be_written_is_read():
    points = np.random.default_rng(15).random((20, 2))
    copy = points.copy()
    points.setflags(write=False)
    VietorisRips().compute(points)
    np.testing.assert_array_equal(points, copy)


def test_diagrams_own_their_memory_beyond_the_engine():
    engine = VietorisRips(1)
    diagram = engine.compute(np.random.default_rng(16).random((60, 2)))
    expected = [one.copy() for one in diagram]
    assert all(one.base is not None and one.flags.writeable and one.flags.c_contiguous for one in diagram)
    for _ in range(20):
        engine.compute(np.random.default_rng(17).random((60, 2)))
    del engine
    assert_same_diagrams(diagram, expected)


def ticks_during(work):
    """How often another thread ran while `work` did, and for how long that was."""
    ticks, stop = [], threading.Event()

    def tick():
        while not stop.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    while not ticks:
        time.sleep(0.001)
    begin = time.perf_counter()
    work()
    end = time.perf_counter()
    stop.set()
    thread.join()
    # What runs at the edges runs beside Python code.
    return sum(begin + 0.005 < one < end - 0.005 for one in ticks), end - begin


def works():
    rng = np.random.default_rng(18)
    stream = SlidingVietorisRips(400, max_dimension=2)
    for point in rng.random((400, 6)):
        stream.push(point)
    detector = topoforge.AnomalyDetector(8)
    yield "points", lambda: VietorisRips(2).compute(rng.random((500, 6)))
    yield "ripser", lambda: topoforge.ripser(rng.random((500, 6)), maxdim=2)
    yield "slide", stream.diagram
    yield "bottleneck", lambda: bottleneck_distance(random_diagram(rng, 3000), random_diagram(rng, 3000))
    yield "match", lambda: topoforge.match_diagrams(random_diagram(rng, 1000), random_diagram(rng, 1000))
    yield "train", lambda: detector.train(rng.random((2000, 8)))
    yield "distances", lambda: topoforge.pairwise_distances(rng.random((3000, 30)))


@pytest.mark.parametrize(("name", "work"), list(works()), ids=lambda value: value if isinstance(value, str) else "")
def test_other_threads_run_meanwhile(name, work):
    ticks, seconds = ticks_during(work)
    assert seconds > 0.015, f"{name} is too quick to tell"
    assert ticks > 0


def test_threads_that_share_an_engine_take_turns():
    clouds = [np.random.default_rng(seed).random((60, 3)) for seed in range(24)]
    expected = [VietorisRips(2).compute(cloud) for cloud in clouds]
    shared = VietorisRips(2)
    with ThreadPoolExecutor(4) as threads:
        for ours, theirs in zip(threads.map(shared.compute, clouds), expected, strict=True):
            assert_same_diagrams(ours, theirs)


def test_threads_that_share_a_stream_lose_no_point():
    stream = SlidingVietorisRips(200, max_dimension=1)

    def push(seed):
        for point in np.random.default_rng(seed).random((40, 2)):
            stream.push(point)
            stream.diagram()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(push, range(4)))
    assert stream.size == 160
