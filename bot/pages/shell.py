"""What every answer of the employee's page has in common: how it is drawn, limited and guarded."""

from flask import Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from bot.pages.uploads import ALTOGETHER

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def draw(name: str, status: int = 200, **more: object) -> Response:
    """Draw a page, in large letters when the reader asked for them."""
    big = request.values.get("big") == "1"
    return make_response(render_template(f"pages/{name}", big=big, **more), status)


def say(text: str, status: int) -> Response:
    """Draw a page that only says why there is nothing else on it."""
    return make_response(render_template("pages/closed.html", said=text, big=False), status)


def too_large(_: HTTPException) -> Response:
    """Tell the employee what to do about photos that are too large."""
    return say(
        "照片太大了：每张不超过 8 MB，一次总共不超过 25 MB。请返回上一页，少选几张或者换小一点的再发。", 413
    )


def limit() -> None:
    """Bound what one request may bring, before anybody reads it."""
    request.max_content_length = ALTOGETHER


def guard(response: Response) -> Response:
    """Nothing of a page is kept, indexed, framed or told to the next site."""
    if request.endpoint == "pages.static":
        return response
    response.headers["Content-Security-Policy"] = CSP
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
