"""The routes of ESI that the simulator serves, as CCP's OpenAPI document declares them."""

import re
from dataclasses import dataclass
from typing import Literal

WINDOW = 900.0
"""Seconds that a token bucket looks back: all of the document's say 15m."""


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
    paging: Literal["page", "from_id"] | None = None
    group: str | None = None
    """The token bucket's group; None: the error limit counts."""
    max_tokens: int = 0

    def match(self, path: str) -> dict[str, str] | None:
        """The path's parameters, or None if it is another route's."""
        found = _pattern(self.path).fullmatch(path)
        return found.groupdict() if found else None


_PATTERNS: dict[str, re.Pattern[str]] = {}


def _pattern(template: str) -> re.Pattern[str]:
    if template not in _PATTERNS:
        _PATTERNS[template] = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))
    return _PATTERNS[template]


_CORPORATION = "/corporations/{corporation_id}"
_MINING = "/corporation/{corporation_id}/mining"
_MONEY = ("Accountant", "Junior_Accountant")
_TRADE = ("Accountant", "Trader")
_DIRECTOR = ("Director",)

ASSETS = "esi-assets.read_corporation_assets.v1"
MINING = "esi-industry.read_corporation_mining.v1"
ORDERS = "esi-markets.read_corporation_orders.v1"
WALLETS = "esi-wallet.read_corporation_wallets.v1"

ROUTES: tuple[Route, ...] = (
    Route("GET", "/status", 30, group="status", max_tokens=600),
    Route("POST", "/characters/affiliation", 3600),
    Route("GET", "/characters/{character_id}", 86400),
    Route(
        "GET",
        "/characters/{character_id}/roles",
        3600,
        "esi-characters.read_corporation_roles.v1",
        group="char-detail",
        max_tokens=600,
    ),
    Route("GET", _CORPORATION, 3600),
    Route(
        "GET",
        f"{_CORPORATION}/divisions",
        3600,
        "esi-corporations.read_divisions.v1",
        _DIRECTOR,
        group="corp-wallet",
        max_tokens=300,
    ),
    Route(
        "GET",
        f"{_CORPORATION}/membertracking",
        3600,
        "esi-corporations.track_members.v1",
        _DIRECTOR,
        group="corp-member",
        max_tokens=300,
    ),
    Route("GET", f"{_CORPORATION}/assets", 3600, ASSETS, _DIRECTOR, "page", "corp-asset", 1800),
    Route("POST", f"{_CORPORATION}/assets/names", 0, ASSETS, _DIRECTOR, None, "corp-asset", 1800),
    Route(
        "GET",
        f"{_CORPORATION}/industry/jobs",
        300,
        "esi-industry.read_corporation_jobs.v1",
        ("Factory_Manager",),
        "page",
        "corp-industry",
        600,
    ),
    Route("GET", f"{_CORPORATION}/orders", 1200, ORDERS, _TRADE, "page"),
    Route("GET", f"{_CORPORATION}/orders/history", 3600, ORDERS, _TRADE, "page"),
    Route("GET", f"{_CORPORATION}/wallets", 300, WALLETS, _MONEY, None, "corp-wallet", 300),
    Route(
        "GET",
        f"{_CORPORATION}/wallets/{{division}}/journal",
        3600,
        WALLETS,
        _MONEY,
        "page",
        "corp-wallet",
        300,
    ),
    Route(
        "GET",
        f"{_CORPORATION}/wallets/{{division}}/transactions",
        3600,
        WALLETS,
        _MONEY,
        "from_id",
        "corp-wallet",
        300,
    ),
    Route(
        "GET", f"{_MINING}/observers", 3600, MINING, ("Accountant",), "page", "corp-industry", 600
    ),
    Route(
        "GET",
        f"{_MINING}/observers/{{observer_id}}",
        3600,
        MINING,
        ("Accountant",),
        "page",
        "corp-industry",
        600,
    ),
    Route(
        "GET",
        f"{_MINING}/extractions",
        1800,
        MINING,
        ("Station_Manager",),
        "page",
        "corp-industry",
        600,
    ),
    Route(
        "GET",
        f"{_CORPORATION}/killmails/recent",
        300,
        "esi-killmails.read_corporation_killmails.v1",
        _DIRECTOR,
        "page",
        "corp-killmail",
        30,
    ),
    Route(
        "GET",
        "/killmails/{killmail_id}/{killmail_hash}",
        2_592_000,
        group="killmail",
        max_tokens=3600,
    ),
    Route(
        "GET",
        f"{_CORPORATION}/containers/logs",
        600,
        "esi-corporations.read_container_logs.v1",
        _DIRECTOR,
        "page",
        "corp-structure",
        300,
    ),
    Route("GET", "/markets/prices", 3600),
    Route("GET", "/universe/moons/{moon_id}"),
    Route("GET", "/universe/planets/{planet_id}"),
    Route("POST", "/universe/names"),
    Route("GET", "/universe/structures/{structure_id}", 3600, "esi-universe.read_structures.v1"),
)

SCOPES: tuple[str, ...] = tuple(dict.fromkeys(route.scope for route in ROUTES if route.scope))
"""All scopes that any of the routes asks for."""


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route that answers, with the path's parameters."""
    for route in ROUTES:
        params = route.match(path) if route.method == method else None
        if params is not None:
            return route, params
    return None
