"""Chinese first, English by a switch: the English texts are read from the .po file at the start."""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, session
from flask_babel import Babel, Domain, get_locale

CHINESE, ENGLISH = "zh_Hans_CN", "en"
CATALOG = Path(__file__).parent / "translations" / "en" / "LC_MESSAGES" / "messages.po"


class _Texts(Domain):  # type: ignore[misc]  # Flask-Babel ships no types
    """Texts without a compiled file: nothing needs to be built, nothing compiled is committed."""

    def get_translations(self) -> NullTranslations:
        return english_texts() if is_english() else NullTranslations()


class _Babel(Babel):  # type: ignore[misc]  # Flask-Babel ships no types
    domain_instance = _Texts()


def init_language(app: Flask) -> None:
    """Let an application speak both languages."""
    _Babel().init_app(app, default_locale=CHINESE, locale_selector=_chosen)


def is_english() -> bool:
    """Whether this reader has switched to English."""
    locale = get_locale()
    return locale is not None and locale.language == ENGLISH


@cache
def english_texts() -> Translations:
    """Return the English text of every Chinese one."""
    compiled = BytesIO()
    with CATALOG.open("rb") as file:
        write_mo(compiled, read_po(file, locale=ENGLISH))
    compiled.seek(0)
    return Translations(compiled)


def _chosen() -> str:
    return ENGLISH if session.get("language") == ENGLISH else CHINESE
