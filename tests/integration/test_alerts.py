"""Alerts of `topoforge serve` from outside: who is told of what, on which way, and what is refused."""

import hashlib
import hmac
import json
import pathlib
import random
import re
import socket
import ssl
import subprocess
import time

import pytest

from receivers import mail_server, webhook
from server import Server, run_serve, running
from store import records
from test_accounts import Client, register, sign_in
from test_serve import burst_events

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECRET = "a-secret-of-the-test"
ADMIN = {"ADMIN_EMAIL": "root@example.com", "ADMIN_PASSWORD": "Rooted123"}
PRIVATE = {**ADMIN, "TOPOFORGE_ALERT_ALLOW_PRIVATE": "true"}
WINDOW = ("--window", "20")


def make(client, *channels, **more):
    body = {"name": "test", "threshold": 0.5, "cooldown_seconds": 0, "channels": list(channels), **more}
    status, answer = client.post("/api/alert-configs", body)
    assert status == 201, answer
    return answer


def hook(receiver, **more):
    return {"type": "webhook", "url": receiver.url, **more}


def usual_events(count, source, seed):
    """A cloud, of which any piece looks like any other."""
    rng = random.Random(seed)
    return [{"source": source, "values": {"a": rng.gauss(0, 1), "b": rng.gauss(0, 1)}} for _ in range(count)]


def learn(server, source="demo"):
    assert server.post(usual_events(300, source, seed=1))[0] == 200


def incident(server, source="demo", count=10):
    """Anomalies of one episode, and their verdicts."""
    status, answer = server.post(burst_events(count, source))
    assert status == 200
    return answer


def quiet(server, source="demo"):
    """Until the episode is over."""
    assert server.post(usual_events(60, source, seed=2))[0] == 200


@pytest.fixture(name="server")
def fixture_server(tmp_path):
    with running(tmp_path / "data", *WINDOW, env=PRIVATE) as server:
        yield server


@pytest.fixture(name="ada")
def fixture_ada(server):
    return register(server, "ada")[0]


@pytest.fixture(name="receiver")
def fixture_receiver():
    with webhook() as receiver:
        yield receiver


# What is told


def test_an_episode_is_told_once_though_many_events_are_anomalous(server, ada, receiver):
    config = make(ada, hook(receiver))
    learn(server)
    incident(server)
    (call,) = receiver.wait_for(1)
    stored = ada.get("/api/anomalies?limit=100")[1]["data"]
    assert len(stored) > 1, "several anomalies of one episode"
    told = json.loads(call["body"])
    assert told["type"] == "alert" and told["test"] is False
    assert told["source"] == "demo" and told["entity"] == ""
    assert told["anomaly_score"] >= 0.5 and told["risk_level"] in ("High", "Critical")
    assert told["alert_config"] == {"id": config["id"], "name": "test", "threshold": 0.5}
    assert told["anomaly_id"] in [anomaly["id"] for anomaly in stored]
    assert told["explanation"]
    assert re.fullmatch(r"[0-9a-f]{32}", call["headers"]["X-TopoForge-Delivery"])
    assert told["delivery_id"] == call["headers"]["X-TopoForge-Delivery"]
    incident(server)
    receiver.stays_at(1)
    quiet(server)
    incident(server)
    receiver.wait_for(2)


def test_a_cool_down_keeps_further_episodes_of_the_stream_silent(server, ada, receiver):
    make(ada, hook(receiver), cooldown_seconds=3600)
    learn(server)
    learn(server, "other")
    incident(server)
    receiver.wait_for(1)
    quiet(server)
    incident(server)
    receiver.stays_at(1)
    incident(server, "other")
    assert receiver.wait_for(2) and receiver.bodies()[1]["source"] == "other"


def test_only_chosen_sources_and_active_configurations_are_told(server, ada, receiver):
    make(ada, hook(receiver), sources=["elsewhere"])
    config = make(ada, hook(receiver), active=False)
    learn(server)
    incident(server)
    receiver.stays_at(0)
    quiet(server)
    config.update(active=True)
    status, changed = ada.call("PUT", f"/api/alert-configs/{config['id']}",
                               {**config, "channels": [hook(receiver)]})[:2]  # fmt: skip
    assert status == 200 and changed["active"], changed
    incident(server)
    receiver.wait_for(1)


