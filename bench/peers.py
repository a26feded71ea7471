"""Our engines beside Ripser, giotto-ph and GUDHI on the same windows, in one run: the table of docs/benchmarks.md.

`make bench-peers BENCH_ARGS="--points 50,100 --degrees 1"` measures a part of it. The libraries are those that
tests/published/requirements.txt names, from PyPI; where it does not answer, this says so and ends. The program `ripser`
is measured too if it is installed.

Each engine lives in a process of its own. They take turns, window by window. In its turn an engine computes the window
twice, and the second time counts, when the caches are warm; only once where that takes more than 50 ms. For the sliding
engine a turn is as many events as separate two windows, each timed. Times are processor time, of all threads of a peer
(they are asked for one) and of the one thread of ours, so that a busy machine blurs them little. Of a peer the call
overhead is measured in each turn on a trivial input - a star of as many points, whose enclosing radius leaves one edge
for each, in degree 0; for the program the window itself without edges - and subtracted: that is what a binding copies
and converts, or the start of a program and its reading. Nothing is subtracted from ours.

The points are computed in double precision. Their distances are rounded to float32 for everyone who is given distances,
the peers and our from-scratch engine; the diagrams of each window must then be equal as multisets. The sliding engine
gets the points, and computes the distances itself, in its time; its diagram must equal that of our from-scratch engine
on these points.
"""

import argparse
import math
import multiprocessing
import os
import pathlib
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "published"))

import environment  # noqa: E402

POINTS = (50, 100, 200, 500)
DEGREES = (1, 2)
LOW_DIMENSIONAL = ("delay embedding, d=3", "delay embedding, d=6", "uniform, d=3", "circle with outliers", "sphere")
HARDEST = "uniform, d=8"
# Windows for each number of points: the slower, the fewer. A cell ends before, at the first window after CELL_SECONDS.
WINDOWS = {50: 101, 100: 61, 200: 15, 500: 9}
CELL_SECONDS = 60
EVENTS = 8  # between two windows
SLOW_NS = 50e6
# (points, degree) -> times faster than Ripser: from scratch (stretch), sliding (stretch).
TARGETS = {
    (50, 1): (12, 25, 30, 60), (50, 2): (70, 120, 150, 350), (100, 1): (15, 25, 45, 100),
    (100, 2): (120, 250, 450, 1100), (200, 1): (15, 25, 80, 150), (200, 2): (180, 400, 900, 2500),
    (500, 1): (15, 25, 120, 300), (500, 2): (350, 800, 2500, 8000),
}  # fmt: skip
HARDEST_TARGETS = {1: (10, 20), 2: (14, 40)}  # up to 200 points
# Microseconds of an event that slides: the bytes and compares that no exact method can do without.
FLOOR_US = {50: 3, 100: 9, 200: 30, 500: 180}
PROGRAM = "ripser"
PEERS = (PROGRAM, "ripser.py", "giotto-ph", "giotto-ph, collapsed", "gudhi")
RIPSERS = (PROGRAM, "ripser.py")
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


class Failed(Exception):
    """What stands in the cell instead of a time."""


# The process of a peer.


def call_library(peer):
    def call(matrix, degree, longest):
        start = time.process_time_ns()
        diagrams = peer(matrix, degree, longest)
        return time.process_time_ns() - start, diagrams

    return call


