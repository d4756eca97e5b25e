"""Twilio's request signature: HMAC-SHA1 over the URL and the sorted form fields."""

import base64
import hashlib
import hmac
from collections.abc import Iterable


def signature(token: str, url: str, params: Iterable[tuple[str, str]] = ()) -> str:
    """Return the X-Twilio-Signature for a form POST to exactly this URL, which must bear no fragment.

    Names are sorted by their bytes; the values of a repeated name are sorted and each counted once.
    """
    values: dict[str, set[str]] = {}
    for name, value in params:
        values.setdefault(name, set()).add(value)
    text = url + "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()
