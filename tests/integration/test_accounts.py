"""Accounts of `topoforge serve` from outside: sign-up, sessions, roles, and what hostile tokens get."""

import base64
import concurrent.futures
import hashlib
import hmac
import json
import stat
import subprocess
import time
import urllib.parse

import pytest

from program import BINARY
from server import clean_environment, running, run_serve
from store import ON_MONGO, signing_key, store_environment, text_of_store

PASSWORD = "Test123!"


class Client:
    """Calls the API as a front end does."""

    def __init__(self, server, token=None):
        self.server = server
        self.token = token

    def call(self, method, path, body=None, headers=None):
        given = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            given["Content-Type"] = "application/json"
        status, answered, text = self.server.request(method, path, body, {**given, **(headers or {})})
        return status, json.loads(text) if text else None, answered

    def get(self, path):
        return self.call("GET", path)[:2]

    def post(self, path, body=None):
        return self.call("POST", path, body)[:2]


@pytest.fixture(name="server", scope="module")
def fixture_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("accounts")
    environment = {"ADMIN_EMAIL": "root@example.com", "ADMIN_PASSWORD": "Rooted123"}
    with running(folder / "data", env=environment) as server:
        yield server


@pytest.fixture(name="anybody")
def fixture_anybody(server):
    return Client(server)


def register(server, name, **more):
    body = {"username": name, "email": f"{name}@example.com", "password": PASSWORD, **more}
    status, answer = Client(server).post("/api/auth/register", body)
    assert status == 200, answer
    return Client(server, answer["access_token"]), answer


def sign_in(server, name, password=PASSWORD):
    status, answer = Client(server).post("/api/auth/login", {"username": name, "password": password})
    assert status == 200, answer
    return Client(server, answer["access_token"]), answer


def admin(server):
    return sign_in(server, "root@example.com", "Rooted123")[0]


# Sign-up and sign-in


def test_a_new_account_is_a_viewer_whatever_it_says(server):
    client, answer = register(server, "ada", role="admin", full_name="Ada L", organization="Engines")
    user = answer["user"]
    assert {key: user[key] for key in ("username", "email", "full_name", "organization", "role", "is_verified")} == {
        "username": "ada", "email": "ada@example.com", "full_name": "Ada L", "organization": "Engines",
        "role": "viewer", "is_verified": False,
    }  # fmt: skip
    assert answer["token_type"] == "bearer"
    assert answer["refresh_token"] and answer["message"]
    assert client.get("/api/auth/me") == (200, {**user})


