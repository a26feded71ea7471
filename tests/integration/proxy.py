"""A TCP proxy between a server under test and what it calls, which answers late or not at all as it is told."""

import contextlib
import socket
import threading
import time


class Proxy:
    """On a loopback port of its own. What is sent goes through at once; what is answered as late as `delay_seconds`
    says, and while it is held not at all."""

    def __init__(self, port):
        self.target = port
        self.delay_seconds = 0.0
        self.flows = threading.Event()
        self.flows.set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def hold(self):
        self.flows.clear()

    def release(self):
        self.flows.set()

    def accept(self):
        with contextlib.suppress(OSError):  # it was closed
            while True:
                client, _ = self.listener.accept()
                try:
                    target = socket.create_connection(("127.0.0.1", self.target))
                except OSError:
                    client.close()
                    continue
                for source, sink, answers in ((client, target, False), (target, client, True)):
                    threading.Thread(target=self.pass_on, args=(source, sink, answers), daemon=True).start()

    def pass_on(self, source, sink, answers):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if answers:
                    self.flows.wait()
                    time.sleep(self.delay_seconds)
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.release()
        # A thread that waits in accept() is woken by this, not by close().
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@contextlib.contextmanager
def proxy(port):
    between = Proxy(port)
    try:
        yield between
    finally:
        between.close()
