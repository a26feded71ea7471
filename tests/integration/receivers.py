"""Servers that a test lets TopoForge talk to: a webhook receiver and a mail server, both real, on loopback."""

import contextlib
import email
import email.policy
import http.server
import json
import socket
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Webhook:
    """Keeps what is posted, and answers as it is told: a status, or a status and headers, for each call in turn."""

    def __init__(self, *answers, tls_context=None):
        self.calls = []
        self.answers = list(answers)
        self.changed = threading.Condition()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers = outer.keep(self.path, dict(self.headers), body)
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if tls_context else 'http'}://127.0.0.1:{self.port}/hook"
        if tls_context:
            self.server.socket = tls_context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def keep(self, path, headers, body):
        with self.changed:
            self.calls.append({"path": path, "headers": headers, "body": body, "at": time.monotonic()})
            self.changed.notify_all()
            answer = self.answers.pop(0) if self.answers else 200
        return answer if isinstance(answer, tuple) else (answer, {})

    def wait_for(self, count, timeout=30):
        """The calls, of which there should be so many by then."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.calls) >= count, timeout)
            assert len(self.calls) == count, [call["body"] for call in self.calls]
            return list(self.calls)

    def stays_at(self, count, seconds=1.5):
        time.sleep(seconds)
        assert len(self.calls) == count, [call["body"] for call in self.calls]

    def bodies(self):
        return [json.loads(call["body"]) for call in self.calls]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class MailServer:
    """Keeps mails; with a password it wants one, with a TLS context STARTTLS too."""

    def __init__(self, password=None, tls_context=None, reject=None):
        self.mails = []
        self.logins = []
        self.reject = reject
        self.changed = threading.Condition()

        def authenticate(_server, _session, _envelope, _mechanism, data):
            self.logins.append((data.login.decode(), data.password.decode()))
            return AuthResult(success=data.password.decode() == password)

        options = {}
        if password is not None:
            options = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": tls_context is not None}
        if tls_context is not None:
            options.update(tls_context=tls_context, require_starttls=True)
        # The controller takes no port 0.
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self.controller.start()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if self.reject and address.startswith(self.reject):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with self.changed:
            self.mails.append({
                "from": envelope.mail_from, "to": envelope.rcpt_tos, "message": message, "raw": envelope.content,
                "tls": session.ssl is not None,
            })  # fmt: skip
            self.changed.notify_all()
        return "250 OK"

    def wait_for(self, count, timeout=30):
        with self.changed:
            self.changed.wait_for(lambda: len(self.mails) >= count, timeout)
            assert len(self.mails) == count
            return list(self.mails)

    def close(self):
        self.controller.stop()


@contextlib.contextmanager
def webhook(*answers, tls_context=None):
    receiver = Webhook(*answers, tls_context=tls_context)
    try:
        yield receiver
    finally:
        receiver.close()


@contextlib.contextmanager
def mail_server(**options):
    server = MailServer(**options)
    try:
        yield server
    finally:
        server.close()
