"""Who is reading a page: kept in a signed cookie of that page alone, and what ties a form to it."""

from dataclasses import dataclass

from flask import Request, Response
from itsdangerous import BadData, URLSafeTimedSerializer

from handlers.page import Proof

COOKIE = "hz_visit"
LIVES = 2 * 3600  # seconds: a borrowed phone forgets by itself
ROUND_TRIP = 600  # seconds that a sign-in at WeChat may take


@dataclass(frozen=True)
class Visit:
    """One browser at one delivery's page; ``proof`` is None until the reader has shown who they are."""

    id: str
    delivery_id: str
    proof: Proof | None = None


class Visits:
    """Signs and reads visits. Everything signed names the delivery, so that nothing serves another page."""

    def __init__(self, secret: str, *, secure: bool) -> None:
        self._cookie = URLSafeTimedSerializer(secret, salt="page-visit")
        self._form = URLSafeTimedSerializer(secret, salt="page-form")
        self._state = URLSafeTimedSerializer(secret, salt="page-oauth")
        self._secure = secure

    def read(self, request: Request, delivery_id: str) -> Visit | None:
        """Return the visit that this browser is on, None when there is none or it is over."""
        told = _loads(self._cookie, request.cookies.get(COOKIE, ""), LIVES)
        if not isinstance(told, list) or len(told) != 3 or told[1] != delivery_id:
            return None
        return Visit(str(told[0]), delivery_id, Proof(told[2]) if told[2] else None)

    def keep(self, response: Response, token: str, visit: Visit) -> Response:
        """Put a visit into the browser, for this page's address only."""
        text = str(self._cookie.dumps([visit.id, visit.delivery_id, visit.proof and visit.proof.value]))
        response.set_cookie(
            COOKIE,
            text,
            max_age=LIVES,
            path=f"/n/{token}",
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )
        return response

    def drop(self, response: Response, token: str) -> Response:
        """Forget who is reading."""
        response.delete_cookie(COOKIE, path=f"/n/{token}", secure=self._secure, httponly=True, samesite="Lax")
        return response

    def form_token(self, visit: Visit) -> str:
        """Return what a form of this visit must bring back."""
        return str(self._form.dumps([visit.id, visit.delivery_id]))

    def form_fits(self, visit: Visit, given: str) -> bool:
        """Whether a form was made for this very visit."""
        return bool(_loads(self._form, given, LIVES) == [visit.id, visit.delivery_id])

    def state(self, visit: Visit) -> str:
        """Return what the WeChat sign-in must bring back: it began in this browser, for this page."""
        return str(self._state.dumps([visit.id, visit.delivery_id]))

    def state_fits(self, visit: Visit, given: str) -> bool:
        """Whether a sign-in that comes back began in this visit, not long ago."""
        return bool(_loads(self._state, given, ROUND_TRIP) == [visit.id, visit.delivery_id])


def _loads(serializer: URLSafeTimedSerializer, text: str, max_age: int) -> object:
    try:
        told: object = serializer.loads(text, max_age=max_age)
    except BadData:
        return None
    return told