def test_what_the_documentation_sends_is_answered(server, tmp_path):
    """The two curl lines of the documentation, as written but for the port."""
    base = f"http://127.0.0.1:{server.port}"
    made = subprocess.run(
        ["curl", "-sS", "-X", "POST", f"{base}/api/auth/register", "-H", "Content-Type: application/json",
         "-d", '{"username":"testuser","email":"test@example.com","password":"Test123!"}'],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(made.stdout)["user"]["username"] == "testuser"
    form = subprocess.run(
        ["curl", "-sS", "-X", "POST", f"{base}/api/auth/login",
         "-F", "username=test@example.com", "-F", "password=Test123!"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(form.stdout)["token_type"] == "bearer"
    encoded = subprocess.run(
        ["curl", "-sS", f"{base}/api/auth/login", "-d", "username=testuser&password=Test123%21&grant_type=password"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(encoded.stdout)["user"]["email"] == "test@example.com"


def test_names_and_addresses_are_taken_once_whatever_their_case(server, anybody):
    register(server, "grace")
    body = {"username": "other", "email": "GRACE@example.com", "password": PASSWORD}
    assert anybody.post("/api/auth/register", body) == (400, {"detail": "Email already registered"})
    body = {"username": "Grace", "email": "other@example.com", "password": PASSWORD}
    assert anybody.post("/api/auth/register", body) == (400, {"detail": "Username already taken"})


@pytest.mark.parametrize(
    "username, email, refused",
    [
        ("twin", "twin@example.com", None),
        ("address{}", "one-address@example.com", "Email already registered"),
        ("one-name", "name{}@example.com", "Username already taken"),
    ],
)
def test_of_registrations_at_once_one_wins(server, username, email, refused):
    """Whichever of the two is the same in all of them; `refused` is what the others are told."""

    def attempt(number):
        body = {"username": username.format(number), "email": email.format(number), "password": PASSWORD}
        return Client(server).post("/api/auth/register", body)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(attempt, range(8)))
    assert sorted(status for status, _ in answers) == [200] + [400] * 7
    if refused:
        assert [answer["detail"] for status, answer in answers if status == 400] == [refused] * 7
    account = next(answer["user"] for status, answer in answers if status == 200)
    users = admin(server).get("/api/users?limit=1000")[1]["data"]
    same = [one["id"] for one in users if one["username"] == account["username"] or one["email"] == account["email"]]
    assert same == [account["id"]]


@pytest.mark.parametrize(
    "change, place",
    [
        ({"password": "Short1"}, "password"),
        ({"password": "alllower123"}, "password"),
        ({"password": "ALLUPPER123"}, "password"),
        ({"password": "NoDigitHere"}, "password"),
        ({"password": "Aa1" + "x" * 70}, "password"),
        ({"password": "Aa1" + "é" * 35}, "password"),
        ({"password": "Test\u0000123!"}, "password"),
        ({"password": 12345678}, "password"),
        ({"password": {"$gt": ""}}, "password"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b@example.com"}, "email"),
        ({"email": {"$gt": ""}}, "email"),
        ({"username": "ab"}, "username"),
        ({"username": "a b c"}, "username"),
        ({"username": "x" * 65}, "username"),
        ({"username": None}, "username"),
    ],
)
def test_wrong_values_are_named_and_not_quoted(anybody, change, place):
    body = {"username": "mallory", "email": "mallory@example.com", "password": PASSWORD, **change}
    status, answer = anybody.post("/api/auth/register", body)
    assert status == 422
    assert [detail["loc"] for detail in answer["detail"]] == [["body", place]]
    if place == "password" and isinstance(change["password"], str):
        assert change["password"] not in json.dumps(answer)


def test_wrong_credentials_are_all_answered_alike(server, anybody):
    register(server, "alan")
    answers = [
        anybody.call("POST", "/api/auth/login", {"username": name, "password": password})
        for name, password in [
            ("alan", "Wrong123!"), ("nobody", "Wrong123!"), ("alan@example.com", ""), ("alan", "x" * 100),
            ('{"$gt": ""}', PASSWORD), ("' OR 1=1 --", PASSWORD), ("alan\u0000", PASSWORD)[:2],
        ]
    ]  # fmt: skip
    for status, answer, headers in answers[:6]:
        assert (status, answer) == (401, {"detail": "Invalid credentials"})
        assert headers["WWW-Authenticate"] == "Bearer"
    assert answers[6][0] == 422


# Tokens


def part(token, index):
    text = token.split(".")[index]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def encode(data):
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def sign(header, claims, key, digest=hashlib.sha256):
    text = f"{encode(header)}.{encode(claims)}"
    return f"{text}.{encode(hmac.new(key, text.encode(), digest).digest())}"


def test_the_access_token_has_the_documented_claims(server):
    client, answer = register(server, "claims")
    assert part(client.token, 0)["alg"] == "HS256"
    claims = part(client.token, 1)
    assert claims["sub"] == "claims@example.com"
    assert (claims["user_id"], claims["username"], claims["role"]) == (answer["user"]["id"], "claims", "viewer")
    assert claims["exp"] - claims["iat"] == 24 * 3600
    assert claims["jti"]


def test_a_token_that_is_not_ours_is_refused(server):
    client, _ = register(server, "forger")
    header, claims = part(client.token, 0), part(client.token, 1)
    key = signing_key(server.folder).encode()
    assert Client(server, sign(header, claims, key)).get("/api/auth/me")[0] == 200, "what signs is what is in the file"
    now = int(time.time())
    forged = [
        "",
        "x",
        "a.b.c",
        client.token + "x",
        client.token[:-2],
        client.token + ".",
        f"{encode({'alg': 'none', 'typ': 'JWT'})}.{encode(claims)}.",
        f"{encode({'alg': 'None'})}.{encode(claims)}.{client.token.split('.')[2]}",
        sign({"alg": "HS384", "typ": "JWT"}, claims, key, hashlib.sha384),
        sign({"alg": "HS512", "typ": "JWT"}, claims, key, hashlib.sha512),
        sign({"alg": "RS256", "typ": "JWT"}, claims, key),
        sign(header, {**claims, "role": "admin"}, b"secret"),
        sign(header, {**claims, "role": "admin"}, b""),
        sign(header, {**claims, "exp": now - 1}, key),
        sign(header, {**claims, "exp": str(now + 60)}, key),
        sign(header, {key_: value for key_, value in claims.items() if key_ != "exp"}, key),
        sign(header, {key_: value for key_, value in claims.items() if key_ != "user_id"}, key),
        sign(header, {**claims, "user_id": {"$gt": ""}}, key),
        sign(header, {**claims, "jti": "x"}, key),
        "A" * 8000,
    ]
    for token in forged:
        status, answer, headers = Client(server, token).call("GET", "/api/auth/me")
        assert status == 401, token
        assert headers["WWW-Authenticate"] == "Bearer"
        assert answer["detail"] in ("Invalid credentials", "Not authenticated")


def test_a_claimed_role_counts_for_nothing(server):
    """Whoever had the key could still not make a viewer an admin: the store says what an account is."""
    client, _ = register(server, "climber")
    key = signing_key(server.folder).encode()
    token = sign(part(client.token, 0), {**part(client.token, 1), "role": "admin"}, key)
    assert Client(server, token).get("/api/users")[0] == 403


def test_refresh_tokens_are_good_once_and_a_second_use_ends_the_session(server, anybody):
    client, first = register(server, "rotating")
    status, second = anybody.post("/api/auth/refresh", {"refresh_token": first["refresh_token"]})
    assert status == 200
    renewed = Client(server, second["access_token"])
    assert renewed.get("/api/auth/me")[0] == 200
    assert anybody.post("/api/auth/refresh", {"refresh_token": first["refresh_token"]})[0] == 401
    # The thief's and the owner's tokens are both worth nothing now.
    assert anybody.post("/api/auth/refresh", {"refresh_token": second["refresh_token"]})[0] == 401
    assert renewed.get("/api/auth/me")[0] == 401
    assert client.get("/api/auth/me")[0] == 401
    assert sign_in(server, "rotating")[0].get("/api/auth/me")[0] == 200


def test_of_many_refreshes_at_once_at_most_one_is_granted(server):
    _, answer = register(server, "racing")

    def attempt(_):
        return Client(server).post("/api/auth/refresh", {"refresh_token": answer["refresh_token"]})[0]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(attempt, range(8)))[:2] in ([200, 401], [401, 401])


def test_signing_out_ends_the_session_and_no_other(server, anybody):
    first, answer = register(server, "leaving")
    other, _ = sign_in(server, "leaving")
    assert first.post("/api/auth/logout")[0] == 200
    assert first.get("/api/auth/me")[0] == 401
    assert anybody.post("/api/auth/refresh", {"refresh_token": answer["refresh_token"]})[0] == 401
    assert other.get("/api/auth/me")[0] == 200


def test_a_new_password_ends_the_other_sessions(server, anybody):
    first, _ = register(server, "changing")
    other, _ = sign_in(server, "changing")
    change = {"current_password": "Wrong123!", "new_password": "Newer123!"}
    assert first.post("/api/auth/change-password", change)[0] == 400
    assert first.post("/api/auth/change-password", {**change, "current_password": PASSWORD, "new_password": "x"})[0] == 422
    assert first.post("/api/auth/change-password", {**change, "current_password": PASSWORD})[0] == 200
    assert first.get("/api/auth/me")[0] == 200
    assert other.get("/api/auth/me")[0] == 401
    assert anybody.post("/api/auth/login", {"username": "changing", "password": PASSWORD})[0] == 401
    sign_in(server, "changing", "Newer123!")


def test_the_answer_to_a_forgotten_password_does_not_tell_who_has_an_account(server, anybody):
    register(server, "forgetful")
    known = anybody.post("/api/auth/forgot-password", {"email": "forgetful@example.com"})
    unknown = anybody.post("/api/auth/forgot-password", {"email": "never@example.com"})
    assert known == unknown
    assert known[0] == 200


def test_made_up_tokens_of_mails_are_refused(anybody):
    assert anybody.post("/api/auth/verify-reset-token", {"token": "made-up"}) == (200, {"valid": False})
    assert anybody.post("/api/auth/reset-password", {"token": "made-up", "new_password": PASSWORD})[0] == 400
    assert anybody.post("/api/auth/verify-email", {"token": "made-up"})[0] == 400


# Roles


def test_each_role_may_what_it_may(server):
    viewer, answer = register(server, "lowly")
    boss = admin(server)
    own = f"/api/users/{answer['user']['id']}"
    assert viewer.get(own)[0] == 200
    assert viewer.get("/api/users")[0] == 403
    assert viewer.get(f"/api/users/{boss.get('/api/auth/me')[1]['id']}")[0] == 403
    assert viewer.call("PUT", own, {"full_name": "Low Ly"})[1]["full_name"] == "Low Ly"
    assert viewer.call("PUT", own, {"role": "admin"})[0] == 403
    assert viewer.call("DELETE", own)[0] == 403
    status, listed = boss.get("/api/users?limit=1000")
    assert status == 200
    assert listed["total"] == len(listed["data"]) > 1
    assert "password" not in json.dumps(listed)
    assert boss.get("/api/users?role=admin")[1]["total"] == 1
    assert boss.get("/api/users/no-such-user")[0] == 404


def test_a_role_given_or_taken_away_counts_at_once(server):
    client, answer = register(server, "promoted")
    boss = admin(server)
    path = f"/api/users/{answer['user']['id']}"
    assert boss.call("PUT", path, {"role": "admin"})[0] == 200
    assert client.get("/api/users")[0] == 200
    assert boss.call("PUT", path, {"role": "viewer"})[0] == 200
    assert client.get("/api/users")[0] == 403
    assert boss.call("PUT", path, {"role": "god"})[0] == 422


def test_a_deleted_or_inactive_account_is_out_at_once(server, anybody):
    client, answer = register(server, "doomed")
    boss = admin(server)
    path = f"/api/users/{answer['user']['id']}"
    assert boss.call("PUT", path, {"is_active": False})[0] == 200
    assert client.get("/api/auth/me")[0] == 401
    assert anybody.post("/api/auth/login", {"username": "doomed", "password": PASSWORD})[0] == 401
    assert boss.call("PUT", path, {"is_active": True})[0] == 200
    assert boss.call("DELETE", path)[0] == 204
    assert client.get("/api/auth/me")[0] == 401
    assert anybody.post("/api/auth/refresh", {"refresh_token": answer["refresh_token"]})[0] == 401
    assert boss.call("DELETE", path)[0] == 404


def test_the_last_admin_stays(server):
    boss = admin(server)
    me = f"/api/users/{boss.get('/api/auth/me')[1]['id']}"
    for method, body in [("DELETE", None), ("PUT", {"role": "viewer"}), ("PUT", {"is_active": False})]:
        status, answer, _ = boss.call(method, me, body)
        assert status == 409
        assert "last admin" in answer["detail"]


def test_reading_anomalies_needs_a_token(server, anybody):
    assert anybody.get("/api/anomalies/") == (401, {"detail": "Not authenticated"})
    assert register(server, "reader")[0].get("/api/anomalies")[0] == 200


# Limits, secrets, the store


def test_the_sixth_wrong_sign_in_waits(tmp_path):
    with running(tmp_path / "data", limits={}) as server:
        register(server, "target")
        anybody = Client(server)
        wrong = {"username": "target", "password": "Wrong123!"}
        assert [anybody.post("/api/auth/login", wrong)[0] for _ in range(6)] == [401] * 5 + [429]
        status, answer, headers = anybody.call("POST", "/api/auth/login", {**wrong, "password": PASSWORD})
        assert status == 429
        assert isinstance(answer["detail"], str)
        assert 0 < int(headers["Retry-After"]) <= 15 * 60
        assert headers.get_all("X-RateLimit-Limit") == ["5"] and headers.get_all("X-RateLimit-Remaining") == ["0"]
        # By whatever name: the account is one.
        by_address = {"username": "target@example.com", "password": "Wrong123!"}
        assert anybody.post("/api/auth/login", by_address)[0] == 429


def test_an_address_that_tries_many_accounts_waits(tmp_path):
    with running(tmp_path / "data", limits={}) as server:
        anybody = Client(server)
        tries = [anybody.post("/api/auth/login", {"username": f"nobody{i}", "password": PASSWORD})[0] for i in range(22)]
        assert tries == [401] * 20 + [429] * 2


def test_passwords_that_wait_are_bounded_and_hold_up_no_events(tmp_path):
    with running(tmp_path / "data") as server:
        register(server, "ada")
        wrong = json.dumps({"username": "ada", "password": "Wrong123!"})
        as_json = {"Content-Type": "application/json"}
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            signing_in = [pool.submit(server.request, "POST", "/api/auth/login", wrong, as_json) for _ in range(40)]
            events = 0
            while not all(call.done() for call in signing_in):
                assert server.request("POST", "/api/ingest", '{"value": 1}', as_json)[0] == 200
                events += 1
        answers = [call.result() for call in signing_in]
        assert {status for status, *_ in answers} == {401, 503}
        refused = [headers for status, headers, _ in answers if status == 503]
        assert len(refused) <= 40 - 16 and all(int(headers["Retry-After"]) >= 1 for headers in refused)
        # Sixteen passwords at least were looked at meanwhile, one after the other.
        assert events > 16


def test_the_fourth_registration_of_an_hour_waits(tmp_path):
    with running(tmp_path / "data", limits={}) as server:
        for name in ("one1", "two2", "three3"):
            register(server, name)
        body = {"username": "four4", "email": "four4@example.com", "password": PASSWORD}
        status, answer, headers = Client(server).call("POST", "/api/auth/register", body)
        assert status == 429
        assert 0 < int(headers["Retry-After"]) <= 3600


def test_the_hundred_and_first_call_of_a_minute_waits(tmp_path):
    with running(tmp_path / "data", limits={}) as server:
        client, _ = register(server, "eager")
        statuses = [client.get("/api/auth/me")[0] for _ in range(105)]
        assert statuses[:100] == [200] * 100
        assert 429 in statuses[100:]
        assert client.server.get("/health")[0] == 200


def test_accounts_survive_a_restart_and_the_secret_is_kept(tmp_path):
    with running(tmp_path / "data") as server:
        client, _ = register(server, "durable")
        secret = tmp_path / "data" / "jwt_secret"
        assert ON_MONGO or stat.S_IMODE(secret.stat().st_mode) == 0o600
    with running(tmp_path / "data") as server:
        assert Client(server, client.token).get("/api/auth/me")[0] == 200


def test_a_killed_server_keeps_what_it_acknowledged(tmp_path):
    with running(tmp_path / "data") as server:
        register(server, "killed")
        server.process.kill()
        server.process.wait()
        server.process.returncode = 0
    with running(tmp_path / "data") as server:
        sign_in(server, "killed")


def test_passwords_and_tokens_are_not_in_the_database(tmp_path):
    with running(tmp_path / "data") as server:
        _, answer = register(server, "hidden")
    dump = text_of_store(tmp_path / "data")
    assert "hidden@example.com" in dump
    assert "$2b$12$" in dump
    for secret in (PASSWORD, answer["access_token"], answer["refresh_token"].split(".")[1]):
        assert secret not in dump


def test_a_short_secret_is_refused_with_the_way_out(tmp_path):
    done = run_serve("--port", "0", "--data-dir", str(tmp_path), env={"JWT_SECRET": "secret"})
    assert done.returncode == 2
    assert "JWT_SECRET" in done.stderr
    assert "wanted 32" in done.stderr
    assert "openssl rand" in done.stderr


def test_a_changed_secret_ends_all_access_tokens_and_nothing_else(tmp_path):
    folder = tmp_path / "data"
    with running(folder, env={"JWT_SECRET": "the first secret, of 32 bytes or more"}) as server:
        before, answer = register(server, "rotated")
        assert before.get("/api/auth/me")[0] == 200
    with running(folder, env={"JWT_SECRET": "another secret, of 32 bytes or more"}) as server:
        assert Client(server, before.token).get("/api/auth/me")[0] == 401
        status, renewed = Client(server).post("/api/auth/refresh", {"refresh_token": answer["refresh_token"]})
        assert status == 200
        assert Client(server, renewed["access_token"]).get("/api/auth/me") == (200, answer["user"])
        assert sign_in(server, "rotated")[0].get("/api/auth/me")[0] == 200


def test_the_first_admin_comes_from_the_environment_once(tmp_path):
    environment = {"ADMIN_EMAIL": "first@example.com", "ADMIN_PASSWORD": "Rooted123"}
    with running(tmp_path / "data", env=environment) as server:
        assert sign_in(server, "first@example.com", "Rooted123")[1]["user"]["role"] == "admin"
    with running(tmp_path / "data", env={**environment, "ADMIN_EMAIL": "second@example.com"}) as server:
        wrong = {"username": "second@example.com", "password": "Rooted123"}
        assert Client(server).post("/api/auth/login", wrong)[0] == 401


# The command line


def user_command(folder, *arguments, given=None, env=None):
    return subprocess.run(
        [BINARY, "user", *arguments, "--data-dir", str(folder)],
        capture_output=True, text=True, timeout=60, input=given,
        env=clean_environment({**store_environment(folder), **(env or {})}),
    )  # fmt: skip


def test_accounts_are_managed_on_the_command_line(tmp_path):
    folder = tmp_path / "data"
    made = user_command(folder, "create", "boss", "--email", "boss@example.com", "--role", "admin", given="Bossy123\n")
    assert made.returncode == 0, made.stderr
    twice = user_command(folder, "create", "boss", "--email", "b@example.com", given="Bossy123\n")
    assert (twice.returncode, "already taken" in twice.stderr) == (1, True)
    weak = user_command(folder, "create", "weak", "--email", "weak@example.com", given="weak\n")
    assert (weak.returncode, "password" in weak.stderr) == (2, True)
    with running(folder) as server:
        boss, _ = sign_in(server, "boss", "Bossy123")
        assert boss.get("/api/users")[1]["total"] == 1
        assert user_command(folder, "reset-password", "boss@example.com", given="Bossy456\n").returncode == 0
        assert boss.get("/api/users")[0] == 401, "a new password ends the sessions"
        sign_in(server, "boss", "Bossy456")
    listed = user_command(folder, "list")
    assert listed.returncode == 0
    assert "boss@example.com" in listed.stdout and "admin" in listed.stdout
    last = user_command(folder, "set-role", "boss", "viewer")
    assert (last.returncode, "last admin" in last.stderr) == (1, True)
    assert user_command(folder, "set-role", "nobody", "viewer").returncode == 1
