"""Time passes over the demo's structures: fuel falls, and alerts come, each once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.boards import find_board
from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.boards.kit.read import read_board
from corpsync_tui.catalog import ALL
from corpsync_tui.queries.alerts import OpenAlert
from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from corpsync_tui.sync.events import AttentionChanged, SyncEvent
from tests.support.virtual import VirtualHouse, virtual_house

pytestmark = pytest.mark.anyio

MINUTE, HOUR = 60.0, 3_600.0
ESTATE = replace(SCALES["small"], structures=SCALES["demo"].structures)
ABOUT_TO_CROSS = {"Moon Drill Delta", "Moon Drill Zeta", "Moon Drill Gamma", "Beacon"}
"""Structures of the demo that enter a band of fuel in the first quarter of an hour."""
RULES = {"fuel", "timer", "last_timer", "services", "unanchoring"}


async def board_rows(house: VirtualHouse) -> dict[int, dict[str, Any]]:
    """The board of structures now, by id."""
    context = house.workspace

    def read(db: Any) -> dict[int, dict[str, Any]]:
        settings = context.settings.boards
        board = BoardContext(db, house.corporation_id, house.clock.time(), settings)
        return {row["id"]: row for row in read_board(find_board("structures"), board).rows}

    return await context.store.read(read)


async def test_fuel_falls_and_alerts_come(tmp_path: Path) -> None:
    told: list[OpenAlert] = []

    def hear(event: SyncEvent) -> None:
        if isinstance(event, AttentionChanged):
            told.extend(event.new)

    async with virtual_house(
        tmp_path / "home", SimulatorConfig(scale=ESTATE), processes=ALL
    ) as house:
        house.workspace.state.subscribe(hear)
        await house.workspace.start()
        await house.live(2 * MINUTE)
        first, before = list(told), await board_rows(house)
        told.clear()
        await house.live(15 * MINUTE)
        crossed, later = list(told), await board_rows(house)
        house.simulator.tick(1_500)
        await house.live(HOUR + 5 * MINUTE)
        after = await board_rows(house)

    assert {alert.rule for alert in first} >= RULES
    names = [alert.sentence.partition(" runs out")[0] for alert in crossed if alert.rule == "fuel"]
    assert {name.partition(" - ")[2] for name in names} >= ABOUT_TO_CROSS
    assert Counter(alert.key for alert in (*first, *crossed)).most_common(1)[0][1] == 1
    burning = [id_ for id_, row in before.items() if row["fuel_source"] == "esi"]
    assert len(burning) > 10
    for id_ in burning:
        fallen = before[id_]["fuel_hours"] - later[id_]["fuel_hours"]
        assert fallen == pytest.approx(15 / 60, abs=0.01)
    assert any(after[id_]["fuel_hours"] > later[id_]["fuel_hours"] + 24 for id_ in burning)
    assert sum(after[id_]["in_bay"] < before[id_]["in_bay"] for id_ in burning) > 5