def test_the_signature_verifies_as_the_documentation_says(server, ada, receiver):
    make(ada, hook(receiver, secret=SECRET))
    learn(server)
    incident(server)
    (call,) = receiver.wait_for(1)
    timestamp = call["headers"]["X-TopoForge-Timestamp"]
    assert abs(int(timestamp) - time.time()) < 60
    wanted = hmac.new(SECRET.encode(), timestamp.encode() + b"." + call["body"], hashlib.sha256).hexdigest()
    assert call["headers"]["X-TopoForge-Signature"] == f"sha256={wanted}"


def test_a_receiver_that_fails_twice_gets_it_the_third_time(server, ada):
    with webhook(503, 429) as receiver:
        make(ada, hook(receiver))
        learn(server)
        incident(server)
        calls = receiver.wait_for(3, timeout=40)
        receiver.stays_at(3)
    assert calls[1]["at"] - calls[0]["at"] > 3.5
    assert calls[2]["at"] - calls[1]["at"] > 7.5
    assert len({call["headers"]["X-TopoForge-Delivery"] for call in calls}) == 1
    assert len({call["body"] for call in calls}) == 1


def test_what_is_refused_for_good_is_given_up_with_one_line(tmp_path):
    with webhook(410) as receiver:
        with running(tmp_path / "data", *WINDOW, env=PRIVATE) as server:
            make(register(server, "ada")[0], hook(receiver))
            learn(server)
            incident(server)
            receiver.wait_for(1)
            receiver.stays_at(1, seconds=7)
            log = server.stop()[2]
    assert len(re.findall("given up", log)) == 1, log
    assert "410" in log and "/hook" not in log


def test_slack_gets_readable_text_without_markup_of_names(server, ada, receiver):
    make(ada, {"type": "slack", "url": receiver.url})
    learn(server, "<!channel> & co")
    incident(server, "<!channel> & co")
    (call,) = receiver.wait_for(1)
    body = json.loads(call["body"])
    assert list(body) == ["text"]
    assert "risk: anomaly score" in body["text"]
    assert "&lt;!channel&gt; &amp; co" in body["text"] and "<!channel>" not in body["text"]
    assert "X-TopoForge-Signature" not in call["headers"]


# Kills and restarts


def test_a_restart_after_a_kill_sends_exactly_what_is_owed(tmp_path):
    with webhook(200, 503) as receiver:
        server = Server(tmp_path / "data", *WINDOW, env=PRIVATE)
        make(register(server, "ada")[0], hook(receiver, secret=SECRET), cooldown_seconds=3600)
        learn(server)
        learn(server, "second")
        incident(server)
        receiver.wait_for(1)
        incident(server, "second")
        receiver.wait_for(2)
        time.sleep(0.5)  # that the failure is stored; else it is owed just the same
        server.process.kill()
        server.wait()
        with running(tmp_path / "data", *WINDOW, env=PRIVATE) as server:
            calls = receiver.wait_for(3, timeout=20)
            receiver.stays_at(3)
            # The cool-down goes on.
            learn(server)
            incident(server)
            receiver.stays_at(3)
    assert [json.loads(call["body"])["source"] for call in calls] == ["demo", "second", "second"]
    assert calls[1]["headers"]["X-TopoForge-Delivery"] == calls[2]["headers"]["X-TopoForge-Delivery"]
    with running(tmp_path / "data", *WINDOW, env=PRIVATE):
        receiver.stays_at(3)


def test_it_is_owed_before_the_request_is_answered(tmp_path):
    with webhook(503, 503, 503) as receiver:
        server = Server(tmp_path / "data", *WINDOW, env=PRIVATE)
        make(register(server, "ada")[0], hook(receiver))
        learn(server)
        incident(server)
        server.process.kill()
        server.wait()
        rows = records(tmp_path / "data", "deliveries")
    assert [(row["state"], row["notice"]["source"]) for row in rows] == [("pending", "demo")]


