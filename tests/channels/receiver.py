"""A place on loopback where an emulator's callbacks arrive, kept as they came."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from handlers.ports import RawRequest

PATIENCE = 10.0  # seconds after which a callback that was promised is missed


class Receiver:
    """Takes every request and answers with a channel's acknowledgement."""

    def __init__(self, acknowledgement: tuple[bytes, str]) -> None:
        self._requests: list[RawRequest] = []
        self._news = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._take, *acknowledgement))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def events(self, channel: Any, kinds: int) -> list[Any]:
        """Wait until the callbacks tell this many different outcomes, and return all they told."""
        with self._news:
            self._news.wait_for(lambda: len(self._outcomes(channel)) >= kinds, PATIENCE)
            return self._events(channel)

    def told(self, channel: Any, number: int) -> list[Any]:
        """Wait for this many events, and return them in the order of their arrival."""
        with self._news:
            self._news.wait_for(lambda: len(self._requests) >= number, PATIENCE)
            return self._events(channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _take(self, request: RawRequest) -> None:
        with self._news:
            self._requests.append(request)
            self._news.notify_all()

    def _outcomes(self, channel: Any) -> set[str]:
        return {event.outcome for event in self._events(channel)}

    def _events(self, channel: Any) -> list[Any]:
        return [
            event
            for request in self._requests
            for element in channel.authenticate(request)
            for event in channel.interpret(element.inner)
        ]


def _handler(take: Any, body: bytes, kind: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            take(RawRequest("POST", self.path, headers, self.rfile.read(length)))
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
