"""The description of the API for programs (openapi.json) and for people, without any outside address."""

from collections.abc import Mapping
from typing import Any

from flask import Response, render_template
from flask_openapi.openapi import OpenAPI

from bot.api.problems import DOCS, SORTS
from bot.api.spec import answer, description_of

DOCUMENT = "/api/openapi.json"
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def add_to(api: OpenAPI) -> None:
    """Serve the description; it holds nothing of any person and is open to everybody."""
    api.add_url_rule(DOCUMENT, "openapi", lambda: answer(description_of(api)))
    api.add_url_rule(DOCS, "docs", lambda: _page(description_of(api)))


def _page(document: Mapping[str, Any]) -> Response:
    text = render_template(
        "docs.html", document=document, operations=_operations(document), sorts=SORTS, form_of=form_of
    )
    page = Response(text, mimetype="text/html")
    page.headers["Content-Security-Policy"] = _POLICY
    return page


def _operations(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def form_of(schema: Mapping[str, Any]) -> str:
    """Say in a few words what form a value has; a named form is given by its name."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(form_of(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{form_of(schema.get('items', {}))}]"
    if "enum" in schema:
        return " | ".join(f'"{one}"' for one in schema["enum"])
    return str(schema.get("format") or schema.get("type") or "any")
