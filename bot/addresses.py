"""The forms of addresses in the settings, and the sentences that refuse a wrong one."""

import ipaddress
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr

from evidence.fields import ORIGIN

_WHERE_DATABASE = re.compile(r"sqlite:///.+|postgresql\+psycopg://.+", re.DOTALL)


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address means this very machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _address(text: str) -> str:
    """Take a plain web address, without its closing slash."""
    try:
        parts = urlsplit(text)
        plain = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        plain = False
    if not plain or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("is not a plain web address: write something like https://hz.example.cn")
    return text.rstrip("/")


def _secure(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(
            "must begin with https:// unless it is on loopback: put TLS in front and write https://"
        )
    return text


def _root(text: str) -> str:
    if urlsplit(text).path:
        raise ValueError("must end after the host: remove the path, our own paths follow it")
    return text


def _database(secret: SecretStr) -> SecretStr:
    if not _WHERE_DATABASE.fullmatch(secret.get_secret_value()):
        raise ValueError("must begin with sqlite:/// or postgresql+psycopg://: correct the beginning")
    return secret


def _origin(text: str) -> str:
    if not re.fullmatch(ORIGIN, text):
        raise ValueError(
            "must be huizheng.<8 small letters or digits>/log/1: choose the 8 at random, once and for all"
        )
    return text


def _listed(value: object) -> object:
    """Take a list also as one text with commas, as the environment must give it."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


AnyAddress = Annotated[str, AfterValidator(_address)]  # for what is signed in itself, as time stamps are
WebAddress = Annotated[AnyAddress, AfterValidator(_secure)]
PublicAddress = Annotated[WebAddress, AfterValidator(_root)]
LogOrigin = Annotated[str, AfterValidator(_origin)]
DatabaseAddress = Annotated[SecretStr, AfterValidator(_database)]
Listed = BeforeValidator(_listed)
