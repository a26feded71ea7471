"""The server under test, started and stopped by a test."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import tempfile

import websockets

from program import BINARY
from store import store_environment

START_SECONDS = 60

# So that tests which are not about limits do not meet them.
GENEROUS = {
    "TOPOFORGE_LIMIT_GENERAL": "100000/minute",
    "TOPOFORGE_LIMIT_INGEST": "100000/minute",
    "TOPOFORGE_LIMIT_LOGIN": "100000/minute",
    "TOPOFORGE_LIMIT_REGISTRATION": "100000/minute",
}


class Server:
    """A server of its own on a free port."""

    def __init__(self, folder, *arguments, env=None, limits=GENEROUS, cwd=None, within=()):
        """within: a command that becomes the program, in circumstances of its own."""
        self.folder = folder
        self.reader = None
        # Not a pipe, which a long access log would fill: the server would wait for a reader.
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [*within, BINARY, "serve", "--port", "0", "--data-dir", str(folder), *arguments],
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            env=clean_environment({**limits, **store_environment(folder), **(env or {})}),
            cwd=cwd,
        )
        first = self.process.stdout.readline()
        found = re.search(r"https?://(?:127\.0\.0\.1|localhost):(\d+)", first)
        if not found:
            raise AssertionError(first + self.stop()[2])
        self.port = int(found.group(1))

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def get(self, path):
        """As a reader, who is made when the first one is needed."""
        headers = {"Authorization": f"Bearer {self.reader_token()}"} if path.startswith("/api/") else {}
        status, _, body = self.request("GET", path, headers=headers)
        return status, json.loads(body)

    def reader_token(self):
        if self.reader is None:
            account = {"username": "reader", "email": "reader@example.com", "password": "Reader123"}
            body = json.dumps(account)
            status, _, answer = self.request("POST", "/api/auth/register", body, {"Content-Type": "application/json"})
            if status == 400:  # by an earlier server on the same folder
                status, _, answer = self.request("POST", "/api/auth/login", body, {"Content-Type": "application/json"})
            assert status == 200, answer
            self.reader = json.loads(answer)["access_token"]
        return self.reader

    def post(self, events, **headers):
        body = events if isinstance(events, (str, bytes)) else json.dumps(events)
        status, _, answer = self.request("POST", "/api/ingest", body, headers)
        return status, json.loads(answer)

    def raw(self, data, timeout=20):
        """What the server sends to these bytes until it closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            with contextlib.suppress(ConnectionError):
                connection.sendall(data)
            received = b""
            with contextlib.suppress(ConnectionError):
                while part := connection.recv(65536):
                    received += part
            return received

    def socket(self, **options):
        return websockets.connect(f"ws://127.0.0.1:{self.port}/ws/stream", max_size=None, **options)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self):
        """Exit code, standard output and log."""
        out, _ = self.process.communicate(timeout=60)
        self.log.seek(0)
        return self.process.returncode, out, self.log.read()


def clean_environment(extra=None):
    """Without what people set for their own server."""
    drop = ("PORT", "CORS_ORIGINS", "JWT_SECRET", "ADMIN_EMAIL", "ADMIN_PASSWORD", "MONGODB_URI",
            "DATABASE_NAME", "PUBLIC_URL", "SSL_CERT_FILE")  # fmt: skip
    ours = ("TOPOFORGE_", "SMTP_")
    kept = {key: value for key, value in os.environ.items() if key not in drop and not key.startswith(ours)}
    return {**kept, **(extra or {})}


def run_serve(*arguments, env=None, cwd=None):
    return subprocess.run(
        [BINARY, "serve", *arguments], capture_output=True, text=True, timeout=60, env=clean_environment(env), cwd=cwd
    )


@contextlib.contextmanager
def running(folder, *arguments, env=None, limits=GENEROUS, cwd=None, within=()):
    server = Server(folder, *arguments, env=env, limits=limits, cwd=cwd, within=within)
    try:
        yield server
    finally:
        code, _, error = server.stop()
        assert code == 0, error