def call_program(folder):
    """The program `ripser`: processor time of the process, from its start to its end."""
    file = folder / "window"
    null = os.open(os.devnull, os.O_WRONLY)

    def call(matrix, degree, longest):
        import numpy

        lower = matrix[numpy.tril_indices(len(matrix), -1)]
        file.write_text("\n".join(f"{entry:.9g}" for entry in lower.tolist()))
        words = [PROGRAM, "--format", "lower-distance", "--dim", str(degree), str(file)]
        if longest < math.inf:
            words[1:1] = ["--threshold", repr(longest)]
        child = os.posix_spawnp(PROGRAM, words, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
        _, status, usage = os.wait4(child, 0)
        if status != 0:
            raise Failed("failed")
        return int(1e9 * (usage.ru_utime + usage.ru_stime)), None

    return call


def serve_peer(name, connection, memory_bytes):
    os.setsid()  # so that the program ends with its process
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    with tempfile.TemporaryDirectory() as folder:
        if name == PROGRAM:
            call = call_program(pathlib.Path(folder))
        else:
            import warnings

            import peer_libraries

            warnings.simplefilter("ignore")
            call = call_library(peer_libraries.PEERS[name])
        while True:
            matrix, degree, longest = connection.recv()
            try:
                nanoseconds, diagrams = call(matrix, degree, longest)
                if nanoseconds < SLOW_NS:
                    nanoseconds, diagrams = call(matrix, degree, longest)
                if diagrams is not None:
                    diagrams = peer_libraries.multisets(diagrams, degree)
                connection.send((nanoseconds, diagrams))
            except MemoryError:
                connection.send((None, "out of memory"))
            except Exception as error:  # whatever a library raises stands in the table
                connection.send((None, str(error)[:60] or type(error).__name__))


class Peer:
    def __init__(self, name, options):
        self.name, self.options = name, options
        self.process = None

    def start(self):
        if self.process is not None:
            return
        context = multiprocessing.get_context("spawn")
        self.connection, other = context.Pipe()
        self.process = context.Process(
            target=serve_peer, args=(self.name, other, int(self.options.memory * 2**30)), daemon=True
        )
        self.process.start()
        other.close()

    def overhead(self, matrix):
        return self.turn(matrix, 0, 0.0) if self.name == PROGRAM else self.turn(star(len(matrix)), 0)

    def turn(self, matrix, degree, longest=math.inf):
        self.start()
        limit = self.options.seconds
        try:
            self.connection.send((matrix, degree, longest))
            if not self.connection.poll(1.5 * limit):  # by the clock on the wall
                self.stop()
                raise Failed(f"> {limit:g} s")
            nanoseconds, given = self.connection.recv()
        except (EOFError, ConnectionError):
            self.stop()
            raise Failed(f"died within {self.options.memory:g} GB") from None
        if nanoseconds is None:
            self.stop()
            raise Failed(given if given != "out of memory" else f"> {self.options.memory:g} GB")
        if nanoseconds > 1e9 * limit:
            raise Failed(f"> {limit:g} s")
        return nanoseconds, given

    def stop(self):
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            self.process.kill()
        self.process.join()
        self.process = None


# Our process.


class Ours:
    def __init__(self, program, limit):
        self.program, self.limit = program, limit
        self.process = None

    def ask(self, request, doubles=None):
        if self.process is None:
            self.process = subprocess.Popen(
                [self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        # What hangs is ended, as with a peer; one request may be a turn of several calls.
        watch = threading.Timer(1.5 * (EVENTS + 2) * self.limit, self.process.kill)
        watch.start()
        try:
            self.process.stdin.write((" ".join(map(str, request)) + "\n").encode())
            if doubles is not None:
                self.process.stdin.write(doubles.astype("<f8").tobytes())
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = b""
        finally:
            watch.cancel()
        if not line:
            self.process.wait()
            message = self.process.stderr.read().decode().strip()
            self.process = None
            raise Failed(message or f"> {self.limit:g} s")
        times = [int(word) for word in line.split()]
        if times and max(times) > 1e9 * self.limit:
            self.process.kill()
            self.process = None
            raise Failed(f"> {self.limit:g} s")
        return times

    def diagrams(self, degree):
        given = []
        for _ in range(degree + 1):
            values = [float(word) for word in self.process.stdout.readline().split()]
            given.append(list(zip(values[::2], values[1::2])))
        return given

    def clock_nanoseconds(self):
        return statistics.median(self.ask(["clock", 1001]))

    def scratch(self, lower, points, degree):
        times = self.ask(["scratch", degree, points, int(SLOW_NS)], lower)
        return times[-1], self.diagrams(degree)

    def open(self, window, degree):
        self.ask(["open", degree, *window.shape], window)

    def push(self, events, degree):
        times = self.ask(["push", len(events)], events)
        self.diagrams(degree)
        return times


# The cells.


class Times:
    """Of one engine in one cell: nanoseconds, or why there are none."""

    def __init__(self):
        self.values, self.overheads, self.failure = [], [], None

    def take(self, measure):
        if self.failure is None:
            try:
                return measure()
            except Failed as failure:
                self.failure = str(failure)
        return None

    def microseconds(self):
        """Without the overhead. Nothing if it did not finish, or if the overhead is nearly all of it."""
        if self.failure is not None or not self.values:
            return None
        work = statistics.median(self.values) - (statistics.median(self.overheads) if self.overheads else 0)
        return work / 1e3 if work > 0 else None

    def nine_in_ten(self):
        """Microseconds that nine of ten do not exceed."""
        if self.failure is not None or len(self.values) < 2:
            return None
        return statistics.quantiles(self.values, n=10)[-1] / 1e3


def star(points):
    import numpy

    matrix = numpy.full((points, points), 2, numpy.float32)
    matrix[0, :] = matrix[:, 0] = 1
    numpy.fill_diagonal(matrix, 0)
    return matrix


def measure_cell(engines, peers, family, points, degree, options):
    import numpy
    import point_families

    windows = options.windows or WINDOWS.get(points, 5)
    random = numpy.random.default_rng([points, degree, *family.encode()])
    # Two chunks of events lead to the steady state; then one for each window.
    stream = point_families.STREAMS[family](random, points + (windows + 2) * EVENTS)
    cell = {name: Times() for name in ("from scratch", "sliding", *(peer.name for peer in peers))}
    sliding = cell["sliding"]
    sliding.take(lambda: engines[1].open(stream[:points], degree))
    sliding.take(lambda: engines[1].push(stream[points : points + 2 * EVENTS], degree))
    began = time.monotonic()
    measured = 0
    for number in range(windows):
        end = points + (number + 3) * EVENTS
        matrix = point_families.distances_of(stream[end - points : end])
        lower = matrix[numpy.tril_indices(points, -1)].astype(float)
        times = cell["from scratch"]
        taken = times.take(lambda: engines[0].scratch(lower, points, degree))
        diagrams = None
        if taken:
            times.values.append(taken[0])
            diagrams = taken[1]
        events = sliding.take(lambda: engines[1].push(stream[end - EVENTS : end], degree))
        sliding.values.extend(events or [])
        for peer in peers:
            times = cell[peer.name]
            taken = times.take(lambda: peer.overhead(matrix))
            if taken:
                times.overheads.append(taken[0])
            taken = times.take(lambda: peer.turn(matrix, degree))
            if taken:
                times.values.append(taken[0])
                if diagrams is not None and taken[1] is not None and taken[1] != diagrams:
                    raise SystemExit(f"{peer.name}, {family}, {points} points, degree {degree}: diagrams differ")
        measured += 1
        if time.monotonic() - began > CELL_SECONDS:
            break
    return cell, measured


# The tables.


def shown_us(value):
    if value is None:
        return "-"
    return f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"


def shown_times(value):
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def geometric_mean(values):
    return math.exp(statistics.fmean(map(math.log, values)))


def ripser_time(cell, options):
    """(microseconds, sign) of the faster of the two; where neither finished, the limit, which it is at least."""
    given = [cell[name].microseconds() for name in RIPSERS if name in cell]
    finished = [value for value in given if value is not None]
    if finished:
        return min(finished), ""
    return 1e6 * options.seconds, ">= "


def ratio_words(ours, theirs, sign):
    return "lost" if ours is None else sign + shown_times(theirs / ours)


def verdict(value, least, stretch):
    if value >= stretch:
        return "stretch met"
    return "met" if value >= least else f"missed: {value / least:.0%} of it"


def table(header, rows):
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def cell_table(cells, names, options):
    rows = []
    for (family, points, degree), (cell, measured) in cells.items():
        row = [family, str(points), str(degree), str(measured)]
        for name in ("from scratch", "sliding", *names):
            times = cell[name]
            row.append(times.failure or shown_us(times.microseconds()))
            if name == "sliding":
                row.append(shown_us(times.nine_in_ten()))
        theirs, sign = ripser_time(cell, options)
        scratch, slide = cell["from scratch"].microseconds(), cell["sliding"].microseconds()
        finished = [cell[name].microseconds() for name in names if cell[name].microseconds()]
        row += [ratio_words(scratch, theirs, sign), ratio_words(slide, theirs, sign)]
        row += [ratio_words(ours, min(finished), "") if finished else "-" for ours in (scratch, slide)]
        floor = FLOOR_US.get(points)
        row += [shown_times(ours / floor) if ours and floor else "-" for ours in (scratch, slide)]
        rows.append(row)
    header = ["input", "n", "degree", "windows", "from scratch", "sliding", "nine in ten"]
    header += names
    header += ["scratch, x Ripser", "sliding, x Ripser", "scratch, x best peer", "sliding, x best peer"]
    return table(header + ["scratch / floor", "sliding / floor"], rows)


def mean_table(cells, options):
    rows = []
    for points, degree in sorted({key[1:] for key in cells}):
        chosen = [cells[family, points, degree][0] for family in LOW_DIMENSIONAL if (family, points, degree) in cells]
        if len(chosen) < len(LOW_DIMENSIONAL):
            continue
        row = [f"{points}, {degree}"]
        for name, first in (("from scratch", 0), ("sliding", 2)):
            ours = [cell[name].microseconds() for cell in chosen]
            theirs = [ripser_time(cell, options) for cell in chosen]
            if None in ours:
                row += ["lost", "-", "-", "-"]
                continue
            mean = geometric_mean([time / own for own, (time, _) in zip(ours, theirs)])
            python = [cell["ripser.py"].microseconds() for cell in chosen]
            of_python = "-" if None in python else shown_times(geometric_mean([t / o for t, o in zip(python, ours)]))
            best = []
            for cell, own in zip(chosen, ours):
                finished = [cell[peer].microseconds() for peer in PEERS if peer in cell and cell[peer].microseconds()]
                best.append(min(finished, default=1e6 * options.seconds) / own)
            sign = ">= " if any(sign for _, sign in theirs) else ""
            row.append(sign + shown_times(mean))
            if (points, degree) in TARGETS:
                least, stretch = TARGETS[points, degree][first : first + 2]
                row.append(f"{least:,} ({stretch:,}): {verdict(mean, least, stretch)}")
            else:
                row.append("-")
            row += [of_python, shown_times(geometric_mean(best))]
        slide = [cell["sliding"].microseconds() for cell in chosen]
        known = points in FLOOR_US and None not in slide
        row.append(shown_times(geometric_mean(slide) / FLOOR_US[points]) if known else "-")
        rows.append(row)
    header = ["n, degree"]
    for name in ("from scratch", "sliding"):
        header += [f"{name}, x Ripser", "target (stretch)", "x ripser.py", "x best peer"]
    return table(header + ["sliding / floor"], rows)


def hardest_table(cells, options):
    rows = []
    for (family, points, degree), (cell, _) in cells.items():
        if family != HARDEST:
            continue
        theirs, sign = ripser_time(cell, options)
        scratch, slide = cell["from scratch"].microseconds(), cell["sliding"].microseconds()
        row = [f"{points}, {degree}", ratio_words(scratch, theirs, sign), ratio_words(slide, theirs, sign)]
        if points <= 200 and scratch and slide:
            least, stretch = HARDEST_TARGETS[degree]
            row.append(f"{least} ({stretch}): {verdict(theirs / slide, least, stretch)}")
        else:
            row.append("-")
        row.append(f"{scratch / slide:.2f}" if scratch and slide else "-")
        rows.append(row)
    header = ["n, degree", "from scratch, x Ripser", "sliding, x Ripser", "target (stretch) of sliding"]
    return table(header + ["from scratch / sliding"], rows)


def overhead_table(cells, names):
    rows = []
    for points in sorted({key[1] for key in cells}):
        row = [str(points)]
        for name in names:
            overheads = [value for key, (cell, _) in cells.items() if key[1] == points for value in cell[name].overheads]
            row.append(shown_us(statistics.median(overheads) / 1e3) if overheads else "-")
        rows.append(row)
    return table(["n", *names], rows)


def machine(options):
    import importlib.metadata

    words = pathlib.Path("/proc/cpuinfo").read_text().splitlines() if os.path.exists("/proc/cpuinfo") else []
    fields = dict(reversed([map(str.strip, line.split(":", 1)) for line in words if ":" in line]))
    model = f"{fields.get('model name', 'unknown')} (family {fields.get('cpu family')}, model {fields.get('model')})"
    compiler = subprocess.run(["g++", "--version"], capture_output=True, text=True).stdout.splitlines()[:1]
    lines = [f"{model}, {os.cpu_count()} cores; {compiler[0] if compiler else 'compiler unknown'}, `bench` preset"]
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("ripser", "giotto-ph", "gudhi", "numpy")]
    lines.append(f"Python {sys.version.split()[0]} with {', '.join(versions)} (PyPI wheels; `ripser` is ripser.py)")
    if PROGRAM in options.names:
        done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "ripser"], capture_output=True, text=True)
        lines.append(f"the program `ripser` {done.stdout.strip() or '(version unknown)'}")
    return lines


