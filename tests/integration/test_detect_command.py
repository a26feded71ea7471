"""`topoforge detect` from outside: what it prints, what bad input gets, real data, repeatability and memory.

TOPOFORGE_BINARY names the program. The real data are in TOPOFORGE_TEST_DATA or in ../shared/data beside the checkout;
where that folder is not there, the tests over it say so and are skipped.
"""

import csv
import gzip
import io
import json
import math
import os
import pathlib
import random
import subprocess

import numpy
import pytest

from program import BINARY, sanitized

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("TOPOFORGE_TEST_DATA", CHECKOUT.parent / "shared" / "data"))
HEADER = ["row", "timestamp", "anomaly_score", "p_value", "is_anomaly", "risk_level"]

needs_data = pytest.mark.skipif(not (DATA / "manifest.json").exists(), reason=f"no test data in {DATA}")


def detect(*arguments, stdin=None):
    return subprocess.run([BINARY, "detect", *map(str, arguments)], input=stdin, capture_output=True, timeout=600)


def write(folder, text, name="f.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def wave(rows, channels=2, start=0):
    """Rows of a noisy loop, the same at each call."""
    noise = random.Random(7)
    for i in range(start, start + rows):
        yield [math.sin(0.3 * i + c) + noise.gauss(0, 0.05) for c in range(channels)]


def table(rows=120, channels=2, header=True):
    lines = [",".join(["timestamp"] + [f"x{c}" for c in range(channels)])] if header else []
    for i, values in enumerate(wave(rows, channels)):
        lines.append(",".join([str(i)] + [f"{v:.6f}" for v in values]))
    return "\n".join(lines) + "\n"


def rows_of(result):
    assert result.returncode == 0, result.stderr.decode()
    return list(csv.DictReader(io.StringIO(result.stdout.decode())))


def assert_fails(result, *words, code=1):
    message = result.stderr.decode()
    assert result.returncode == code, message
    for word in words:
        assert word in message
    assert len(message.strip().splitlines()) <= 2, message
    assert result.stdout == b""


# ------------------------------------------------------------------------------------------------ what it prints


def test_csv_has_one_row_for_each_row_of_the_file(tmp_path):
    path = write(tmp_path, table(120))
    result = detect(path, "--format", "csv")
    rows = rows_of(result)
    assert list(rows[0]) == HEADER
    assert [int(r["row"]) for r in rows] == list(range(120))
    assert [r["timestamp"] for r in rows] == [str(i) for i in range(120)]
    assert all(r["anomaly_score"] == "0" and r["p_value"] == "1" and r["risk_level"] == "Low" for r in rows[:49])
    for r in rows:
        assert 0 <= float(r["anomaly_score"]) <= 1 and 0 < float(r["p_value"]) <= 1
        assert int(r["is_anomaly"]) == (float(r["anomaly_score"]) > 0.5)
    assert "episode" in result.stderr.decode()


def test_rows_between_two_analyses_repeat_the_verdict(tmp_path):
    rows = rows_of(detect(write(tmp_path, table(150)), "--format", "csv", "--stride", "10"))
    assert len(rows) == 150
    scores = [r["anomaly_score"] for r in rows]
    for first in range(49, 140, 10):
        assert len(set(scores[first:first + 10])) == 1


def test_train_rows_give_no_verdict_before_they_are_whole(tmp_path):
    rows = rows_of(detect(write(tmp_path, table(150)), "--format", "csv", "--train-rows", "100"))
    assert all(r["p_value"] == "1" for r in rows[:99])
    assert any(r["p_value"] != "1" for r in rows[99:])


def test_ndjson_is_one_whole_analysis_a_line(tmp_path):
    result = detect(write(tmp_path, table(60)), "--format", "ndjson", "--quiet")
    lines = [json.loads(line) for line in result.stdout.decode().splitlines()]
    assert [line["row"] for line in lines] == list(range(49, 60))
    for line in lines:
        assert line["row_timestamp"] == str(line["row"])
        assert line["source"] == "f"
        assert sum(c["share"] for c in line["contributions"]) == pytest.approx(1)
        assert sum(a["share"] for a in line["attribution"]) == pytest.approx(1)
        assert {"betti_numbers", "security_analysis", "p_value", "confidence", "explanation"} <= set(line)
    assert result.stderr == b""


def test_table_and_json_tell_the_same_episode(tmp_path):
    lines = table(400).splitlines()
    for i in range(301, 331):
        lines[i] = f"{i - 1},{8 + i % 3},{-7 - i % 5}"
    path = write(tmp_path, "\n".join(lines) + "\n")
    document = json.loads(detect(path, "--format", "json", "--train-rows", "200").stdout)
    assert document["input"]["rows"] == 400 and document["input"]["channels"] == ["x0", "x1"]
    assert document["summary"]["episodes"] == len(document["episodes"]) >= 1
    worst = max(document["episodes"], key=lambda e: e["anomaly_score"])
    assert 295 <= worst["start"]["row"] <= 310 and worst["start"]["row"] <= worst["peak"]["row"] <= worst["end"]["row"]
    assert {c["channel"] for c in worst["channels"]} <= {"x0", "x1"}
    text = detect(path, "--train-rows", "200").stdout.decode()
    assert "400 rows, 2 channels" in text and f"{worst['anomaly_score']:.3f}" in text
    assert worst["risk_level"] in text and "\x1b" not in text


def test_formats_agree_on_the_scores(tmp_path):
    path = write(tmp_path, table(120))
    by_csv = {int(r["row"]): float(r["anomaly_score"]) for r in rows_of(detect(path, "--format", "csv"))}
    lines = detect(path, "--format", "ndjson").stdout.decode().splitlines()
    assert {json.loads(line)["row"]: json.loads(line)["anomaly_score"] for line in lines} == {
        row: score for row, score in by_csv.items() if row >= 49}


def test_gzip_ndjson_and_standard_input_give_the_same_verdicts(tmp_path):
    text = table(90)
    rows = list(csv.DictReader(io.StringIO(text)))
    events = "".join(json.dumps({"values": {"x0": float(r["x0"]), "x1": float(r["x1"])}}) + "\n" for r in rows)
    path = write(tmp_path, text)
    wanted = [r["anomaly_score"] for r in rows_of(detect(path, "--format", "csv"))]
    packed = write(tmp_path, gzip.compress(text[:500].encode()) + gzip.compress(text[500:].encode()), "f.csv.gz")
    plain = write(tmp_path, events, "f.ndjson")
    packed_events = write(tmp_path, gzip.compress(events.encode()), "f.jsonl.gz")
    for run in (detect(packed, "--format", "csv"), detect(plain, "--format", "csv"),
                detect(packed_events, "--format", "csv"),
                detect("-", "--format", "csv", stdin=text.encode()),
                detect("-", "--format", "csv", stdin=events.encode()),
                detect("-", "--format", "csv", "--input-format", "ndjson", stdin=events.encode()),
                detect("-", "--format", "csv", stdin=gzip.compress(text.encode()))):
        assert [r["anomaly_score"] for r in rows_of(run)] == wanted


def test_streams_of_one_file_are_judged_apart():
    events, alone = [], []
    for i, values in enumerate(wave(80)):
        event = {"values": {"a": values[0], "b": values[1]}, "id": i}
        alone.append(json.dumps({**event, "source": "web"}))
        events += [alone[-1], json.dumps({"values": {"load": i % 7}, "source": "db", "entity": 3})]
    run = detect("-", "--format", "ndjson", stdin="\n".join(events).encode())
    lines = [json.loads(line) for line in run.stdout.decode().splitlines()]
    assert {(line["source"], line["entity"]) for line in lines} == {("web", ""), ("db", "3")}
    single = detect("-", "--format", "ndjson", stdin="\n".join(alone).encode())
    assert [line["anomaly_score"] for line in lines if line["source"] == "web"] == [
        json.loads(line)["anomaly_score"] for line in single.stdout.decode().splitlines()]
    assert "2 streams" in run.stderr.decode()


def test_repeated_id_is_counted_once():
    lines = [json.dumps({"values": {"a": v[0], "b": v[1]}, "id": i}) for i, v in enumerate(wave(80))]
    run = detect("-", "--format", "csv", stdin="\n".join(lines[:60] + lines[59:]).encode())
    once = rows_of(detect("-", "--format", "csv", stdin="\n".join(lines).encode()))
    rows = rows_of(run)
    assert len(rows) == 81 and "1 events with an id seen before were not counted" in run.stderr.decode()
    assert [r["anomaly_score"] for r in rows[:60] + rows[61:]] == [r["anomaly_score"] for r in once]


def test_verdicts_of_a_live_stream_come_at_once():
    command = [BINARY, "detect", "-", "--format", "ndjson"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        process.stdin.write(table(50).encode())
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["row"] == 49  # the input is still open
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_listed_episodes_are_bounded_and_the_worst(tmp_path):
    noise = random.Random(1)
    lines = ["x,y"]
    for i in range(25000):
        jump = 40 * (1 + noise.random()) if i >= 1000 and i % 20 == 0 else 0
        lines.append(f"{noise.gauss(0, 1) + jump:.3f},{noise.gauss(0, 1) - jump:.3f}")
    path = write(tmp_path, "\n".join(lines))
    common = [path, "--window", "4", "--train-rows", "1000", "--threshold", "0.3"]
    document = json.loads(detect(*common, "--format", "json").stdout)
    total, left_out = document["summary"]["episodes"], document["summary"]["episodes_left_out"]
    assert total > 1000 and left_out == total - 1000 and len(document["episodes"]) == 1000
    assert max(e["anomaly_score"] for e in document["episodes"]) == document["summary"]["highest_score"]
    starts = [e["start"]["row"] for e in document["episodes"]]
    assert starts == sorted(starts) and starts[-1] > 20000
    assert f"and {left_out} episodes of lower scores" in detect(*common).stdout.decode()


def test_the_same_input_and_seed_give_the_same_bytes(tmp_path):
    path = write(tmp_path, table(200))
    for form in ("csv", "ndjson", "json", "table"):
        first, second = (detect(path, "--format", form, "--seed", "5") for _ in range(2))
        assert first.returncode == 0 and first.stdout == second.stdout


# ------------------------------------------------------------------------------------------------ what bad input gets


@pytest.mark.parametrize("text, words", [
    ("", ["is empty; wanted a header and rows"]),
    ("\n\n", ["has blank lines only"]),
    ("timestamp,x\n", ["a header and no row below it"]),
    (table(60).replace("x0,x1", "x0,x0"), [":1: the name 'x0' stands twice"]),
    ("timestamp,x\n0,1\n1,abc\n", [":3: column 'x' (2): 'abc' is not a number; wanted a finite number"]),
    ("timestamp,x\n0,1\n1,NaN\n", [":3: column 'x' (2): 'NaN' is not a finite number"]),
    ("timestamp,x\n0,1\n1,-inf\n", [":3: column 'x' (2): '-inf' is not a finite number"]),
    ("timestamp,x\n0,1\n1,1e999\n", [":3: column 'x' (2): '1e999'"]),
    ("timestamp,x\n0,1\n1\n", [":3: the row has 1 fields; wanted 2"]),
    ("timestamp,x\n0,1,2\n", [":2: the row has 3 fields; wanted 2"]),
    ("timestamp,x\n2024-01-01T00:00:00Z,1\n1704067201,1\n", [":3: column 'timestamp' (1)", "epoch time in seconds"]),
    ("timestamp,x\n2023-02-29T00:00:00Z,1\n", [":2: column 'timestamp' (1)", "month 2 of 2023 has no day 29"]),
    ("a,b\nx,y\n", ["no column of numbers is left", "'a', 'b'"]),
    ("x\n1\n\"2\n", [":3: the quote that opens field 1 is not closed"]),
    (b"x\n1\n\x00\n", [":3: byte 1 of the line is NUL"]),
    ("x\n1\n".encode("utf-16"), [":1: the text is UTF-16; wanted UTF-8"]),
    (table(30), ["30 rows, too few for a verdict; wanted at least 50 (--window 50)"]),
])
def test_bad_file_is_an_error_with_its_place(tmp_path, text, words):
    path = write(tmp_path, text)
    for form in ("csv", "table"):
        assert_fails(detect(path, "--format", form), str(path), *words)


@pytest.mark.parametrize("line, words", [
    ('{"values":{"x":"high"}}', ["values.x: wanted a finite number, got text 'high'"]),
    ('{"values":{"x":1e400}}', ["values.x: '1e400' is beyond the range of a double"]),
    ('{"values":{"x":1,"x":2}}', ["values.x: the key 'x' stands twice"]),
    ('{"values":{"x":NaN}}', ["invalid JSON"]),
    ('{"values":{"y":1}}', ["'y'"]),
    ('{"user":"ann"}', ["wanted 'value'"]),
    ("[" * 100000, ["nested deeper than 16 levels"]),
    ('{"value":1', ["invalid JSON"]),
])
def test_bad_event_is_an_error_with_its_place(line, words):
    good = '{"values":{"x":1}}\n'
    assert_fails(detect("-", "--input-format", "ndjson", stdin=(good + line + "\n").encode()), "standard input:2: ", *words)


@pytest.mark.parametrize("arguments, words", [
    (["--channel", "gpu"], ["no column 'gpu'; the columns are 'timestamp', 'x0', 'x1'"]),
    (["--timestamp-column", "when"], ["no column 'when'"]),
    (["--label-column", "truth"], ["no column 'truth'"]),
    (["--train-rows", "500"], ["120 rows, too few for a verdict; wanted at least 500 (--train-rows 500)"]),
])
def test_file_that_does_not_fit_the_options_is_an_error(tmp_path, arguments, words):
    assert_fails(detect(write(tmp_path, table(120)), *arguments), *words)


@pytest.mark.parametrize("arguments, word", [
    (["--window", "1"], "--window"), (["--window", "4096"], "--window"), (["--window", "-5"], "--window"),
    (["--stride", "0"], "stride"), (["--stride", "-1"], "--stride"), (["--lag", "-1"], "--lag"),
    (["--train-rows", "10"], "--train-rows 10 is below --window 50"), (["--train-rows", "-1"], "--train-rows"),
    (["--threshold", "1.5"], "threshold is 1.5"), (["--threshold", "nan"], "threshold"),
    (["--max-dimension", "3"], "--max-dimension"), (["--seed", "-1"], "--seed"),
    (["--format", "xml"], "--format"), (["--invalid-values", "zero"], "--invalid-values"),
])
def test_wrong_option_is_wrong_use(tmp_path, arguments, word):
    assert_fails(detect(write(tmp_path, table(60)), *arguments), word, code=2)


def test_column_option_with_ndjson_is_wrong_use():
    assert_fails(detect("-", "--channel", "x", stdin=b'{"value":1}\n'), "--channel is for CSV", code=2)
    assert detect().returncode == 2


def test_missing_cells_are_carried_forward_and_told(tmp_path):
    lines = table(80).splitlines()
    lines[1] = "0,,1"
    lines[40] = "39,,"
    result = detect(write(tmp_path, "\n".join(lines)), "--format", "csv")
    assert len(rows_of(result)) == 80
    assert "3 empty cells were taken as the value before them, the first in line 2" in result.stderr.decode()


def test_invalid_values_are_missing_by_option(tmp_path):
    lines = table(80).splitlines()
    lines[30] = "29,nan,oops"
    path = write(tmp_path, "\n".join(lines))
    assert_fails(detect(path), ":31: column 'x0' (2): 'nan'")
    result = detect(path, "--format", "csv", "--invalid-values", "missing")
    assert len(rows_of(result)) == 80
    assert "2 values that are no numbers were taken as missing, the first in line 31" in result.stderr.decode()


def test_times_out_of_order_and_repeated_are_told(tmp_path):
    lines = table(80).splitlines()
    lines[10], lines[11] = lines[11], lines[10]
    lines[21] = "19," + lines[21].split(",", 1)[1]
    text = detect(write(tmp_path, "\n".join(lines))).stdout.decode()
    assert "1 row is earlier than the row before it and kept the order of the file, the first in line 12" in text
    assert "1 row has the time of the row before it, the first in line 22" in text


def test_byte_order_mark_and_crlf_change_nothing(tmp_path):
    plain = rows_of(detect(write(tmp_path, table(80)), "--format", "csv"))
    dressed = write(tmp_path, b"\xef\xbb\xbf" + table(80).replace("\n", "\r\n").encode(), "g.csv")
    assert rows_of(detect(dressed, "--format", "csv")) == plain


def test_constant_one_and_two_hundred_channels_are_analysed(tmp_path):
    constant = "x,y\n" + "5,5\n" * 120
    rows = rows_of(detect(write(tmp_path, constant), "--format", "csv"))
    assert not any(int(r["is_anomaly"]) for r in rows)
    assert len(rows_of(detect(write(tmp_path, table(100, 1)), "--format", "csv"))) == 100
    assert len(rows_of(detect(write(tmp_path, table(60, 200)), "--format", "csv"))) == 60


def test_file_without_header_is_read(tmp_path):
    result = detect(write(tmp_path, table(80, header=False)), "--format", "csv")
    assert len(rows_of(result)) == 80
    assert "the first row is data, not names" in result.stderr.decode()


def test_line_of_two_gigabytes_is_refused_in_bounded_memory(tmp_path):
    path = write(tmp_path, "x\n1\n")
    os.truncate(path, 2 << 30)
    code, peak_kb, message = run_measured([path])
    assert code == 1 and f"{path}:3: the line is longer than 8388608 bytes" in message
    assert peak_kb < (512 if sanitized() else 150) << 10  # a sanitizer keeps memory of its own


def test_damaged_gzip_is_an_error(tmp_path):
    packed = gzip.compress(table(120).encode())
    path = write(tmp_path, packed[:len(packed) // 2], "f.csv.gz")
    assert_fails(detect(path), str(path), "the gzip data end too early; the file is truncated")


# ------------------------------------------------------------------------------------------------ output


def test_output_file_is_whole_or_as_it_was(tmp_path):
    out = write(tmp_path, "old", "out.csv")
    assert detect(write(tmp_path, table(30)), "--format", "csv", "--output", out).returncode == 1
    assert out.read_text() == "old"
    path = write(tmp_path, table(80))
    assert detect(path, "--format", "csv", "--output", out).returncode == 0
    assert out.read_bytes() == detect(path, "--format", "csv").stdout
    assert sorted(p.name for p in tmp_path.iterdir()) == ["f.csv", "out.csv"]


def test_output_that_cannot_be_written_is_an_error(tmp_path):
    path = write(tmp_path, table(80))
    assert_fails(detect(path, "--output", tmp_path / "none" / "out"), "/none/out: cannot write")
    assert_fails(detect(path, "--format", "csv", "--output", "/dev/full"), "/dev/full: cannot write: No space left")
    assert_fails(detect(tmp_path / "none.csv"), "none.csv: cannot open: No such file")
    assert_fails(detect(tmp_path), "is a folder")


def test_reader_that_goes_away_ends_the_run_quietly(tmp_path):
    path = write(tmp_path, table(3000))
    command = [BINARY, "detect", str(path), "--format", "csv", "--quiet", "--stride", "10"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


# ------------------------------------------------------------------------------------------------ memory


def run_measured(arguments, stdin=None):
    """Exit code, peak resident kilobytes and standard error of one run; `stdin` yields bytes."""
    command = [BINARY, "detect", *map(str, arguments), "--format", "csv"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    for part in stdin or ():
        process.stdin.write(part)
    process.stdin.close()
    message = process.stderr.read().decode()
    process.stderr.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss, message


@pytest.mark.skipif(sanitized(), reason="a sanitizer keeps memory of its own")
def test_three_hundred_thousand_rows_pass_in_bounded_memory():
    def parts():
        yield b"timestamp,x\n"
        for block in range(300):
            lines = (f"{block * 1000 + i},{math.sin(0.01 * i) + i % 7:.4f}\n" for i in range(1000))
            yield "".join(lines).encode()

    code, peak_kb, message = run_measured(["-", "--stride", "50"], parts())
    assert code == 0 and "of 300,000" in message
    assert peak_kb < 150 << 10


# ------------------------------------------------------------------------------------------------ real data


def series(name):
    manifest = json.loads((DATA / "manifest.json").read_text())
    entry = next(s for s in manifest["series"] if s["name"] == name)
    with gzip.open(DATA / entry["file"], "rt") as file:
        labels = numpy.array([int(row[-1]) for row in list(csv.reader(file))[1:]])
    return entry, DATA / entry["file"], labels


def auc_roc(labels, scores):
    """Share of pairs of an anomalous and a normal row in which the anomalous one scores higher; ties count half."""
    _, rank, count = numpy.unique(scores, return_inverse=True, return_counts=True)
    mean_rank = (numpy.cumsum(count) - (count - 1) / 2)[rank]
    positive = labels == 1
    n1, n0 = positive.sum(), (~positive).sum()
    return (mean_rank[positive].sum() - n1 * (n1 + 1) / 2) / (n1 * n0)


@needs_data
@pytest.mark.parametrize("name, stride", [
    ("nab_realKnownCause__ambient_temperature_system_failure", 5), ("skab_valve1_10", 5), ("smd_machine-1-7", 100),
    ("asd_omi-1", 50), ("nsl_dos_2", 5), ("zeek_010", 5)])
def test_series_of_every_source_is_read_whole(name, stride):
    entry, path, labels = series(name)
    common = [path, "--train-rows", entry["train_rows"], "--stride", stride]
    rows = rows_of(detect(*common, "--format", "csv"))
    assert len(rows) == entry["rows"] == len(labels)
    scores = numpy.array([float(r["anomaly_score"]) for r in rows])
    assert numpy.isfinite(scores).all() and scores.min() >= 0 and scores.max() <= 1
    document = json.loads(detect(*common, "--format", "json").stdout)
    assert document["input"]["rows"] == entry["rows"]
    assert document["input"]["channels"] == entry["channels"]
    assert document["input"]["timestamp_column"] == "timestamp"
    assert document["summary"]["anomalous_rows"] == sum(int(r["is_anomaly"]) for r in rows)


@needs_data
@pytest.mark.parametrize("name, floor", [("skab_valve1_10", 0.75), ("skab_other_9", 0.75), ("zeek_010", 0.8)])
def test_anomalous_rows_score_higher_than_normal_ones(name, floor):
    entry, path, labels = series(name)
    rows = rows_of(detect(path, "--train-rows", entry["train_rows"], "--format", "csv"))
    scores = numpy.array([float(r["anomaly_score"]) for r in rows])
    assert auc_roc(labels[entry["train_rows"]:], scores[entry["train_rows"]:]) >= floor