def test_a_stop_with_a_silent_receiver_is_quick(tmp_path):
    with webhook() as receiver:
        receiver.keep = lambda *_: time.sleep(8) or (200, {})
        with running(tmp_path / "data", *WINDOW, env=PRIVATE) as server:
            make(register(server, "ada")[0], hook(receiver))
            learn(server)
            incident(server)
            time.sleep(0.5)
            started = time.monotonic()
            assert server.stop()[0] == 0
            assert time.monotonic() - started < 6


# Where it must not go


# One account may try 10.
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "0x7f.1",
                                  "[::ffff:127.0.0.1]", "10.0.0.1", "169.254.169.254", "[fe80::1]"])  # fmt: skip
def test_addresses_that_are_not_public_are_refused_by_default(refusing, host):
    ada, receiver = refusing
    config = make(ada, {"type": "webhook", "url": f"http://{host}:{receiver.port}/hook"})
    status, report = ada.post(f"/api/alert-configs/{config['id']}/_test")
    assert status == 200, report
    (result,) = report["results"]
    assert result["sent"] is False and result["status"] is None
    assert "no public address" in result["error"], result
    assert receiver.calls == []
    assert ada.call("DELETE", f"/api/alert-configs/{config['id']}")[0] == 204


@pytest.fixture(name="refusing", scope="module")
def fixture_refusing(tmp_path_factory):
    with webhook() as receiver:
        # Nothing of the environment is a way round.
        proxy = f"http://127.0.0.1:{receiver.port}"
        env = {**ADMIN, "http_proxy": proxy, "HTTPS_PROXY": proxy, "ALL_PROXY": proxy}
        with running(tmp_path_factory.mktemp("alerts") / "data", *WINDOW, env=env) as server:
            yield register(server, "ada")[0], receiver


def test_a_refused_address_is_given_up(tmp_path, receiver):
    with running(tmp_path / "data", *WINDOW, env=ADMIN) as server:
        make(register(server, "ada")[0], hook(receiver))
        learn(server)
        incident(server)
        receiver.stays_at(0)
        log = server.stop()[2]
    assert "given up" in log and "no public address" in log


def test_a_redirect_is_not_followed(server, ada, receiver):
    with webhook((302, {"Location": receiver.url}), (307, {"Location": receiver.url})) as first:
        config = make(ada, hook(first))
        for status in (302, 307):
            (result,) = ada.post(f"/api/alert-configs/{config['id']}/_test")[1]["results"]
            assert (result["sent"], result["status"]) == (False, status)
            assert "redirects are not followed" in result["error"]
    assert receiver.calls == []


@pytest.mark.parametrize(
    "channel, place",
    [
        ({"type": "webhook", "url": "ftp://example.com/"}, "url"),
        ({"type": "webhook", "url": "file:///etc/passwd"}, "url"),
        ({"type": "webhook", "url": "https://user:pass@example.com/"}, "url"),
        ({"type": "webhook", "url": "https:///hook"}, "url"),
        ({"type": "webhook", "url": "https://example.com/\r\nX: y"}, "url"),
        ({"type": "webhook"}, "url"),
        ({"type": "webhook", "url": "https://example.com/", "secret": "short"}, "secret"),
        ({"type": "slack", "url": 7}, "url"),
        ({"type": "email", "to": "nobody"}, "to"),
        ({"type": "email", "to": "a@example.com\nBcc: b@example.com"}, "to"),
        ({"type": "email", "to": "a@example.com"}, "type"),
        ({"type": "pager"}, "type"),
    ],
)
def test_a_wrong_channel_is_named(server, ada, channel, place):
    status, answer = ada.post("/api/alert-configs", {"name": "n", "channels": [channel]})
    assert status == 422
    assert answer["detail"][0]["loc"] == ["body", "channels", 0, place], answer
    assert "pass" not in json.dumps(answer).replace("password", "")


# Whose it is


