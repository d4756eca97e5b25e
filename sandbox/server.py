"""Puts the pretend gateways and the pretend phone behind one HTTP server that can be started and stopped."""

import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType

from flask import Flask
from waitress.server import create_server

from sandbox.admin_faults import admin
from sandbox.cutting import Channel
from sandbox.gateways.twilio_api import api as twilio_api
from sandbox.gateways.wechat_api import api as wechat_api
from sandbox.gateways.wechat_pages import pages as wechat_pages
from sandbox.phone import phone
from sandbox.settings import Settings, Template
from sandbox.tsa_service import service as tsa
from sandbox.world import World

__all__ = ["Running", "Settings", "Template", "create_app", "serve"]
PORTS_TRIED = 20
THREADS = 32  # slow answers occupy theirs for `hold_seconds`
LARGEST_BODY = 12 * 1024 * 1024  # bytes; a photograph in Base64


def create_app(settings: Settings) -> Flask:
    """Build the application; its world, with threads and files, is in `extensions["sandbox"]`."""
    app = Flask("sandbox")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions["sandbox"] = World(settings)
    for part in (wechat_api, wechat_pages, twilio_api, tsa, admin, phone):
        app.register_blueprint(part)
    return app


class Running:
    """A sandbox that is being served; `close` may be called twice."""

    def __init__(self, url: str, world: World, stop: Callable[[], None]) -> None:
        self.url = url
        self._world = world
        self._stop = stop
        self._once = threading.Lock()

    def close(self) -> None:
        """Stop serving: slow answers are let go, threads joined, the port freed."""
        if self._once.acquire(blocking=False):
            self._world.closing.set()
            self._stop()
            self._world.close()

    def __enter__(self) -> "Running":
        """Return the running sandbox itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def serve(settings: Settings) -> Running:
    """Serve in background threads, on the next free port when the wanted one is taken."""
    listener = _listener(settings.host, settings.port)
    settings = replace(settings, port=listener.getsockname()[1])
    app = create_app(settings)
    world: World = app.extensions["sandbox"]
    server = create_server(app, sockets=[listener], threads=THREADS, ident=None, channel_timeout=60)
    server.channel_class = Channel
    loop = threading.Thread(target=server.run, name="sandbox-loop")
    loop.start()

    def stop() -> None:
        server.task_dispatcher.shutdown()
        # The sockets belong to the loop's thread; once they are gone, the loop ends by itself.
        server.trigger.pull_trigger(lambda: [one.close() for one in list(server._map.values())])
        loop.join()

    return Running(world.url, world, stop)


def _listener(host: str, port: int) -> socket.socket:
    for candidate in range(port, port + PORTS_TRIED) if port else (0,):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen()
            return listener
        except OSError:
            listener.close()
    raise OSError(f"no free port from {port} to {port + PORTS_TRIED - 1}: free one, or give another `port`")
