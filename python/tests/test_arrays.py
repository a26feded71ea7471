"""Arrays are not copied, and other threads run while the compiled part works."""

import sys
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
    """How often another thread ran while `work` was done again and again."""
    ticks, stop = [], threading.Event()

    def tick():
        while not stop.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    interval = sys.getswitchinterval()
    thread = threading.Thread(target=tick)
    thread.start()
    # From here on a thread runs only while the other lets it: the interpreter takes it from none.
    sys.setswitchinterval(1000)
    try:
        begin = time.perf_counter()
        while (end := time.perf_counter()) < begin + 0.1:
            work()
    finally:
        sys.setswitchinterval(interval)
        stop.set()
        thread.join()
    return sum(begin < one < end for one in ticks)


def works():
    rng = np.random.default_rng(18)
    points, normal, wide = rng.random((200, 4)), rng.random((100, 3)), rng.random((500, 30))
    square = topoforge.pairwise_distances(points)
    condensed = square[np.triu_indices(200, 1)]
    first, second = random_diagram(rng, 300), random_diagram(rng, 300)
    stream, by_distances = SlidingVietorisRips(200, max_dimension=1), SlidingVietorisRips(200)
    detector, analyzer = topoforge.AnomalyDetector(3), topoforge.TopologyAnalyzer(1)
    processor = topoforge.DataProcessor(20)

    def push_distances():
        by_distances.push_distances(condensed[: len(by_distances)][:199])

    def slide():
        for point in points:
            stream.push(point)
            stream.diagram()

    yield "VietorisRips.compute", lambda: VietorisRips(1).compute(points)
    yield "VietorisRips.compute_distances", lambda: VietorisRips(1).compute_distances(square)
    yield "condensed", lambda: VietorisRips(1).compute_distances(condensed)
    yield "SlidingVietorisRips.diagram", slide
    yield "SlidingVietorisRips.push_distances", push_distances
    yield "TopologyAnalyzer", lambda: analyzer.compute_persistence(points)
    yield "AnomalyDetector.train", lambda: detector.train(normal)
    yield "DataProcessor.ingest", lambda: processor.ingest({"value": time.perf_counter() % 1})
    yield "bottleneck_distance", lambda: bottleneck_distance(first, second)
    yield "wasserstein_distance", lambda: topoforge.wasserstein_distance(first, second)
    yield "match_diagrams", lambda: topoforge.match_diagrams(first, second)
    yield "pairwise_distances", lambda: topoforge.pairwise_distances(wide)
    yield "persistence_image", lambda: topoforge.persistence_image(first)
    yield "persistence_landscape", lambda: topoforge.persistence_landscape(first)
    yield "decorrelation_lag", lambda: decorrelation_lag(condensed, 10)


@pytest.mark.parametrize(("name", "work"), list(works()), ids=lambda value: value if isinstance(value, str) else "")
def test_other_threads_run_meanwhile(name, work):
    assert ticks_during(work) > 0, name


def test_other_threads_do_not_run_where_the_interpreter_is_kept():
    assert ticks_during(lambda: sum(range(1000))) == 0


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