def report(cells, clock, options):
    names = options.names
    lines = ["Measured on:\n", *(f"- {line}" for line in machine(options)), ""]
    lines.append(
        f"A call that takes more than {options.seconds:g} s, or {options.memory:g} GB, is not waited for and its cell "
        "says so. Reading the clock costs "
        f"our engines {clock / 1e3:.2f} us a call, which is not subtracted.\n"
    )
    lines += ["### Geometric means over the five inputs of low dimension\n", mean_table(cells, options)]
    lines += [f"### {HARDEST[0].upper()}{HARDEST[1:]}: the hardest input\n", hardest_table(cells, options)]
    lines += ["### Every cell\n", "Medians, microseconds per window or event; nine in ten: of the slid events.\n", cell_table(cells, names, options)]
    lines += ["### Call overhead, subtracted from the peers\n", "Medians, microseconds per call.\n", overhead_table(cells, names)]
    return "\n".join(lines)


def numbers(text):
    return [int(word) for word in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "build" / "bench" / "bench" / "topoforge_window_times")
    parser.add_argument("--points", type=numbers, default=POINTS, help="points of a window: 50,100,200,500")
    parser.add_argument("--degrees", "--dimensions", type=numbers, default=DEGREES, help="highest degrees: 1,2")
    parser.add_argument("--inputs", default="", help="only inputs whose name contains it")
    parser.add_argument("--windows", type=int, help="windows of each cell")
    parser.add_argument("--seconds", type=float, default=60, help="limit of one call")
    parser.add_argument("--memory", type=float, default=6, help="limit of a peer's address space in GB")
    parser.add_argument("--document", type=pathlib.Path, help="a Markdown file whose measured part is replaced")
    options = parser.parse_args()
    try:
        python = environment.interpreter()
    except environment.Unavailable as missing:
        raise SystemExit(f"bench-peers: {missing}") from None
    if pathlib.Path(sys.prefix).resolve() != python.parents[1].resolve():
        os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        os.execv(python, [str(python), *sys.argv])

    options.names = [name for name in PEERS if name != PROGRAM or shutil.which(PROGRAM)]
    if PROGRAM not in options.names:
        print("the program `ripser` is not installed: ratios are to ripser.py", file=sys.stderr)
    engines = [Ours(options.program, options.seconds) for _ in range(2)]
    peers = [Peer(name, options) for name in options.names]
    clock = engines[0].clock_nanoseconds()
    cells = {}
    for degree in options.degrees:
        for points in options.points:
            for family in (*LOW_DIMENSIONAL, HARDEST):
                if options.inputs not in family:
                    continue
                began = time.monotonic()
                cells[family, points, degree] = cell, windows = measure_cell(engines, peers, family, points, degree, options)
                words = [f"{name} {times.failure or shown_us(times.microseconds())}" for name, times in cell.items()]
                seconds = time.monotonic() - began
                print(f"{points}, {degree}, {family}: {'; '.join(words)} ({seconds:.0f} s)", file=sys.stderr, flush=True)
    for peer in peers:
        peer.stop()
    text = report(cells, clock, options)
    print(text)
    if options.document:
        before, rest = options.document.read_text().split(BEGIN)
        options.document.write_text(before + BEGIN + "\n\n" + text + "\n" + END + rest.split(END)[1])


if __name__ == "__main__":
    main()
