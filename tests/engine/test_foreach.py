"""What is asked once for each of something: at its pace, within a shared budget, by whose token."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpsync_tui.catalog.contracts import ITEMS
from corpsync_tui.catalog.kit.plans import ForEach
from corpsync_tui.sync.roster import ROLES_SCOPE
from tests.engine import declared
from tests.engine.conftest import OpenHouse
from tests.engine.declared import process_of
from tests.engine.serving import asked, serve
from tests.support.house import House, log_in
from tests.support.virtual import virtual_house

pytestmark = pytest.mark.anyio


def things(house: House, count: int) -> None:
    """Serve so many things, with details and states."""
    serve(house, "things", [{"thing_id": n} for n in range(1, count + 1)])
    for number in range(1, count + 1):
        serve(house, f"things/{number}", [{"kind": "a", "quantity": 1}])
        serve(house, f"things/{number}/state", {"state": "online"})


def details_asked(house: House) -> list[str]:
    """The paths of details, below `things`, since the log was cleared."""
    base = f"/corporations/{house.corporation_id}/things/"
    paths = [r["path"] for r in house.simulator.requests() if r["path"].startswith(base)]
    house.simulator.clear_log()
    return [path.removeprefix(base) for path in paths]


async def test_two_plans_share_one_budget_and_the_rest_is_due_at_once(house_of: OpenHouse) -> None:
    async with house_of(declared.THINGS, *declared.SHARING) as house:
        things(house, 2)
        run = await house.sync("things")
        assert (run.result, run.current_until) == ("success", None)
        assert sorted(details_asked(house)) == ["1", "1/state", "2"]
        due = house.status("things").next_run_time
        assert due is not None
        assert due <= house.workspace.clock.now()

        run = await house.sync("things")
        assert details_asked(house) == ["2/state"]
        assert run.current_until is not None
        assert len(await house.rows("thing_state")) == 2


async def test_a_pace_is_kept_at_any_moment(tmp_path: Path) -> None:
    processes = [process_of(declared.THINGS, declared.PACED)]
    async with virtual_house(tmp_path / "home", processes=processes) as house:
        things(house, 5)
        await house.workspace.scheduler.run_process_now(house.id_of("things"))
        await house.live(60)
        times = sorted(asked(house, f"things/{n}")[0]["time"] for n in range(1, 6))
        assert times[1] - times[0] < 1.0
        assert all(third - first >= 6.0 for first, third in zip(times, times[2:], strict=False))


def test_contract_items_are_never_asked_for_more_than_once_a_second() -> None:
    assert isinstance(ITEMS.plan, ForEach)
    pace = ITEMS.plan.pace
    assert pace is not None
    assert pace.requests == 1
    assert pace.seconds > 1.0


async def test_each_character_asks_for_itself_and_what_both_get_is_one_row(
    house_of: OpenHouse,
) -> None:
    async with house_of(declared.PERSONAL) as house:
        (corporation,) = house.simulator.world()
        first, second = (c["character_id"] for c in corporation["characters"][:2])
        house.simulator.login(character_id=second)
        await log_in(house.workspace)
        for character_id, letters in ((first, (1, 2)), (second, (2, 3))):
            house.simulator.fault(
                f"/characters/{character_id}/letters", json=[{"letter_id": n} for n in letters]
            )
        run = await house.sync("things")
        assert (run.result, run.note, run.rows_added) == ("success", None, 3)
        rows = {row["letter_id"]: row["character_id"] for row in await house.rows("letter")}
        assert (rows[1], rows[3]) == (first, second)
        sent = [
            (r["path"].split("/")[2], str(r["character_id"]))
            for r in house.simulator.requests()
            if r["path"].endswith("/letters")
        ]
        assert sorted(sent) == sorted([(str(first), str(first)), (str(second), str(second))])


async def test_a_character_that_did_not_grant_the_scope_is_not_asked(house_of: OpenHouse) -> None:
    async with house_of(declared.PERSONAL) as house:
        (corporation,) = house.simulator.world()
        second = corporation["characters"][1]["character_id"]
        house.simulator.login(character_id=second, scopes=[ROLES_SCOPE])
        await log_in(house.workspace)
        house.simulator.fault("/characters/{character_id}/letters", json=[{"letter_id": 1}])
        run = await house.sync("things")
        assert (run.result, run.rows_added) == ("success", 1)
        paths = [r["path"] for r in house.simulator.requests() if r["path"].endswith("/letters")]
        assert paths == [f"/characters/{house.simulator.character_id}/letters"]
