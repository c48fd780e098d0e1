"""Movements as they are found out over a few syncs, against what the simulator knows of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.queries.story import Story
from corpsync_tui.service.local import LocalService
from corpsync_tui.simulator.clock import iso
from tests.support.house import House, open_house

pytestmark = pytest.mark.anyio

SYNCED = ("members", "assets", "container_logs", "wallet")
HALF_AN_HOUR, RENEWED = 1_800.0, 3_700.0
SPLIT_OFF = 9_999_999_999_999


async def sync(house: House) -> None:
    for process in SYNCED:
        run = await house.sync(process)
        assert (run.result, run.error_message) == ("success", None), process


class Life:
    """What somebody does with the corporation's things, half an hour after the last sync."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.assets = house.served("asset")
        names = house.simulator.state.world.corporations[house.corporation_id].asset_names
        self.stack = next(
            row
            for row in self.assets
            if row["location_id"] in names and not row["is_singleton"] and row["quantity"] > 500
        )
        self.box = next(r for r in self.assets if r["item_id"] == self.stack["location_id"])
        self.delivered = next(
            row for row in self.assets if row["location_flag"] == "CorpDeliveries"
        )
        self.pilot = house.served("member")[3]["character_id"]

    @property
    def now(self) -> str:
        return iso(self.house.simulator.state.world.clock.now())

    def set(self, item_id: int, **values: Any) -> None:
        place = next(n for n, row in enumerate(self.assets) if row["item_id"] == item_id)
        self.assets[place] = self.assets[place] | values

    def take(self, quantity: int) -> None:
        """Take from the audited container."""
        left = self.stack["quantity"] - quantity
        self.stack = self.stack | {"quantity": left}
        self.set(self.stack["item_id"], quantity=left)
        self.house.served("container_log").insert(0, {
            "action": "move", "character_id": self.pilot, "container_id": self.box["item_id"],
            "container_type_id": self.box["type_id"], "location_flag": "CorpSAG3",
            "location_id": self.box["location_id"], "logged_at": self.now,
            "quantity": quantity, "type_id": self.stack["type_id"],
        })  # fmt: skip

    def sell(self, quantity: int) -> None:
        """Sell from the deliveries."""
        left = self.delivered["quantity"] - quantity
        self.set(self.delivered["item_id"], quantity=left)
        sales = self.house.served("wallet_transaction", 1)
        sales.insert(0, sales[0] | {
            "transaction_id": sales[0]["transaction_id"] + 10_000, "date": self.now,
            "is_buy": False, "quantity": quantity, "type_id": self.delivered["type_id"],
            "location_id": self.delivered["location_id"],
        })  # fmt: skip


def told(story: Story) -> Sequence[tuple[str, str, str]]:
    """What the change log tells, with what became certain of it."""
    return [
        (m.sentence.partition(" moved")[0].partition(",")[0], m.certainty, m.reason)
        for m in story.movements
        if m.source == "change log"
    ][1:]


async def test_known_movements_are_found_out_over_a_few_syncs(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home") as house:
        await sync(house)
        life, service = Life(house), LocalService(house.workspace)
        stack, own = life.stack["item_id"], house.corporation_id
        ship = next(
            r for r in life.assets if r["is_singleton"] and r["location_flag"] == "CorpSAG1"
        )
        office = life.box["location_id"]

        house.advance(HALF_AN_HOUR)
        life.set(ship["item_id"], location_flag="CorpSAG2")
        life.take(40)
        life.assets.append(
            life.stack
            | {"item_id": SPLIT_OFF, "quantity": 40, "location_id": office,
               "location_flag": "CorpSAG5"}
        )  # fmt: skip
        house.advance(RENEWED)
        await sync(house)

        house.advance(HALF_AN_HOUR)
        life.take(100)
        house.advance(RENEWED)
        await sync(house)

        house.advance(HALF_AN_HOUR)
        life.sell(777)
        life.assets[:] = [row for row in life.assets if row["item_id"] != SPLIT_OFF]
        house.advance(RENEWED)
        await sync(house)

        async def story(item_id: int) -> Story:
            return await service.read_movements("asset", own, {"item_id": item_id})

        name = await house.workspace.store.read(
            lambda db: db.execute(
                "SELECT name FROM eve_name WHERE id = ?", (life.stack["type_id"],)
            ).fetchone()[0]
        )
        ((_, certainty, reason),) = told(await story(ship["item_id"]))
        assert (certainty, reason) == ("proven", "hangars keep no log of who")
        assert told(await story(stack)) == [
            (f"40 × {name}", "likely",
             "the container log has the same 40; as many came there at the same sync"),
            (f"100 × {name} gone", "proven", "the container log has the same 100"),
        ]  # fmt: skip
        assert told(await story(SPLIT_OFF))[-1] == (
            f"40 × {name} gone",
            "cannot be proven",
            "hangars keep no log of who; no sale, order, contract or job of that time has as many",
        )
        boxed = await story(life.box["item_id"])
        mine = [m for m in boxed.movements if m.source == "change log" and m.who]
        assert [m.certainty for m in mine] == ["likely", "proven"]
        taken = [m for m in boxed.movements if m.source == "container log" and m.who == mine[0].who]
        assert {40, 100} <= {
            row["quantity"]
            for row in await house.rows("container_log")
            if row["character_id"] == life.pilot
        }
        assert [m.time < n.time for m, n in zip(taken[-2:], mine, strict=True)] == [True, True]
        sold, gone = (await story(life.delivered["item_id"])).movements[1:]
        assert sold.source == "wallet"
        assert "777 × " in sold.sentence
        assert (gone.certainty, gone.reason) == ("likely", "as many were sold there meanwhile")
        assert gone.window is not None
        assert gone.window.start < sold.time <= gone.window.until
        await service.close()
