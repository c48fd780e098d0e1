"""The report of a month comes to Discord once it is over: once, whatever happens meanwhile."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.alerts.monthly import PATIENCE
from corpsync_tui.queries.alerts import OpenAlert
from tests.alerts.outbox_house import House, opened
from tests.boards.support import put, seconds
from tests.support.database import CORPORATION, insert_process
from tests.support.webhook import Webhook

pytestmark = pytest.mark.anyio

FIRST = seconds("2026-12-01T00:00")
EVE_OF = FIRST - 20
DAY = 86_400.0
TITLE = "Hedion Freight Union: November 2026"
OTHER = CORPORATION + 1
REPORT = {"report": "discord", "digest": ""}


def change(home: Path, *statements: str) -> None:
    with closing(sqlite3.connect(home / "data/corpsync.db")) as db, db:
        for statement in statements:
            db.execute(statement)


def known(home: Path, corporation_id: int = CORPORATION, begun: str = "2026-09-01") -> None:
    """What a corporation earned, and that it has been known since a day."""
    with closing(sqlite3.connect(home / "data/corpsync.db")) as db, db:
        own = {"corporation_id": corporation_id}
        put(db, "change_start", {**own, "table_name": "member", "time": seconds(f"{begun}T00:00")})
        for month, amount in (("10", 2e9), ("11", 3.5e9)):
            put(db, "wallet_journal", {**own, "id": int(month), "division": 1, "amount": amount,
                "ref_type": "bounty_prizes", "date": f"2026-{month}-10T00:00:00Z"})  # fmt: skip


def read_at(home: Path, at: float, corporation_id: int = CORPORATION) -> None:
    """The wallet is read."""
    with closing(sqlite3.connect(home / "data/corpsync.db")) as db, db:
        db.execute("DELETE FROM validator WHERE process_id = ?", (f"{corporation_id}/wallet",))
        put(db, "validator", {"process_id": f"{corporation_id}/wallet", "url": "/journal",
            "dataset": "wallet_journal", "last_modified": formatdate(at, usegmt=True),
            "keys": b""})  # fmt: skip


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    return tmp_path / "home"


async def begin(house: House, home: Path) -> None:
    """The wallet was read an hour before the end of November."""
    insert_process(home / "data/corpsync.db", "wallet")
    known(home)
    read_at(home, FIRST - 3_600)
    await house.pass_time(5)


async def test_it_comes_when_the_month_is_over_and_the_wallet_was_read_again(
    begun: Path, webhook: Webhook
) -> None:
    async with opened(begun, webhook, EVE_OF, **REPORT) as house:
        await begin(house, begun)
        await house.pass_time(40)
        assert webhook.titles == []  # what came in the last hour of the month is not read yet
        read_at(begun, FIRST)
        await house.pass_time(20)
        assert webhook.titles == [TITLE]
        await house.pass_time(20)
    (body,) = webhook.bodies
    assert body["allowed_mentions"] == {"parse": []}
    assert "content" not in body
    (embed,) = body["embeds"]
    lines = embed["description"].splitlines()
    assert lines[:2] == ["**Income 3.5 B** (2.0 B)", "Bounties and ESS 3.5 B (2.0 B)"]
    assert "**Net 3.5 B** (2.0 B)" in lines
    assert "Never read, and so in no sum: Members, Manufacturing, Mining, Killmails." in lines
    assert lines[-1] == "In brackets: October 2026"


async def test_it_comes_without_what_cannot_be_read_and_says_so(
    begun: Path, webhook: Webhook
) -> None:
    async with opened(begun, webhook, EVE_OF, **REPORT) as house:
        await begin(house, begun)
        for _ in range(int(PATIENCE // 600)):
            await house.clock.advance(600)
            await house.outbox.send_next("discord")
        assert webhook.titles == []
        await house.pass_time(40)
    assert webhook.titles == [TITLE]
    said = "Wallet was last read 2026-11-30 23:00 EVE: what came later is in no sum."
    assert said in webhook.accepted[0]["embeds"][0]["description"]


async def test_a_late_start_sends_it_once_over_restarts(begun: Path, webhook: Webhook) -> None:
    async with opened(begun, webhook, EVE_OF - 10 * DAY, **REPORT) as house:
        await begin(house, begun)
    for day in (4, 5, 31):
        start = FIRST + day * DAY
        async with opened(begun, webhook, start, **REPORT) as house:
            await house.pass_time(10)
            read_at(begun, start)
            await house.pass_time(10)
    assert webhook.titles == [TITLE, "Hedion Freight Union: December 2026"]


async def test_a_death_between_queueing_and_sending_loses_nothing(
    begun: Path, webhook: Webhook
) -> None:
    webhook.answers = [(500, {})] * 3
    async with opened(begun, webhook, EVE_OF, **REPORT) as house:
        await begin(house, begun)
        read_at(begun, FIRST)
        await house.pass_time(22)
        assert await house.states() == ["waiting"]
    for day in (3, 4):  # an alert would be stale by then
        async with opened(begun, webhook, FIRST + day * DAY, **REPORT) as house:
            await house.pass_time(20)
    assert webhook.titles == [TITLE]


async def test_what_was_over_before_the_sink_or_the_first_load_is_no_news(
    begun: Path, webhook: Webhook
) -> None:
    async with opened(begun, webhook, FIRST + DAY, **REPORT) as house:  # a new sink
        await begin(house, begun)
        read_at(begun, FIRST + DAY)
        await house.pass_time(20)
    assert webhook.titles == []
    async with opened(begun, webhook, FIRST + 30 * DAY, **REPORT) as house:
        known(begun, OTHER, begun="2027-01-01")  # who logs in with the new year
        insert_process(begun / "data/corpsync.db", "wallet", corporation_id=OTHER)
        house.clock.jump(2 * DAY)
        for corporation_id in (CORPORATION, OTHER):
            read_at(begun, house.clock.time(), corporation_id)
        await house.pass_time(20)
    assert webhook.titles == ["Hedion Freight Union: December 2026"]


async def test_the_first_month_says_since_when_it_is_known(begun: Path, webhook: Webhook) -> None:
    async with opened(begun, webhook, EVE_OF, **REPORT) as house:
        await begin(house, begun)
        day = seconds("2026-11-12T00:00")
        change(
            begun,
            "DELETE FROM wallet_journal WHERE date < '2026-11'",
            f"UPDATE change_start SET time = {day}",
        )
        read_at(begun, FIRST)
        await house.pass_time(40)
    text = webhook.accepted[0]["embeds"][0]["description"]
    assert "The journal begins on 2026-11-10: what was before is not in the sums." in text
    assert "Who joined and left is known since 2026-11-12." in text


async def test_each_corporation_has_its_own_after_the_quiet_hours_apart_from_a_flood(
    begun: Path, webhook: Webhook
) -> None:
    hours = {"quiet": "23:00-07:00", "quiet_zone": "eve", "discord": "low"}
    async with opened(begun, webhook, EVE_OF, **REPORT, **hours) as house:
        await begin(house, begun)
        known(begun, OTHER)
        insert_process(begun / "data/corpsync.db", "wallet", corporation_id=OTHER)
        change(begun, "INSERT INTO corporation (corporation_id, name, ticker) "
               f"VALUES ({OTHER}, '*Sinq*', 'SLSV')")  # fmt: skip
        for corporation_id in (CORPORATION, OTHER):
            read_at(begun, FIRST, corporation_id)
        await house.pass_time(40)
        assert webhook.bodies == []
        flood = (OpenAlert(OTHER, "floor", str(n), "low", "x", "open") for n in range(30))
        await house.find(*flood)
        await house.pass_time(30)
        house.clock.jump(7 * 3_600)
        await house.pass_time(20)
    assert webhook.titles[0] == "corpsync: 30 alerts of the quiet hours"
    assert set(webhook.titles[1:]) == {TITLE, "\\*Sinq\\*: November 2026"}
    assert len(webhook.bodies) == 3


async def test_it_comes_where_alerts_are_off_and_nothing_else_does(
    begun: Path, webhook: Webhook
) -> None:
    settings: dict[str, Any] = {"report": "discord", "discord": "off"}
    async with opened(begun, webhook, EVE_OF, **settings) as house:
        await begin(house, begun)
        read_at(begun, FIRST)
        await house.find(OpenAlert(CORPORATION, "floor", "1", "high", "x", "open"))
        await house.pass_time(40)
        house.clock.jump(2 * DAY)  # past the hour of two daily digests
        await house.pass_time(20)
    assert webhook.titles == [TITLE]


async def test_without_the_setting_none_is_sent(begun: Path, webhook: Webhook) -> None:
    async with opened(begun, webhook, EVE_OF, digest="") as house:
        await begin(house, begun)
        read_at(begun, FIRST)
        await house.pass_time(40)
    assert webhook.bodies == []


async def test_a_report_that_fails_holds_up_no_alert(
    begun: Path, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(begun, webhook, EVE_OF, **REPORT) as house:
        await begin(house, begun)
        read_at(begun, FIRST)
        change(begun, "ALTER TABLE wallet_transaction RENAME TO hidden")
        await house.pass_time(30)
        await house.find(OpenAlert(CORPORATION, "floor", "1", "high", "Fuel ends.", "open"))
        await house.pass_time(30)
        assert webhook.titles == ["Fuel ends."]
        change(begun, "ALTER TABLE hidden RENAME TO wallet_transaction")
        house.clock.jump(1)
        for _ in range(40):
            await house.clock.advance(100)
            await house.outbox.send_next("discord")
    assert webhook.titles == ["Fuel ends.", TITLE]
    assert caplog.text.count("the report of 2026-11 could not be made") == 1