def test_configurations_are_their_owners(server, ada, receiver):
    grace = register(server, "grace")[0]
    root = sign_in(server, "root@example.com", "Rooted123")[0]
    mine = make(ada, hook(receiver, secret=SECRET))
    path = f"/api/alert-configs/{mine['id']}"
    change = {"name": "changed", "channels": [hook(receiver)]}
    assert Client(server).get(path)[0] == 401
    for status, _ in (grace.get(path), grace.call("PUT", path, change)[:2], grace.call("DELETE", path)[:2],
                      grace.post(path + "/_test"), ada.get("/api/alert-configs/999999999999")):  # fmt: skip
        assert status == 404
    assert receiver.calls == []
    assert grace.get("/api/alert-configs")[1]["data"] == []
    assert [config["id"] for config in ada.get("/api/alert-configs")[1]["data"]] == [mine["id"]]
    assert root.get("/api/alert-configs/")[1]["total"] == 1
    status, changed, _ = root.call("PUT", path, change)
    assert status == 200 and changed["name"] == "changed" and changed["user_id"] == mine["user_id"]
    assert changed["channels"][0]["has_secret"], "kept"
    assert root.call("DELETE", path)[0] == 204
    assert ada.get(path)[0] == 404


def test_an_account_has_a_bounded_number(server, ada):
    for _ in range(50):
        make(ada, {"type": "webhook", "url": "https://example.com/h"})
    body = {"name": "one more", "channels": [{"type": "webhook", "url": "https://example.com/h"}]}
    assert ada.post("/api/alert-configs", body)[0] == 409


def test_an_account_that_is_gone_is_told_nothing(server, ada, receiver):
    root = sign_in(server, "root@example.com", "Rooted123")[0]
    make(ada, hook(receiver))
    learn(server)
    assert root.call("DELETE", f"/api/users/{ada.get('/api/auth/me')[1]['id']}")[0] == 204
    incident(server)
    receiver.stays_at(0)
    assert root.get("/api/alert-configs")[1]["total"] == 0


def test_secrets_are_in_no_answer_and_no_log(tmp_path):
    with webhook(200, 503, 410) as receiver:
        with running(tmp_path / "data", *WINDOW, "--log-level", "debug", env=PRIVATE) as server:
            ada = register(server, "ada")[0]
            config = make(ada, {**hook(receiver, secret=SECRET), "url": receiver.url + "?key=in-the-url"})
            path = f"/api/alert-configs/{config['id']}"
            answers = [config, ada.get(path), ada.get("/api/alert-configs"), ada.post(path + "/_test"),
                       ada.post(path + "/_test"), ada.post(path + "/_test")]  # fmt: skip
            learn(server)
            incident(server)
            receiver.wait_for(4)
            log = server.stop()[2]
    assert SECRET not in json.dumps(answers)
    assert config["channels"][0]["has_secret"] is True
    assert SECRET not in log and "in-the-url" not in log


def test_tests_are_few(server, ada, receiver):
    config = make(ada, hook(receiver))
    for _ in range(10):
        status, report = ada.post(f"/api/alert-configs/{config['id']}/_test")
        assert status == 200 and report["results"][0]["sent"], report
    status, answer, headers = ada.call("POST", f"/api/alert-configs/{config['id']}/_test")
    assert status == 429 and int(headers["Retry-After"]) > 0, answer
    told = receiver.bodies()
    assert len(told) == 10 and all(one["test"] for one in told)
    assert len({one["delivery_id"] for one in told}) == 10


# Mails


def smtp(server, **more):
    return {**PRIVATE, "SMTP_URL": f"smtp://127.0.0.1:{server.port}", "SMTP_FROM": "alerts@topoforge.example", **more}


