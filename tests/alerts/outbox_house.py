"""An outbox over a database of its own, and a webhook that hears it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpsync_tui.alerts import kept
from corpsync_tui.alerts.addresses import entry_of
from corpsync_tui.alerts.delivery import Delivery
from corpsync_tui.alerts.evaluate import RuleBook
from corpsync_tui.alerts.outbox import Outbox
from corpsync_tui.catalog import ALL
from corpsync_tui.esi.secret import Secret
from corpsync_tui.esi.vault import open_vault
from corpsync_tui.queries.alerts import Level, OpenAlert, read_open
from corpsync_tui.settings import load_settings
from corpsync_tui.settings.alerts import ADDRESSES, AlertSettings
from corpsync_tui.settings.attention import defaults
from corpsync_tui.store.database import Store
from tests.support.clock import ManualClock
from tests.support.database import CORPORATION, insert_character, insert_process, make_database
from tests.support.webhook import Webhook

NIGHT = 1_790_000_000.0 - 1_790_000_000.0 % 86_400 + 86_400
"""Midnight, EVE time."""


def a_login(path: Path) -> None:
    """A character is logged in, and one process of its corporation is scheduled."""
    insert_character(path)
    insert_process(path, "members")


def alert(
    key: str,
    sentence: str = "Fuel ends.",
    level: Level = "high",
    corporation_id: int = CORPORATION,
) -> OpenAlert:
    """An alert that is open."""
    return OpenAlert(corporation_id, "floor", key, level, sentence, "open")


class House:
    """An outbox over a database, and the clock in hand."""

    def __init__(self, outbox: Outbox, store: Store, clock: ManualClock) -> None:
        self.outbox, self.store, self.clock = outbox, store, clock

    async def find(self, *alerts: OpenAlert) -> None:
        """Write alerts as the watch does."""
        await self.outbox.look()
        now = self.clock.time()

        def save(db: Any) -> None:
            before = read_open(db)
            kept.save(db, kept.Difference(new=alerts), now)
            self.outbox.fill(db, alerts, before, now)

        await self.store.write(save)

    async def pass_time(
        self, seconds: float, sink: str = "discord", looks: int | None = None
    ) -> None:
        """Let the sender look every second, or so many times in even steps."""
        looks = looks or int(seconds)
        for _ in range(looks):
            await self.clock.advance(int(seconds) / looks)
            await self.outbox.send_next(sink)

    async def states(self) -> list[str]:
        """The states of all messages."""
        found: list[str] = await self.store.read(
            lambda db: [s for (s,) in db.execute("SELECT state FROM alert_outbox ORDER BY id")]
        )
        return found


@asynccontextmanager
async def opened(
    home: Path, webhook: Webhook, /, start: float = NIGHT + 43_300, **alerts: Any
) -> AsyncIterator[House]:
    settings = load_settings({"CORPSYNC_HOME": str(home), "CORPSYNC_KEYRING": "file"})
    settings = replace(settings, alerts=AlertSettings(**alerts))
    if not settings.database.exists():
        make_database(home, a_login)
        for name in ADDRESSES:
            if settings.alerts.uses(name):
                open_vault(settings).write(entry_of(name), Secret(webhook.url))
    clock = ManualClock(start)
    models = list(dict.fromkeys(m for process in ALL for m in process.models))
    store = Store.open(settings.database, models, clock=clock, owner=True)
    delivery = Delivery(settings, clock, environ={})
    house = House(Outbox(store, delivery, clock, RuleBook(ALL, defaults())), store, clock)
    try:
        await house.find()
        yield house
    finally:
        await delivery.aclose()
        store.close()
