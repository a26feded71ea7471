"""What keeps a server going: backup and restore, retention, example data."""

import datetime
import random
import re
import shutil
import sqlite3
import subprocess
import time

from program import BINARY
from server import Server, clean_environment, running
from test_accounts import sign_in

ADMIN = {"ADMIN_EMAIL": "root@example.com", "ADMIN_PASSWORD": "Rooted123"}
WAIT_SECONDS = 60


def run(*arguments, given=None):
    return subprocess.run(
        [BINARY, *arguments], capture_output=True, text=True, timeout=120, input=given, env=clean_environment()
    )


def days_ago(days):
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days)


def log_anomaly(client, source, time_of_it):
    body = {"source": source, "anomaly_score": 0.9, "timestamp": time_of_it.isoformat()}
    status, answer = client.post("/api/anomalies/", body)
    assert status in (200, 201), answer
    return answer["id"]


def count(client, source=None):
    path = "/api/anomalies/?limit=1" + (f"&source={source}" if source else "")
    status, answer = client.get(path)
    assert status == 200, answer
    return answer["total"]


def wait_for(condition):
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)


# Backup


def test_a_backup_of_a_running_server_is_restored(tmp_path):
    folder, copy = tmp_path / "data", tmp_path / "copy.db"
    with running(folder, env=ADMIN) as server:
        root, _ = sign_in(server, "root@example.com", "Rooted123")
        kept = log_anomaly(root, "kept", days_ago(1))
        done = run("backup", str(copy), "--data-dir", str(folder))
        assert done.returncode == 0, done.stderr
        found = re.fullmatch(re.escape(str(copy)) + r": ([\d,]+) bytes, 1 anomaly, 1 account\n", done.stdout)
        assert found and int(found.group(1).replace(",", "")) == copy.stat().st_size
        assert copy.stat().st_mode & 0o777 == 0o600
        assert [file.name for file in tmp_path.iterdir() if file.name.startswith("copy")] == ["copy.db"]
        log_anomaly(root, "lost", days_ago(1))
        root_token = root
        refused = run("backup", str(copy), "--data-dir", str(folder))
        assert refused.returncode == 1 and "exists; name a new file" in refused.stderr
    # As the documentation says: stopped, copied, started.
    for name in ("topoforge.db", "topoforge.db-wal", "topoforge.db-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.copy(copy, folder / "topoforge.db")
    with running(folder) as server:
        root, _ = sign_in(server, "root@example.com", "Rooted123")
        assert count(root, "lost") == 0
        assert root.get(f"/api/anomalies/{kept}")[1]["source"] == "kept"
        # The secret lies beside the database, so that tokens of before are good while their sessions are there.
        root_token.server = server
        assert root_token.get("/api/auth/me")[0] == 200


def test_a_backup_needs_a_database_and_a_place(tmp_path):
    missing = run("backup", str(tmp_path / "copy.db"), "--data-dir", str(tmp_path / "nowhere"))
    assert missing.returncode == 1 and "there is no database" in missing.stderr and "--data-dir" in missing.stderr
    assert not (tmp_path / "nowhere").exists()
    assert run("seed", "--data-dir", str(tmp_path / "data")).returncode == 0
    failed = run("backup", str(tmp_path / "no" / "folder.db"), "--data-dir", str(tmp_path / "data"))
    assert failed.returncode == 1 and "cannot write the backup" in failed.stderr
    assert run("backup", "--data-dir", str(tmp_path / "data")).returncode == 2


# Retention


def old_events(number, days):
    """Noise whose analyses are nearly all anomalies where the threshold is low, with times of so many days ago."""
    rng = random.Random(7)
    start = days_ago(days)
    return [
        {
            "source": "old",
            "timestamp": (start + datetime.timedelta(seconds=i)).isoformat(),
            "values": {"a": rng.gauss(0, 1) if i < 40 else rng.gauss(0, 1) * i, "b": rng.gauss(0, 1)},
        }
        for i in range(number)
    ]


def test_what_is_too_old_goes_in_batches_while_the_server_works(tmp_path):
    folder = tmp_path / "data"
    with running(folder, "--window", "10", "--max-dimension", "0", "--threshold", "0.001", env=ADMIN) as server:
        assert server.post(old_events(4000, days=40))[0] == 200
        root, _ = sign_in(server, "root@example.com", "Rooted123")
        log_anomaly(root, "new", days_ago(29))
        assert count(root, "old") > 2000, "more than two batches"
    with sqlite3.connect(folder / "topoforge.db") as database:
        database.execute("UPDATE records_sessions SET expires_at = 1")
    with running(folder, env=ADMIN) as server:
        root, _ = sign_in(server, "root@example.com", "Rooted123")
        assert count(root, "old") > 2000, "nothing is too old where nothing is said"
    # One that is stopped at once, whatever it is about, ends cleanly and quickly.
    begin = time.monotonic()
    server = Server(folder, "--retention-days", "30")
    code, _, _ = server.stop()
    assert code == 0 and time.monotonic() - begin < 20
    server = Server(folder, "--retention-days", "30")
    root, _ = sign_in(server, "root@example.com", "Rooted123")
    wait_for(lambda: count(root, "old") == 0)
    assert count(root, "new") == 1
    statistics = root.get("/api/anomalies/stats")[1]
    assert statistics["total_anomalies"] == 1
    code, _, log = server.stop()
    assert code == 0
    assert re.search(r"erased [1-9]\d* anomalies from before \d{4}-", log), log
    with sqlite3.connect(folder / "topoforge.db") as database:
        assert database.execute("SELECT count(*) FROM records_sessions WHERE expires_at = 1").fetchone() == (0,)


def test_expired_sessions_go_where_anomalies_are_kept(tmp_path):
    folder = tmp_path / "data"
    with running(folder, env=ADMIN) as server:
        sign_in(server, "root@example.com", "Rooted123")
    with sqlite3.connect(folder / "topoforge.db") as database:
        assert database.execute("UPDATE records_sessions SET expires_at = 1").rowcount == 1
    with running(folder) as server:
        def sessions():
            with sqlite3.connect(folder / "topoforge.db") as database:
                return database.execute("SELECT count(*) FROM records_sessions").fetchone()[0]

        wait_for(lambda: sessions() == 0)


# Example data


def test_seed_gives_accounts_and_anomalies_and_a_second_run_adds_nothing(tmp_path):
    folder = tmp_path / "data"
    begin = time.monotonic()
    first = run("seed", "--data-dir", str(folder))
    assert first.returncode == 0, first.stderr
    assert time.monotonic() - begin < 60
    passwords = dict(re.findall(r"^account (\S+) +is \S+ +password (\S+)$", first.stdout, re.M))
    assert set(passwords) == {"example-viewer", "example-analyst", "example-admin"}
    assert len(set(passwords.values())) == 3
    number = int(re.search(r"^(\d+) anomalies of 3 streams in the last 7 days$", first.stdout, re.M).group(1))
    assert 30 <= number <= 2000
    second = run("seed", "--data-dir", str(folder))
    assert second.returncode == 0 and "password" not in second.stdout
    assert second.stdout.count("is there already") == 3 and "are there already" in second.stdout
    with running(folder) as server:
        for name, password in passwords.items():
            client, answer = sign_in(server, name, password)
            assert answer["user"]["role"] == name.removeprefix("example-")
        assert count(client) == number
        for source in ("example-web", "example-pumps", "example-hosts"):
            assert count(client, source) > 0
        newest = client.get("/api/anomalies/?limit=1000")[1]["data"]
        oldest = min(one["timestamp"] for one in newest)
        assert days_ago(7.1).isoformat() < oldest < days_ago(1).isoformat()
        assert all(one["explanation"] and one["original_event"]["values"] for one in newest)


def test_the_same_seed_gives_the_same_anomalies(tmp_path):
    def scores(name, *arguments):
        folder = tmp_path / name
        done = run("seed", "--data-dir", str(folder), "--password-stdin", *arguments, given="Shared123\n")
        assert done.returncode == 0 and "Shared123" not in done.stdout, done.stderr
        with running(folder) as server:
            client, _ = sign_in(server, "example-admin", "Shared123")
            return [one["anomaly_score"] for one in client.get("/api/anomalies/?limit=1000")[1]["data"]]

    one = scores("one")
    assert one == scores("two") and one != scores("three", "--example-seed", "7")


def test_a_password_that_the_rules_refuse_makes_nothing(tmp_path):
    done = run("seed", "--data-dir", str(tmp_path / "data"), "--password-stdin", given="weak\n")
    assert done.returncode == 2 and "password" in done.stderr
    assert "there already" not in run("seed", "--data-dir", str(tmp_path / "data")).stdout
