"""Detection on labelled streams: `topoforge detect` over each of them, as a user would, and how well it did.

`make bench-detection BENCH_ARGS="--data FOLDER"`. The folder has a manifest.json, whose `series` say name, file,
train_rows and source (or half), and an evaluate.py with the measures; shape/ below it, where there is one, is of the
same form. A row's score uses the rows up to it alone, the rows before train_rows calibrate and are not scored, and one
configuration serves all streams. Of shapes the score is placed half a window back as well, for a window has to fill
with a new shape before it can be told.
"""

import argparse
import concurrent.futures
import csv
import importlib.util
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "published"))

import environment  # noqa: E402

PROGRAM = ROOT / "build" / "bench" / "topoforge"
HALF_A_WINDOW = 50


def evaluation(folder):
    """The measures that stand beside the streams."""
    specification = importlib.util.spec_from_file_location("evaluate", folder / "evaluate.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def series_of(folder):
    listed = json.loads((folder / "manifest.json").read_text())["series"]
    return [{**one, "path": folder / pathlib.PurePath(one["file"]).name} for one in listed]


def detected(one, options):
    """Scores, alarms and seconds."""
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder) / "scores.csv"
        command = [PROGRAM, "detect", one["path"], "--train-rows", str(one["train_rows"]), "--format", "csv", "-q",
                   "--output", output, *options]  # fmt: skip
        began = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True)
        seconds = time.monotonic() - began
        if done.returncode != 0:
            raise SystemExit(f"{one['name']}: {done.stderr}")
        with open(output, newline="") as lines:
            rows = list(csv.DictReader(lines))
    return [float(row["anomaly_score"]) for row in rows], [row["is_anomaly"] in ("1", "true") for row in rows], seconds


def measured(measures, one, options):
    scores, alarms, seconds = detected(one, options)
    values, labels, _ = measures.read_series(str(one["path"]))
    numpy = measures.np
    scores, alarms, first = numpy.array(scores), numpy.array(alarms, dtype=int), one["train_rows"]
    window = one.get("vus_window", 0) or measures.period(values[:, 0])
    found = {"rows": len(labels), "seconds": seconds}
    if labels[first:].any():
        found |= measures.evaluate(labels[first:], scores[first:], window, quick=True)
        if "half" in one:
            placed = numpy.concatenate((scores[HALF_A_WINDOW:], numpy.repeat(scores[-1], HALF_A_WINDOW)))
            found["AUC-PR placed"] = measures.auc_pr(labels[first:], placed[first:])
        hits = int((alarms[first:] * labels[first:]).sum())
        found["F1"] = 2 * hits / max(int(alarms[first:].sum() + labels[first:].sum()), 1)
    found |= measures.events(labels[first:], alarms[first:])
    return found


def mean_of(results, key):
    values = [one[key] for one in results if key in one and one[key] == one[key]]
    return (statistics.mean(values), statistics.median(values)) if values else None


def line_of(name, results):
    cells = [name, str(len(results))]
    for key in ("VUS-PR", "AUC-PR", "AUC-PR placed", "AUC-ROC", "F1"):
        both = mean_of(results, key)
        cells.append(f"{both[0]:.3f} / {both[1]:.3f}" if both else "-")
    anomalies = sum(one["anomalies"] for one in results)
    cells.append(f"{sum(one['detected'] for one in results)} of {anomalies}")
    delay = mean_of(results, "delay_median")
    cells.append(f"{delay[0]:.0f}" if delay else "-")
    cells.append(f"{mean_of(results, 'false_alarm_episodes_per_1000')[0]:.2f}")
    cells.append(f"{sum(one['rows'] for one in results) / sum(one['seconds'] for one in results):,.0f}")
    return "| " + " | ".join(cells) + " |"


HEAD = (
    "| source | streams | VUS-PR, mean / median | AUC-PR | AUC-PR, placed half a window back | AUC-ROC "
    "| F1 at the default threshold | anomalies detected | delay, rows | false episodes per 1,000 rows | rows a second |"
)


def write_document(path, table):
    """The place is marked by two comments."""
    begin, end = "<!-- detection: begin -->", "<!-- detection: end -->"
    head, rest = path.read_text().split(begin)
    path.write_text(f"{head}{begin}\n\n{table}\n\n{end}{rest.split(end)[1]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with manifest.json and evaluate.py")
    parser.add_argument("--only", default="", help="sources, comma-separated")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--document", type=pathlib.Path, help="a Markdown file whose measured part is replaced")
    parser.add_argument("options", nargs="*", help="for topoforge detect, after --")
    arguments = parser.parse_args()
    measures = evaluation(arguments.data)
    jobs = series_of(arguments.data)
    if (arguments.data / "shape" / "manifest.json").exists():
        jobs += series_of(arguments.data / "shape")
    wanted = {name for name in arguments.only.split(",") if name}
    by_source = {}
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        runs = {}
        for one in jobs:
            source = one.get("source") or "shape, " + one["half"].lower()
            if not wanted or source in wanted:
                runs[pool.submit(measured, measures, one, arguments.options)] = source
        for run in concurrent.futures.as_completed(runs):
            by_source.setdefault(runs[run], []).append(run.result())
    order = list(dict.fromkeys(runs.values()))
    table = "\n".join([HEAD, "|" + " --- |" * 11, *(line_of(source, by_source[source]) for source in order)])
    print(table)
    if arguments.document:
        write_document(arguments.document, table)


if __name__ == "__main__":
    if importlib.util.find_spec("numpy") is None:
        try:
            python = environment.interpreter()
        except environment.Unavailable as missing:
            sys.exit(f"NumPy, which evaluate.py needs, is not there: {missing}")
        os.execv(python, [python, "-B", *sys.argv])
    main()
