"""A small log with a key of its own, apart from our database: for witnesses and for lies."""

from contextlib import contextmanager
from hashlib import sha256
from threading import Thread

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from werkzeug.serving import make_server

from bot.anchors.submission import written
from evidence import merkle
from evidence.checkpoint import Checkpoint
from evidence.note import LOG, Key, joined, line

ORIGIN = "huizheng.a1b2c3d4/log/1"


class Tree:
    """A log whose leaf hashes are made of their index, and of ``salt`` from ``changed`` on: a fork."""

    def __init__(self, origin=ORIGIN, seed=b"\x01" * 32, salt=b"", changed=10**9):
        self.origin, self._private = origin, Ed25519PrivateKey.from_private_bytes(seed)
        self.key = Key(origin, LOG, self._private.public_key().public_bytes_raw())
        self._salt, self._changed = salt, changed

    def leaf(self, index):
        return sha256(b"%d" % index + (self._salt if index >= self._changed else b"")).digest()

    def node(self, level, index):
        start = index << level
        return merkle.tree_root(self.leaf(at) for at in range(start, start + (1 << level)))

    def checkpoint(self, size):
        root = merkle.tree_root(self.leaf(at) for at in range(size))
        return Checkpoint(self.origin, size, root)

    def note(self, size, checkpoint=None):
        body = (checkpoint or self.checkpoint(size)).body()
        return joined(body, [line(self.key, self._private.sign(body))])

    def proof(self, old, size):
        return merkle.consistency_proof(old, size, self.node) if old else []

    def body(self, old, size):
        return written(old, self.proof(old, size), self.note(size))


@contextmanager
def served(app):
    """Serve a WSGI application on a free port of this machine, and yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
