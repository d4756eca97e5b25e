"""The witness over HTTP (C2SP tlog-witness): it takes checkpoints and shows the last one that it cosigned."""

from collections.abc import Callable

from flask import Flask, Response, abort, request

from bot.anchors.submission import LARGEST
from bot.witness.witness import Forked, Refused, Witness

TEXT = "text/plain; charset=utf-8"


def witness_app(witness: Witness, alarm: Callable[[Forked], None]) -> Flask:
    """Return the application; ``alarm`` hears of every fork once."""
    app = Flask("witness", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST

    @app.post("/add-checkpoint")
    def add_checkpoint() -> Response:
        try:
            return Response(witness.add_checkpoint(request.get_data()), content_type=TEXT)
        except Refused as refused:
            if isinstance(refused, Forked) and not refused.again:
                alarm(refused)
            return Response(str(refused), refused.status, content_type=refused.media)

    @app.get("/<name>/checkpoint")
    def checkpoint(name: str) -> Response:
        note = witness.store.by_hash(name)
        return abort(404) if note is None else Response(note, content_type=TEXT)

    @app.get("/")
    def about() -> Response:
        return Response(f"tlog-witness\n{witness.key.public.vkey}\n", content_type=TEXT)

    return app
