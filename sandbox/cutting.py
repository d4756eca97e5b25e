"""Connections that break: an answer of which half arrives, and one of which nothing does."""

import socket
import struct
from typing import Any

from flask import Response, request
from waitress.channel import HTTPChannel
from waitress.task import WSGITask

KEY = "sandbox.socket"
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER on, zero seconds: closing resets the connection


class _Task(WSGITask):  # type: ignore[misc]  # waitress ships no types
    """A request that knows the socket it came by."""

    def get_environment(self) -> dict[str, Any]:
        """Add the socket to what the application is told."""
        environ: dict[str, Any] = super().get_environment()
        return environ | {KEY: self.channel.socket}


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress ships no types
    """A connection of the sandbox's server."""

    task_class = _Task


def cut() -> Response:
    """Break the connection of the present request before a byte of the answer leaves."""
    connection: socket.socket = request.environ[KEY]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    connection.shutdown(socket.SHUT_RDWR)
    return Response(status=204)


def torn(whole: Response) -> Response:
    """Return the first half of an answer as if it were all of it."""
    said = whole.get_data()
    return Response(said[: len(said) // 2], whole.status, mimetype=whole.mimetype)
