"""How `topoforge serve` reaches a MongoDB, and says that it does not: TLS, credentials, sets of servers, services."""

import ssl
import subprocess
import time

import pytest

from proxy import tls_proxy
from server import run_serve, running
from test_mongo import PASSWORD, SECRET, fixture_mongo  # noqa: F401

START_SECONDS = 30  # documented: by then a server that cannot be reached is told of


def self_signed(folder, name, addresses):
    """The file of a certificate, which may vouch for itself, and of both it and its key."""
    key, certificate, both = (folder / f"{name}.{kind}" for kind in ("key", "pem", "both"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
         "-addext", f"subjectAltName={addresses}", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    both.write_text(certificate.read_text() + key.read_text())
    return certificate, both


@pytest.fixture(name="certificates", scope="module")
def fixture_certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    here = "DNS:localhost,IP:127.0.0.1"
    names = {"right": here, "other": here, "elsewhere": "DNS:db.example"}
    return {name: self_signed(folder, name, addresses) for name, addresses in names.items()}


def context_of(certificate, clients=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1])
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients[0])
    return context


def refusal(tmp_path, uri, code=1):
    """The one line that says why nothing is started."""
    began = time.monotonic()
    ended = run_serve("--port", "0", "--data-dir", str(tmp_path / "data"), env={"MONGODB_URI": uri, **SECRET})
    assert time.monotonic() - began < START_SECONDS
    # Before main() libmongoc says so where a program that was killed had the same process id.
    lines = [line for line in ended.stderr.splitlines() if "mongoc: Falling back to malloc for counters" not in line]
    assert (ended.returncode, len(lines)) == (code, 1), ended
    assert lines[0].startswith("topoforge: error: ") and PASSWORD not in ended.stdout + ended.stderr
    return lines[0]


def works(folder, uri):
    """What is registered there is there for another server."""
    account = '{"username": "ada", "email": "ada@example.com", "password": "Test1234"}'
    for path in ("register", "login"):
        with running(folder / path, env={"MONGODB_URI": uri, **SECRET}) as server:
            headers = {"Content-Type": "application/json"}
            status, _, answer = server.request("POST", f"/api/auth/{path}", account, headers)
            assert status == 200, answer
    return True


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_that_speaks_tls_is_used(mongo, certificates, host, tmp_path):
    with tls_proxy(mongo.port, context_of(certificates["right"])) as port:
        assert works(tmp_path, f"mongodb://{host}:{port}/?tls=true&tlsCAFile={certificates['right'][0]}")


def test_a_server_that_wants_a_certificate_gets_it(mongo, certificates, tmp_path):
    authority, own = certificates["right"][0], certificates["other"][1]
    with tls_proxy(mongo.port, context_of(certificates["right"], clients=certificates["other"])) as port:
        uri = f"mongodb://127.0.0.1:{port}/?tls=true&tlsCAFile={authority}"
        assert works(tmp_path, f"{uri}&tlsCertificateKeyFile={own}")
        assert f"127.0.0.1:{port} cannot be reached" in refusal(tmp_path, uri)


@pytest.mark.parametrize(
    "shown, authority, reason",
    [
        ("right", "other", "TLS handshake failed: certificate verify failed"),
        ("right", None, "TLS handshake failed: certificate verify failed"),
        ("elsewhere", "elsewhere", "IP address mismatch"),
    ],
)
def test_a_server_that_nobody_vouches_for_is_refused(mongo, certificates, shown, authority, reason, tmp_path):
    by = f"&tlsCAFile={certificates[authority][0]}" if authority else ""
    with tls_proxy(mongo.port, context_of(certificates[shown])) as port:
        line = refusal(tmp_path, f"mongodb://ada:{PASSWORD}@127.0.0.1:{port}/?tls=true{by}")
    assert f"MongoDB at 127.0.0.1:{port} cannot be reached" in line and reason in line


def test_tls_on_one_side_alone_does_not_connect(mongo, certificates, tmp_path):
    assert "cannot be reached" in refusal(tmp_path, f"mongodb://127.0.0.1:{mongo.port}/?tls=true")
    with tls_proxy(mongo.port, context_of(certificates["right"])) as port:
        assert "cannot be reached" in refusal(tmp_path, f"mongodb://127.0.0.1:{port}/")


def test_a_file_of_an_authority_that_is_not_there_is_told_of(mongo, tmp_path):
    line = refusal(tmp_path, f"mongodb://127.0.0.1:{mongo.port}/?tls=true&tlsCAFile={tmp_path}/none.pem")
    assert "Failed initialize TLS state" in line


@pytest.mark.parametrize("mechanism", ["", "&authMechanism=SCRAM-SHA-1", "&authMechanism=SCRAM-SHA-256"])
def test_an_account_that_the_database_does_not_know_is_refused(mongo, mechanism, tmp_path):
    line = refusal(tmp_path, f"mongodb://ada:{PASSWORD}@127.0.0.1:{mongo.port}/?authSource=admin{mechanism}")
    assert f"MongoDB at 127.0.0.1:{mongo.port} refuses the name or password of MONGODB_URI" in line


def test_a_set_of_another_name_is_not_used(mongo, tmp_path):
    line = refusal(tmp_path, f"mongodb://127.0.0.1:{mongo.port}/?replicaSet=rs0")
    assert f"MongoDB at 127.0.0.1:{mongo.port} cannot be reached" in line


def test_the_options_of_the_documentation_are_understood(mongo, tmp_path):
    assert works(tmp_path, f"mongodb://127.0.0.1:{mongo.port}/?retryWrites=true&w=majority")


def test_a_service_is_looked_up(tmp_path):
    """As MongoDB Atlas is named; its servers stand in the DNS, which knows nothing of this one."""
    uri = f"mongodb+srv://ada:{PASSWORD}@cluster.example.invalid/?retryWrites=true&w=majority"
    line = refusal(tmp_path, uri)
    assert "MongoDB at cluster.example.invalid cannot be reached" in line and "SRV" in line


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb+srv://cluster.example.invalid:27017/",
        "mongodb+srv://one.example.invalid,two.example.invalid/",
        "mongodb://127.0.0.1/?socketTimeoutMS=soon",
        "mongodb://127.0.0.1/?tls=true&tls=perhaps",
        f"mongodb://ada:{PASSWORD}@127.0.0.1/?tls=true&tlsInsecure=true&tlsAllowInvalidCertificates=true",
    ],
)
def test_what_contradicts_itself_is_refused(uri, tmp_path):
    assert "MONGODB_URI" in refusal(tmp_path, uri, code=2)


@pytest.mark.parametrize(("options", "wanted"), [
    ("authMechanism=MONGODB-X509", "tls=true"),
    ("authMechanism=NONSENSE", "wanted one of SCRAM-SHA-1"),
])  # fmt: skip
def test_a_way_to_sign_in_that_cannot_work_is_refused(options, wanted, tmp_path):
    assert wanted in refusal(tmp_path, f"mongodb://ada@127.0.0.1:1/?{options}", code=2)
