"""A day of a large corporation, counted at the server: what each of ESI's buckets is asked for."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.esi.buckets import RESERVE_SHARE
from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from tests.readme import README
from tests.support.openapi import DOCUMENT
from tests.support.virtual import virtual_house

pytestmark = pytest.mark.anyio

HOUR, WINDOW = 3_600, 900
LARGE = replace(SCALES["full"], members=500, structures=60, contracts=300, projects=40)
CONTRACTS_A_DAY = 300
EVENTS_AN_HOUR = 60
"""Everything else that happens: jobs, orders, fights, payments."""
SIZES: dict[str, int] = {
    limit["group"]: limit["max-tokens"]
    for methods in DOCUMENT["paths"].values()
    for operation in methods.values()
    if isinstance(operation, dict) and (limit := operation.get("x-rate-limit"))
}
"""Tokens that a bucket of each group holds for a quarter of an hour."""


@dataclass
class Use:
    """What was asked of one group."""

    requests: int = 0
    unchanged: int = 0
    spent: list[tuple[float, int]] = field(default_factory=list)
    """When, and how many tokens."""

    @property
    def most(self) -> int:
        """Tokens of the costliest quarter of an hour."""
        most = first = now = 0
        for moment, tokens in self.spent:
            now += tokens
            while self.spent[first][0] <= moment - WINDOW:
                now -= self.spent[first][1]
                first += 1
            most = max(most, now)
        return most


def count(uses: dict[str, Use], requests: Iterable[dict[str, Any]]) -> None:
    """Add what was asked; logins are no business of ESI's buckets."""
    for request in requests:
        if request["route"] is None:
            continue
        use = uses[request["group"] or ""]
        use.requests += 1
        use.unchanged += request["status"] == 304
        use.spent.append((request["time"], request["tokens"]))


def told() -> dict[str, list[int]]:
    """The README's table: requests, unchanged and most tokens, by group."""
    rows = re.findall(
        r"^\| `([\w-]+)` \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| [\d,]+ \|$",
        README.read_text("utf-8"),
        re.MULTILINE,
    )
    return {group: [int(n.replace(",", "")) for n in numbers] for group, *numbers in rows}


def table(uses: dict[str, Use]) -> str:
    """The lines of the README's table."""
    return "\n".join(
        f"| `{group}` | {use.requests:,} | {use.unchanged:,} | {use.most:,} | {SIZES[group]:,} |"
        for group, use in sorted(uses.items())
        if group
    )


@pytest.mark.parametrize("hours", [1, pytest.param(24, marks=pytest.mark.long, id="a day")])
async def test_no_bucket_falls_below_its_reserve(tmp_path: Path, hours: int) -> None:
    uses: dict[str, Use] = defaultdict(Use)
    statuses = Counter[int]()
    async with virtual_house(
        tmp_path / "home", SimulatorConfig(scale=LARGE), processes=ALL
    ) as house:
        await house.workspace.start()
        for _ in range(hours):
            await house.live(HOUR)
            requests = house.simulator.requests()
            house.simulator.clear_log()
            count(uses, requests)
            statuses.update(r["status"] for r in requests)
            house.simulator.tick(EVENTS_AN_HOUR)
            house.simulator.mutate("contract", add=CONTRACTS_A_DAY // 24)
        for process in ALL:
            assert house.status(process.type).error_count == 0, process.type

    print(table(uses))
    assert not {420, 429} & set(statuses)
    for group, use in uses.items():
        if group:
            assert SIZES[group] - use.most >= SIZES[group] * RESERVE_SHARE, group
    if hours == 24:
        assert_told(uses)


def assert_told(uses: dict[str, Use]) -> None:
    """The README says what was measured, as near as chance allows."""
    measured = {g: (u.requests, u.unchanged, u.most) for g, u in uses.items() if g}
    assert told().keys() == measured.keys() - {"status"}  # asked only where ESI fails
    for group, numbers in told().items():
        assert numbers == pytest.approx(measured[group], rel=0.2, abs=10), group
