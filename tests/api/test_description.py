"""The API describes itself: every operation, with its scope, its form and its problems."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from bot.api.problems import SORTS
from tests.api.calling import Program

OPERATIONS = {
    ("put", "/api/v1/employees/{employee_no}"): "write",
    ("get", "/api/v1/employees/{employee_no}"): "read",
    ("get", "/api/v1/employees"): "read",
    ("post", "/api/v1/cases"): "write",
    ("get", "/api/v1/cases"): "read",
    ("get", "/api/v1/cases/{case_no}"): "read",
    ("post", "/api/v1/cases/{case_no}/notices"): "write",
    ("get", "/api/v1/notices/{id}"): "read",
    ("get", "/api/v1/cases/{case_no}/timeline"): "read",
    ("get", "/api/v1/tasks"): "read",
    ("post", "/api/v1/tasks/{id}/outcome"): "tasks",
    ("post", "/api/v1/simulations"): "read",
    ("post", "/api/v1/cases/{case_no}/exports"): "export",
    ("get", "/api/v1/cases/{case_no}/exports"): "export",
    ("post", "/api/v1/cases/{case_no}/exports/{export}/handovers"): "export",
}


@pytest.fixture
def document(hr: Program) -> dict[str, Any]:
    answer = hr.http.get("/api/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return answer.json


def operations(document: dict[str, Any]) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield (method, path), operation


def every(value: Any, key: str) -> Iterator[Any]:
    """Yield every value that stands under a key, at any depth."""
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        for inner in value.values():
            yield from every(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from every(inner, key)


def test_it_is_openapi_3_1_and_open_to_everybody(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_every_operation_is_listed_with_its_scope(document: dict[str, Any]) -> None:
    listed = {where: operation["security"][0]["token"][0] for where, operation in operations(document)}

    assert listed == OPERATIONS


def test_every_address_that_is_served_is_described(hr: Program, document: dict[str, Any]) -> None:
    served = {
        (method.lower(), re.sub(r"<(?:[^<:>]+:)?([^<>]+)>", r"{\1}", rule.rule))
        for rule in hr.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1")
    }

    assert served == {where for where, _ in operations(document)}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    for reference in every(document, "$ref"):
        assert reference.removeprefix("#/components/schemas/") in schemas


def test_names_of_operations_are_unique_and_path_parameters_are_declared(document: dict[str, Any]) -> None:
    found = list(operations(document))

    assert len({operation["operationId"] for _, operation in found}) == len(found)
    for (_, path), operation in found:
        declared = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", path))


def test_every_post_declares_its_key_and_every_operation_its_problems(document: dict[str, Any]) -> None:
    for (method, _), operation in operations(document):
        headers = {
            one["name"]: one["required"] for one in operation.get("parameters", []) if one["in"] == "header"
        }
        assert headers == ({"Idempotency-Key": True} if method == "post" else {})
        wanted = {"400", "401", "403", "404", "422", "500"} | ({"413", "415"} if method != "get" else set())
        assert wanted <= operation["responses"].keys()
        for status, answer in operation["responses"].items():
            file = operation["operationId"] == "post_export"
            good = "application/zip" if file else "application/json"
            media = good if status.startswith("2") else "application/problem+json"
            assert list(answer["content"]) == [media] and answer["description"]


def test_every_field_is_explained(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        for field, form in schema.get("properties", {}).items():
            assert form.get("description"), f"{name}.{field}"


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.add(value or "")
            if name in ("href", "src"):
                self.links.append(value or "")


@pytest.fixture
def page(hr: Program) -> Links:
    answer = hr.http.get("/api/docs")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    found = Links()
    found.feed(answer.text)
    return found


def test_the_page_needs_no_other_address_and_no_script(hr: Program, page: Links) -> None:
    assert "script" not in page.tags and "style" not in page.tags
    for link in page.links:
        assert link.startswith(("#", "/api/")), link
        if link.startswith("/"):
            assert hr.http.get(link, buffered=True).status_code == 200


def test_every_link_within_the_page_and_every_type_of_problem_leads_somewhere(page: Links) -> None:
    wanted = {link[1:] for link in page.links if link.startswith("#")} | set(SORTS)

    assert wanted <= page.ids
