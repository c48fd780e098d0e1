"""The first sync of a corporation of 180 is no flood: what stands for long is no news."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from corpsync_tui.alerts.evaluate import RuleBook, evaluate_rules
from corpsync_tui.catalog import ALL
from corpsync_tui.settings.attention import defaults
from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from tests.support.house import open_house

pytestmark = pytest.mark.anyio

SMALL = SCALES["small"]
CORPORATION = replace(
    SCALES["full"],
    assets=SMALL.assets,
    journal=SMALL.journal,
    transactions=SMALL.transactions,
    transaction_limit=SMALL.transaction_limit,
)
LINES = 20
HAPPENED = {"attacked", "reinforced", "destroyed", "war", "applicant", "role_given", "withdrawal"}


async def test_a_first_sync_is_no_flood(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home", SimulatorConfig(scale=CORPORATION)) as house:
        for process in ALL:
            assert (await house.sync_data(process.type)).result == "success"
        book, now = RuleBook(ALL, defaults()), house.workspace.clock.time()
        found = await house.workspace.store.read(lambda db: evaluate_rules(db, book, now))
        rules = Counter(alert.rule for alert in found.alerts)

        house.advance(3_700)
        house.simulator.mutate("role_change", add=1)
        house.simulator.mutate("notification", add=60)
        for name in ("corporation", "notifications"):
            await house.sync_data(name)
        later = house.workspace.clock.time()
        more = await house.workspace.store.read(lambda db: evaluate_rules(db, book, later))

    assert len(rules) <= LINES
    assert not HAPPENED & rules.keys()
    assert {"fuel", "timer", "services", "unanchoring"} <= rules.keys()
    news = HAPPENED - {"withdrawal", "destroyed"}
    assert news <= {alert.rule for alert in more.alerts}
