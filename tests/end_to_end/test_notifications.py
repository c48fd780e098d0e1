"""Notifications: each character that is logged in asks for its own, and each is kept once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog.kit.notices import read_notice
from tests.support.house import House, log_in, open_house

pytestmark = pytest.mark.anyio

MINUTE = 60
HOSTILE = "a: !!python/object/apply:os.system ['true']\nb: \x1b[31m[/b]\n"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A corporation of which three directors are logged in."""
    async with open_house(tmp_path / "home") as house:
        for character_id in characters(house)[1:3]:
            house.simulator.roles(character_id, ["Director"])
            house.simulator.login(character_id=character_id)
            await log_in(house.workspace)
        house.simulator.clear_log()
        yield house


def characters(house: House) -> list[int]:
    (corporation,) = house.simulator.world()
    return [character["character_id"] for character in corporation["characters"]]


def askers(house: House) -> list[int]:
    """Who asked since the log was cleared, with a token that counts, in the order of their ids."""
    route = "/characters/{character_id}/notifications"
    found = [request["character_id"] for request in house.simulator.requests(route=route)]
    house.simulator.clear_log()
    return sorted(id for id in found if id is not None)


def told(house: House, kind: str, text: str) -> dict[str, Any]:
    """A notification that all directors get."""
    row = dict(house.served("notification")[0])
    row |= {"notification_id": row["notification_id"] + 1_000_000, "type": kind, "text": text}
    house.simulator.mutate("notification", append=[row])
    return row


async def test_what_several_are_told_is_one_row_and_no_news_of_the_run(house: House) -> None:
    run = await house.sync("notifications")
    directors = characters(house)[:3]
    assert askers(house) == sorted(directors)
    assert (run.result, run.note) == ("success", None)
    rows = await house.rows("notification")
    truth = house.simulator.truth("notification")
    assert len(rows) == len(truth) == run.rows_added
    assert {row["character_id"] for row in rows} <= set(directors)

    house.advance(11 * MINUTE)
    told(house, "StructureUnderAttack", "structureID: 1\n")
    run = await house.sync("notifications")
    assert (run.result, run.note, run.rows_added, run.rows_changed) == ("success", None, 1, 0)


async def test_kinds_that_nobody_knows_and_hostile_texts_are_kept_as_they_are(
    house: House,
) -> None:
    row = told(house, "SomethingQuiteNew", HOSTILE)
    assert (await house.sync("notifications")).result == "success"
    (kept,) = [r for r in await house.rows("notification") if r["type"] == "SomethingQuiteNew"]
    assert (kept["notification_id"], kept["text"]) == (row["notification_id"], HOSTILE)
    assert read_notice(kept["text"]) == {}


async def test_one_whose_notifications_fail_costs_the_others_nothing(house: House) -> None:
    ill = characters(house)[1]
    house.simulator.fault(f"/characters/{ill}/notifications", status=500)
    run = await house.sync("notifications")
    assert (run.result, run.error_kind, run.items_failed) == ("error", "esi", 1)
    assert f"character {ill}" in str(run.error_message)
    assert len(await house.rows("notification")) == len(house.simulator.truth("notification"))


async def test_with_a_short_interval_they_ask_in_turn_within_esis_cache_time(
    house: House,
) -> None:
    await house.workspace.scheduler.update_process_interval(house.id_of("notifications"), 4)
    await house.sync("notifications", "startup")
    directors = sorted(characters(house)[:3])
    assert askers(house) == directors

    house.advance(10 * MINUTE)
    asked = []
    for _ in range(2):
        run = await house.sync("notifications", "schedule")
        asked.append(askers(house))
        assert house.status("notifications").next_run_time is not None
        if len(asked) == 1:  # the copies of those whose turn comes next have expired
            assert run.current_until is not None
            assert run.current_until < house.workspace.clock.now()
        house.advance(4 * MINUTE)
    assert sorted(len(turn) for turn in asked) == [1, 2]
    assert sorted(id for turn in asked for id in turn) == directors

    house.advance(20 * MINUTE)
    await house.sync("notifications")  # by hand: all of them
    assert askers(house) == directors


async def test_one_whose_notifications_fail_takes_nobodys_turn(house: House) -> None:
    directors = sorted(characters(house)[:3])
    await house.workspace.scheduler.update_process_interval(house.id_of("notifications"), 3)
    await house.sync("notifications", "startup")
    house.simulator.fault(f"/characters/{directors[0]}/notifications", status=403)
    house.advance(10 * MINUTE)
    askers(house)
    asked: set[int] = set()
    for _ in range(3):
        await house.sync("notifications", "schedule")
        asked.update(askers(house))
        house.advance(3 * MINUTE)
    assert asked == {*directors}


async def test_one_whose_login_has_ended_is_told_and_the_others_go_on(house: House) -> None:
    directors = characters(house)[:3]
    ill, well = directors[1], {directors[0], directors[2]}
    house.simulator.revoke(ill)
    run = await house.sync("notifications")
    assert well <= set(askers(house))
    assert (run.result, run.error_kind, run.items_failed) == ("error", "auth", 1)
    roster = house.workspace.roster.characters
    assert {id for id, c in roster.items() if c.needs == "login"} == {ill}
    assert house.status("notifications").needs is None

    house.advance(11 * MINUTE)
    run = await house.sync("notifications", "schedule")
    assert (run.result, set(askers(house))) == ("success", well)


async def test_logins_that_end_in_the_parts_of_a_run_park_all_that_they_served(
    house: House,
) -> None:
    for director in characters(house)[:3]:
        house.simulator.revoke(director)
    await house.sync("notifications", "schedule")
    found = {house.status(p).needs for p in ("notifications", "members", "assets")}
    assert found == {"login"}