def test_a_mail_tells_of_an_episode_and_no_name_becomes_a_header(tmp_path):
    source = "web\r\nBcc: eve@example.com\r\n\r\nüber"
    with mail_server() as mails:
        env = smtp(mails, PUBLIC_URL="https://topoforge.example/")
        with running(tmp_path / "data", *WINDOW, env=env) as server:
            make(register(server, "ada")[0], {"type": "email", "to": "oncall@example.com"}, name="Nachtwäche")
            learn(server, source)
            incident(server, source)
            alert = next(mail for mail in wait_for_mail(mails, "oncall@example.com"))
    message = alert["message"]
    assert alert["from"] == "alerts@topoforge.example" and alert["to"] == ["oncall@example.com"]
    assert message["Bcc"] is None and message["To"] == "oncall@example.com"
    assert message["Subject"].startswith("TopoForge: ") and "über" in message["Subject"]
    assert re.fullmatch(r"<[0-9a-f]{32}@topoforge\.example>", message["Message-ID"])
    assert abs(message["Date"].datetime.timestamp() - time.time()) < 60
    text = message.get_content()
    assert "Nachtwäche" in text and "anomaly score" in text
    assert "https://topoforge.example/api/anomalies/" in text
    assert all(len(line) <= 998 for line in alert["raw"].split(b"\r\n"))


def wait_for_mail(mails, to, timeout=30):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if found := [mail for mail in list(mails.mails) if mail["to"] == [to]]:
            return found
        time.sleep(0.05)
    raise AssertionError(f"no mail to {to}")


def test_a_receiver_that_the_mail_server_does_not_know_is_told_in_a_test(tmp_path):
    with mail_server(reject="nobody") as mails:
        with running(tmp_path / "data", *WINDOW, env=smtp(mails)) as server:
            ada = register(server, "ada")[0]
            config = make(ada, {"type": "email", "to": "nobody@example.com"}, {"type": "email", "to": "b@example.com"})
            results = ada.post(f"/api/alert-configs/{config['id']}/_test")[1]["results"]
    assert [result["sent"] for result in results] == [False, True]
    assert "550" in results[0]["error"]


def test_a_forgotten_password_is_mailed(tmp_path):
    with mail_server() as mails:
        with running(tmp_path / "data", env=smtp(mails)) as server:
            register(server, "ada")
            welcome = wait_for_mail(mails, "ada@example.com")[0]
            confirms = token_in(welcome)
            assert Client(server).post("/api/auth/verify-email", {"token": confirms})[0] == 200
            answers = [Client(server).post("/api/auth/forgot-password", {"email": f"{name}@example.com"})
                       for name in ("ada", "nobody")]  # fmt: skip
            assert answers[0] == answers[1] and answers[0][0] == 200
            reset = mails.wait_for(2)[1]
            body = {"token": token_in(reset), "new_password": "Newer123!"}
            assert Client(server).post("/api/auth/reset-password", body)[0] == 200
            sign_in(server, "ada", "Newer123!")
            log = server.stop()[2]
        files = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())
    assert len(mails.mails) == 2, "none to a stranger"
    for token in (confirms, token_in(reset)):
        assert token not in log and token.encode() not in files


def token_in(mail):
    return re.search(r"^([\w-]{43})\s*$", mail["message"].get_content(), re.M).group(1)


