"""A server on loopback that answers from a script, for what no decent gateway would do."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit


@dataclass
class Reply:
    """What the script answers."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    silent: bool = False  # keep the connection and say nothing until the server closes
    hang_up: bool = False  # close the connection without a word
    drip: bool = False  # a byte now and then


class _Server(ThreadingHTTPServer):
    request_queue_size = 64  # twenty threads knock at once
    daemon_threads = False


class Scripted:
    """Answers every request with what ``script(path, target, body)`` returns, and counts them by path."""

    def __init__(self, script: Callable[[str, str, bytes], Reply]) -> None:
        self.calls: Counter[str] = Counter()
        self.targets: list[str] = []
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._script = script
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, target: str, body: bytes) -> Reply:
        path = urlsplit(target).path
        with self._lock:
            self.calls[path] += 1
            self.targets.append(target)
            return self._script(path, target, body)

    def wait(self, seconds: float) -> bool:
        """Wait, but not longer than the server lives."""
        return self._closing.wait(seconds)


def _handler(server: Scripted) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            reply = server.answer(self.path, body)
            if reply.silent:
                server.wait(60)
            if reply.silent or reply.hang_up:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            _write(self.wfile, reply, server)

        do_GET = do_POST = _any  # noqa: N815  (the names that http.server calls)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


def _write(out: Any, reply: Reply, server: Scripted) -> None:
    if not reply.drip:
        out.write(reply.body)
        return
    for byte in reply.body:
        if server.wait(0.05):
            return
        try:
            out.write(bytes([byte]))
        except OSError:
            return
