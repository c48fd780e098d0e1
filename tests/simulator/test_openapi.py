"""The simulator's routes and answers are those of CCP's OpenAPI document."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from corpsync_tui.simulator.routes import ROUTES, Route
from tests.data import extract_openapi
from tests.simulator.conftest import Guest

DOCUMENT: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "openapi.json").read_text()
)
FORMATS = FormatChecker(())


@FORMATS.checks("date-time")
def _is_moment(value: object) -> bool:
    return isinstance(value, str) and len(value) == 20 and value[10] == "T" and value[-1] == "Z"


@FORMATS.checks("date")
def _is_day(value: object) -> bool:
    return isinstance(value, str) and len(value) == 10 and value.count("-") == 2


@FORMATS.checks("int64")
def _is_int64(value: object) -> bool:
    return isinstance(value, int) and abs(value) < 1 << 63


def operation(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][route.path][route.method.lower()]
    return found


def closed(node: Any) -> Any:
    """The schema, with fields refused that it does not name."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    held = {key: closed(value) for key, value in node.items()}
    return held | ({"additionalProperties": False} if "properties" in node else {})


def check(route: Route, status: str, document: Any) -> None:
    responses = operation(route)["responses"]
    schema = responses[status]["content"]["application/json"]["schema"]
    whole = closed({**schema, "components": DOCUMENT["components"]})
    Draft202012Validator(whole, format_checker=FORMATS).validate(document)


def ids_for(route: Route, guest: Guest) -> list[int]:
    world = guest.simulator.state.world
    corporation = world.corporations[guest.simulator.corporation_id]
    if route.path == "/universe/names":
        return list(world.names)[:500]
    if route.path == "/characters/affiliation":
        return list(world.characters)
    return [row["item_id"] for row in corporation.rows("asset") if row["is_singleton"]]


def test_answer_is_as_the_document_says(director: Guest) -> None:
    for route in ROUTES:
        if route.method == "POST":
            answer = director.post(route.path, ids_for(route, director))
        else:
            answer = director.get(route.path)
        assert answer.status_code == 200, (route.path, answer.text)
        check(route, "200", answer.json())
        assert answer.json(), route.path


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_route_is_declared_as_the_document_says(route: Route) -> None:
    declared = operation(route)
    limit = declared.get("x-rate-limit", {})
    assert route.cache_age == declared.get("x-cache-age", 0)
    assert route.group == limit.get("group")
    assert route.max_tokens == limit.get("max-tokens", 0)
    assert limit.get("window-size", "15m") == "15m"
    assert list(route.roles) == declared.get("x-required-roles", [])
    assert [route.scope] == declared.get("security", [{"OAuth2": [None]}])[0]["OAuth2"]
    queries = {parameter.get("name") for parameter in declared["parameters"]}
    paging = {"page": "page", "from_id": "from_id", "after": "cursor"}
    assert route.paging == next((paging[name] for name in paging if name in queries), None)


def test_packed_facts_are_cut_from_the_document_as_the_script_cuts_them() -> None:
    assert extract_openapi.ROUTES.read_text() == extract_openapi.packed(
        extract_openapi.facts(DOCUMENT)
    )
    assert {route.path for route in ROUTES} == set(DOCUMENT["paths"])


def test_every_row_is_as_the_document_says_after_it_has_lived_and_changed(
    director: Guest,
) -> None:
    simulator = director.simulator
    simulator.tick(400)
    for name, able in simulator.tables().items():
        for verb in ("add", "change"):
            if able[verb]:
                simulator.mutate(name, **{verb: 2})
    simulator.limits(enabled=False)
    for route in ROUTES:
        if route.method == "POST":
            continue
        first = director.get(route.path, limit=100)
        pages = range(2, int(first.headers.get("X-Pages", "1")) + 1)
        for answer in (first, *(director.get(route.path, page=page) for page in pages)):
            assert answer.status_code == 200, (route.path, answer.text)
            check(route, "200", answer.json())


def test_errors_are_as_the_document_says(stranger: Guest) -> None:
    assets = next(route for route in ROUTES if route.path.endswith("/assets"))
    check(assets, "default", stranger.get(assets.path).json())