def test_the_time_of_an_answer_does_not_tell_whether_the_account_exists(tmp_path):
    """Of a mail server that says nothing nothing is seen."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        env = {"SMTP_URL": f"smtp://127.0.0.1:{silent.getsockname()[1]}", "SMTP_FROM": "alerts@topoforge.example"}
        with running(tmp_path / "data", env=env) as server:
            register(server, "ada")
            times = {"ada": [], "nobody": []}
            for _ in range(15):
                for name, taken in times.items():
                    started = time.monotonic()
                    Client(server).post("/api/auth/forgot-password", {"email": f"{name}@example.com"})
                    taken.append(time.monotonic() - started)
    known, unknown = (sorted(taken)[len(taken) // 2] for taken in times.values())
    assert known < 2 * unknown + 0.01 and unknown < 2 * known + 0.01, times


@pytest.fixture(name="certificate", scope="module")
def fixture_certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder / "key.pem",
         "-out", folder / "cert.pem"], check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return folder / "cert.pem", context


def try_mail(folder, env):
    """What a test of an e-mail channel says, and the log."""
    with running(folder, env=env) as server:
        ada = register(server, "ada")[0]
        config = make(ada, {"type": "email", "to": "oncall@example.com"})
        (result,) = ada.post(f"/api/alert-configs/{config['id']}/_test")[1]["results"]
        return result, server.stop()[2]


def test_a_mail_server_is_spoken_to_by_tls_and_with_credentials(tmp_path, certificate):
    file, context = certificate
    with mail_server(password="mail-secret", tls_context=context) as mails:
        env = smtp(mails, SMTP_STARTTLS="required", SMTP_USER="topo", SMTP_PASSWORD="mail-secret")
        refused, log = try_mail(tmp_path / "a", env)
        assert not refused["sent"] and mails.logins == [], "a certificate that nobody vouches for gets no password"
        assert "mail-secret" not in log
        sent, log = try_mail(tmp_path / "b", {**env, "SSL_CERT_FILE": str(file)})
        assert sent["sent"], sent
        assert set(mails.logins) == {("topo", "mail-secret")}
        assert all(mail["tls"] for mail in mails.mails) and "mail-secret" not in log


def test_a_webhook_over_tls_has_its_certificate_checked(tmp_path, certificate):
    file, context = certificate
    with webhook(tls_context=context) as receiver:
        for env, sent in ((PRIVATE, False), ({**PRIVATE, "SSL_CERT_FILE": str(file)}, True)):
            with running(tmp_path / f"data-{sent}", env=env) as server:
                ada = register(server, "ada")[0]
                config = make(ada, hook(receiver))
                (result,) = ada.post(f"/api/alert-configs/{config['id']}/_test")[1]["results"]
                assert result["sent"] is sent, result
                assert sent or "certificate" in result["error"]
        assert len(receiver.calls) == 1


def test_starttls_is_required_where_it_was_asked_for(tmp_path):
    with mail_server() as mails:
        result, _ = try_mail(tmp_path / "data", smtp(mails, SMTP_STARTTLS="required"))
        assert not result["sent"] and mails.mails == []


@pytest.mark.parametrize(
    "env, said",
    [
        ({"SMTP_URL": "http://mail.example", "SMTP_FROM": "a@example.com"}, "SMTP_URL"),
        ({"SMTP_URL": "smtp://user:hunter2@mail.example", "SMTP_FROM": "a@example.com"}, "SMTP_URL"),
        ({"SMTP_URL": "smtp://mail.example"}, "SMTP_FROM"),
        ({"SMTP_URL": "smtp://mail.example", "SMTP_FROM": "nobody"}, "SMTP_FROM"),
        ({"SMTP_URL": "smtp://mail.example", "SMTP_FROM": "a@example.com", "SMTP_STARTTLS": "maybe"}, "SMTP_STARTTLS"),
        ({"SMTP_URL": "smtp://mail.example", "SMTP_FROM": "a@example.com", "SMTP_PASSWORD": "hunter2"}, "SMTP_USER"),
        ({"PUBLIC_URL": "topoforge.example"}, "PUBLIC_URL"),
    ],
)
def test_wrong_settings_are_named(tmp_path, env, said):
    done = run_serve("--port", "0", "--data-dir", str(tmp_path / "data"), env=env)
    assert done.returncode == 2 and said in done.stderr, done.stderr
    assert "hunter2" not in done.stderr


def test_the_documented_verification_is_right():
    """The Python of docs/alerts.md, run."""
    page = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
    names = {}
    exec(re.search(r"```python\n(.*?)```", page, re.S).group(1), names)
    body = b'{"type":"alert"}'
    signature = "sha256=" + hmac.new(SECRET.encode(), b"1700000000." + body, hashlib.sha256).hexdigest()
    headers = {"X-TopoForge-Timestamp": "1700000000", "X-TopoForge-Signature": signature}
    assert names["is_ours"](SECRET, headers, body, now=1_700_000_010)
    assert not names["is_ours"](SECRET, headers, body + b" ", now=1_700_000_010)
    assert not names["is_ours"](SECRET, headers, body, now=1_700_001_000)
    assert not names["is_ours"](SECRET, {"X-TopoForge-Timestamp": "1700000000"}, body, now=1_700_000_010)
