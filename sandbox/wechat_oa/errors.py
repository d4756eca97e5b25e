"""The platform's refusals, which travel inside an answer of HTTP 200."""

WORDS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40029: "invalid code",
    40037: "invalid template_id",
    40053: "invalid action info",
    40125: "invalid appsecret",
    40163: "code been used",
    41001: "access_token missing",
    42001: "access_token expired",
    42003: "code expired",
    43004: "require subscribe",
    44004: "empty content",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    47001: "data format error",
    47003: "argument invalid!",
}


class Refusal(Exception):  # noqa: N818  (reads as what happened)
    """The platform will not do it; `detail` is appended to its usual words."""

    def __init__(self, code: int, detail: str = "") -> None:
        self.code = code
        self.words = " ".join(part for part in (WORDS.get(code, "error"), detail) if part)
        super().__init__(f"{code} {self.words}")
