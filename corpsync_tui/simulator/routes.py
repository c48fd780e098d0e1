"""The routes of ESI that the simulator serves: facts of CCP's OpenAPI document, packed.

`routes.json` is cut out of that document by a script of the tests.
"""

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

WINDOW = 900.0
"""Seconds that a token bucket looks back: all of the document's say 15m."""

Kind = str | tuple[str, ...]
"""What a field holds: a type or format of JSON Schema, or the words of an enumeration."""


@dataclass(frozen=True)
class Route:
    """One operation: what it costs, what it needs, how it is paged and cached."""

    method: str
    path: str
    """The template, with `{corporation_id}` and the like."""
    cache_age: int = 0
    """x-cache-age in seconds; 0 where the document gives none."""
    scope: str | None = None
    roles: tuple[str, ...] = ()
    """x-required-roles: any of them is enough, and Director always is."""
    paging: Literal["page", "from_id", "cursor"] | None = None
    group: str | None = None
    """The token bucket's group; None: the error limit counts."""
    max_tokens: int = 0
    required: tuple[str, ...] = ()
    """Query parameters that must be there."""
    shape: Literal["list", "object", "ids", "scalar"] = "list"
    """What the answer is: a list of records or of bare ids, one record, or one integer."""
    inside: str | None = None
    """The field of an object that holds the list."""
    fields: dict[str, Kind] = field(default_factory=dict, hash=False)
    """What a record holds."""
    needed: frozenset[str] = frozenset()
    """The fields that no record may lack."""

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of the path's parameters."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))

    def match(self, path: str) -> dict[str, str] | None:
        """The path's parameters, or None if it is another route's."""
        found = self._pattern.fullmatch(path)
        return found.groupdict() if found else None


def _route(fact: dict[str, Any]) -> Route:
    fields = {
        name.removesuffix("?"): tuple(kind) if isinstance(kind, list) else kind
        for name, kind in fact.get("fields", {}).items()
    }
    needed = frozenset(name for name in fact.get("fields", {}) if not name.endswith("?"))
    lists = {name: tuple(fact.get(name, ())) for name in ("roles", "required")}
    return Route(**{**fact, **lists, "fields": fields, "needed": needed})


ROUTES: tuple[Route, ...] = tuple(
    _route(fact) for fact in json.loads(Path(__file__).with_name("routes.json").read_text())
)

SCOPES: tuple[str, ...] = tuple(dict.fromkeys(route.scope for route in ROUTES if route.scope))
"""All scopes that any of the routes asks for."""

_BY_PATH = {route.path: route for route in ROUTES}
_PLAIN_FIRST = sorted(ROUTES, key=lambda route: len(route.parameters))
"""A path without a parameter is meant before one where the parameter takes any word."""


def route_of(path: str) -> Route:
    """The route of a path template."""
    return _BY_PATH[path]


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route that answers, with the path's parameters."""
    for route in _PLAIN_FIRST:
        params = route.match(path) if route.method == method else None
        if params is not None:
            return route, params
    return None
