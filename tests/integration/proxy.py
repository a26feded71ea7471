"""Proxies between a server under test and what it calls: one answers late or not at all, as told, one speaks TLS."""

import asyncio
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


@contextlib.contextmanager
def tls_proxy(port, context):
    """Its port on the loopback interface: TLS to who connects there, and plain to the port behind it."""

    async def pass_on(source, sink):
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        sink.close()

    async def serve(reader, writer):
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pass_on(reader, behind_writer), pass_on(behind_reader, writer))

    async def stop():
        listener.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    loop = asyncio.new_event_loop()
    listener = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
