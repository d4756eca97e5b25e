"""A tiny application that writes down what the gateways tell it and answers as the test wants."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit


@dataclass(frozen=True)
class Got:
    method: str
    target: str
    headers: dict
    body: bytes

    @property
    def path(self):
        return urlsplit(self.target).path

    @property
    def query(self):
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def form(self):
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # fifty callbacks may come at the same moment
    daemon_threads = False


class Receiver:
    """`answers` (status, body, where to) are used up first, then 200 `success`; `/now` tells the time."""

    def __init__(self):
        self.got = []
        self.answers = []
        self.now = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
        self.stuck = threading.Event()  # set: let go the requests answered with "wait"
        self._changed = threading.Condition()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def wait_for(self, count, seconds=10):
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.got) >= count, seconds), self.got
            return list(self.got)

    def close(self):
        self.stuck.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, got):
        with self._changed:
            self.got.append(got)
            self._changed.notify_all()
            return self.answers.pop(0) if self.answers else (200, b"success")

    def _handler(receiver):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path == "/now":
                    return self.reply(200, b'{"now": "%s"}' % receiver.now.isoformat().encode())
                if "echostr" in self.path:
                    return self.reply(200, parse_qs(urlsplit(self.path).query)["echostr"][0].encode())
                self.note(b"")

            def do_POST(self):
                self.note(self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def note(self, body):
                said = receiver.take(Got(self.command, self.path, dict(self.headers), body))
                if said == "wait":
                    receiver.stuck.wait(20)
                    said = (200, b"success")
                self.reply(*said)

            def reply(self, status, body, location=None):
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        return Handler
