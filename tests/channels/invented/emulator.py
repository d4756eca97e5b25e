"""A pretend Yunque, written from its (invented) manual: the last digit of the number decides what happens."""

import hmac
import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "yunque-secret-0001"
ANSWERS = {"4": (429, b'{"word": "SLOWER"}'), "6": (404, b'{"word": "NOBODY"}'), "7": (200, b"<html>")}


@contextmanager
def started(callback_base: str) -> Iterator[dict[str, Any]]:
    del callback_base  # every message names its own
    with ThreadingHTTPServer(("127.0.0.1", 0), _Yunque) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield {"secret": SECRET, "api_base": f"http://127.0.0.1:{server.server_port}", "read_timeout": 5}
        finally:
            server.shutdown()
            thread.join()


class _Yunque(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["X-Sign"] != _sign(body):
            return self._say(403, b'{"word": "WHO"}')
        message = json.loads(body)
        status, answer = ANSWERS.get(message["to"][-1], (200, b'{"word": "TAKEN", "id": 71}'))
        self._say(status, answer)
        if status == 200:
            _report(message)

    def _say(self, status: int, answer: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        pass


def _report(message: dict[str, str]) -> None:
    body = json.dumps({"id": 71, "ref": message["ref"], "word": "ARRIVED"}).encode()
    headers = {"X-Sign": _sign(body), "Content-Type": "application/json"}
    request = urllib.request.Request(message["report_to"], body, headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(request, timeout=5).close()


def _sign(body: bytes) -> str:
    return hmac.new(SECRET.encode(), body, "sha256").hexdigest()
