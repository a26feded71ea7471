"""The command `topoforge watch` from outside, on the host that runs the test."""
import json
import math
import os
import pty
import re
import select
import signal
import subprocess
import time

import pytest

from program import BINARY

CHANNELS = {"cpu_user", "cpu_system", "cpu_iowait", "cpu_other", "load_1m", "memory_used", "disk_read_log",
            "disk_write_log", "net_rx_log", "net_tx_log", "net_rx_packets_log", "net_tx_packets_log",
            "context_switches_log"}


def watch(*arguments, timeout=60):
    return subprocess.run([BINARY, "watch", *arguments], capture_output=True, text=True, timeout=timeout)


def test_live_line_goes_from_warming_up_to_a_score():
    done = watch("--rate", "50", "--window", "60", "--duration", "3.2")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert re.match(r"\d\d:\d\d:\d\dZ .* \| warming up \d+ %$", lines[0]), lines[0]
    scored = [line for line in lines if re.search(r"\| score [01]\.\d\d (learning|normal|ANOMALY)$", line)]
    assert scored, lines
    assert re.match(r"\d+ events in \d+\.\d s, \d+ episodes?, \d+ alarms?", lines[-1]), lines[-1]


def test_every_event_is_a_message_in_ndjson():
    done = watch("--rate", "50", "--window", "20", "--duration", "1.5", "--format", "ndjson")
    assert done.returncode == 0, done.stderr
    *messages, summary = [json.loads(line) for line in done.stdout.splitlines()]
    assert summary["type"] == "summary"
    assert summary["events"] == len(messages)
    assert summary["analyses"] == sum("anomaly_score" in message["data"] for message in messages)
    assert summary["analyses"] >= 1
    assert summary["episodes"] == sum((message["data"].get("episode") or {}).get("change") == "opened"
                                      for message in messages)
    first, last = messages[0], messages[-1]
    assert first["data"] == {"status": "buffering", "count": 1}
    assert last["type"] == "analysis"
    assert 0 <= last["data"]["anomaly_score"] <= 1
    for message in messages:
        event = message["original_event"]
        assert event["source"] == "host" and event["entity"]
        assert set(event["values"]) <= CHANNELS
        assert all(math.isfinite(value) for value in event["values"].values())
    assert {"cpu_user", "memory_used"} <= set(last["original_event"]["values"])


def test_events_keep_their_rate():
    done = watch("--rate", "20", "--duration", "2", "--format", "ndjson")
    summary = json.loads(done.stdout.splitlines()[-1])
    assert 36 <= summary["events"] + summary["skipped"] <= 41


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_with_a_summary_at_once(number):
    process = subprocess.Popen([BINARY, "watch", "--rate", "0.1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True)
    time.sleep(1.0)
    begin = time.monotonic()
    process.send_signal(number)
    output, errors = process.communicate(timeout=30)
    assert time.monotonic() - begin < 3
    assert process.returncode == 0, errors
    assert re.match(r"0 events in \d+\.\d s, 0 episodes, 0 alarms; no verdict yet", output), output


def test_live_line_is_written_over_on_a_terminal():
    reader, terminal = pty.openpty()
    process = subprocess.Popen([BINARY, "watch", "--duration", "2.3"], stdout=terminal, stderr=subprocess.DEVNULL)
    os.close(terminal)
    output = b""
    end = time.monotonic() + 30
    while time.monotonic() < end and select.select([reader], [], [], 10)[0]:
        try:
            block = os.read(reader, 4096)
        except OSError:  # Linux's way to say that the other side is closed
            break
        output += block
    assert process.wait(timeout=30) == 0
    os.close(reader)
    assert output.count(b"\n") == 1, output
    assert output.count(b"\r\x1b[K") >= 3, output
    assert re.search(rb" events in \d+\.\d s", output)


@pytest.mark.parametrize("arguments, message", [
    (["--rate", "0"], "0 is outside 0.1 to 100"),
    (["--rate", "101"], "101 is outside 0.1 to 100"),
    (["--rate", "nan"], "outside 0.1 to 100"),
    (["--rate", "fast"], "fast"),
    (["--duration", "-1"], "--duration -1 is outside 0"),
    (["--duration", "inf"], "--duration inf is outside 0"),
    (["--window", "1"], "window"),
    (["--window", "-5"], "--window: Value -5 not in range"),
    (["--seed", "-5"], "--seed"),
    (["--threshold", "1.5"], "threshold"),
    (["--format", "xml"], "xml"),
    (["--colour"], "--colour"),
])
def test_wrong_use_is_exit_code_2_with_a_message(arguments, message):
    done = watch(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_bad_threat_rules_are_refused_with_their_place(tmp_path):
    table = tmp_path / "rules.toml"
    table.write_text('[[rule]]\ntechnique_id = "T10"\n')
    done = watch("--threat-rules", str(table))
    assert done.returncode == 1
    assert f"{table}:1:1: rule 1, " in done.stderr
    assert watch("--threat-rules", str(tmp_path / "none")).returncode == 1


def test_good_threat_rules_are_taken(tmp_path):
    table = tmp_path / "rules.toml"
    table.write_text(subprocess.run([BINARY, "rules"], capture_output=True, text=True, timeout=60).stdout)
    assert watch("--threat-rules", str(table), "--duration", "0.3").returncode == 0
