"""Each plan and each shape against a server on loopback: what is asked, and what is stored."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine import declared
from tests.engine.conftest import OpenHouse
from tests.engine.serving import asked, renew, serve
from tests.support.house import House

pytestmark = pytest.mark.anyio

ROLES = 1
"""A run by hand asks for the character's roles, too, which are as they were."""


def thing(number: int, *, system: int | None = 30_000_142) -> dict[str, Any]:
    return {"thing_id": number, "system_id": system, "corporation_id": 5}


def detail(kind: str, quantity: int = 1) -> dict[str, Any]:
    return {"kind": kind, "quantity": quantity}


def standing(number: int, kind: str, value: int = 1) -> dict[str, Any]:
    return {"from_id": number, "from_type": kind, "value": value}


async def details(house: House) -> set[tuple[int, str, int]]:
    rows = await house.rows("thing_detail")
    return {(row["thing_id"], row["kind"], row["quantity"]) for row in rows}


async def test_a_nested_value_that_may_be_missing_is_stored_where_it_is_there(
    house_of: OpenHouse,
) -> None:
    async with house_of(declared.THINGS) as house:
        whole = thing(1) | {"parts": [{"name": "Market"}]}
        serve(house, "things", [whole, thing(2) | {"parts": None}, thing(3)])
        assert (await house.sync("things")).error_message is None
        parts = {row["thing_id"]: row["parts"] for row in await house.rows("thing")}
        assert parts == {1: '[{"name":"Market"}]', 2: None, 3: None}


async def test_details_that_fail_keep_their_rows_and_those_of_what_left_go(
    house_of: OpenHouse,
) -> None:
    async with house_of(declared.THINGS, declared.DETAILS) as house:
        serve(house, "things", [thing(1), thing(2), thing(3), thing(4, system=None)])
        for number in (1, 2, 3):
            serve(house, f"things/{number}", [detail("a"), detail("b")])
        run = await house.sync("things")
        assert (run.result, run.rows_added) == ("success", 10)
        queries = [request["query"] for request in asked(house, "things/1")]
        assert queries == [{"system_id": "30000142"}]
        assert asked(house, "things/4") == []

        renew(house)
        serve(house, "things", [thing(1), thing(2)])
        serve(house, "things/1", [detail("a", 7)])
        house.simulator.fault("/corporations/{corporation_id}/things/2", status=500)
        run = await house.sync("things")
        assert (run.result, run.items_failed) == ("error", 1)
        assert "thing 2" in str(run.error_message)
        assert (run.rows_added, run.rows_changed, run.rows_removed) == (0, 1, 5)
        assert await details(house) == {(1, "a", 7), (2, "a", 1), (2, "b", 1)}

        house.simulator.clear_faults()
        serve(house, "things/2", [])
        run = await house.sync("things")
        assert (run.result, run.rows_removed) == ("success", 2)
        assert await details(house) == {(1, "a", 7)}


async def test_details_are_asked_with_the_login_and_with_their_validators(
    house_of: OpenHouse,
) -> None:
    async with house_of(declared.THINGS, declared.DETAILS) as house:
        serve(house, "things", [thing(1)])
        serve(house, "things/1", [detail("a")])
        await house.sync("things")
        renew(house)
        serve(house, "things", None)
        serve(house, "things/1", None)
        run = await house.sync("things")
        assert (run.result, run.rows_removed) == ("success", 0)
        (request,) = asked(house, "things/1")
        assert (request["authorization"], request["if_none_match"]) == (True, '"things/1-1"')
        assert await details(house) == {(1, "a", 1)}


async def test_what_goes_beyond_the_budget_is_due_at_once_and_oldest_first(
    house_of: OpenHouse,
) -> None:
    async with house_of(declared.THINGS, declared.DETAILS) as house:
        serve(house, "things", [thing(n) for n in range(1, 6)])
        for number in range(1, 6):
            serve(house, f"things/{number}", [detail("a")])
        await house.sync("things")
        due = house.status("things").next_run_time
        assert due is not None
        assert due <= house.workspace.clock.now()
        assert {row[0] for row in await details(house)} == {1, 2, 3}

        house.simulator.clear_log()
        run = await house.sync("things")
        assert run.rows_removed == 0
        assert {row[0] for row in await details(house)} == {1, 2, 3, 4, 5}
        assert asked(house, "things/1") == []
        due = house.status("things").next_run_time
        assert due is not None
        assert due > house.workspace.clock.now()


@pytest.mark.parametrize("status", [403, 404, 422])
async def test_a_refused_detail_is_left_in_peace_for_a_day(
    house_of: OpenHouse, status: int
) -> None:
    async with house_of(declared.THINGS, declared.DETAILS) as house:
        serve(house, "things", [thing(1), thing(2)])
        serve(house, "things/1", [detail("a")])
        house.simulator.fault("/corporations/{corporation_id}/things/2", status=status)
        run = await house.sync("things")
        assert (run.result, run.items_failed) == ("success", 1)
        assert house.status("things").needs is None

        house.simulator.clear_log()
        house.advance(3_700)
        run = await house.sync("things")
        assert (run.result, run.items_failed) == ("success", 0)
        assert asked(house, "things/2") == []
        house.advance(86_400)
        await house.sync("things")
        assert len(asked(house, "things/2")) == 1


async def test_details_that_never_change_are_read_once_even_where_they_are_empty(
    house_of: OpenHouse,
) -> None:
    async with house_of(declared.THINGS, declared.ONCE) as house:
        serve(house, "things", [thing(n) for n in (1, 2, 3)])
        for number, rows in ((1, [detail("a")]), (2, []), (3, [detail("b")])):
            serve(house, f"things/{number}", rows)
        run = await house.sync("things")
        assert (run.result, run.rows_added) == ("success", 5)

        renew(house)
        serve(house, "things", [thing(n) for n in (2, 3, 4)])
        serve(house, "things/4", [detail("c")])
        run = await house.sync("things")
        assert (run.rows_added, run.rows_removed) == (2, 1)
        assert [asked(house, f"things/{n}") == [] for n in (1, 2, 3, 4)] == [True] * 3 + [False]
        assert {row[0] for row in await details(house)} == {1, 3, 4}


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_row_that_left_a_changed_page_goes_whatever_its_key(
    house_of: OpenHouse, *, restarted: bool
) -> None:
    pages = [[standing(1, "a"), standing(1, "b")], [standing(2, "a"), standing(3, "a")]]
    async with house_of(declared.STANDINGS) as house:
        serve(house, "standings", *pages)
        await house.sync("things")
        if not restarted:
            await renewed_standings(house)
    if restarted:
        async with house_of(declared.STANDINGS) as house:
            await renewed_standings(house)


async def renewed_standings(house: House) -> None:
    renew(house)
    serve(house, "standings", None, [standing(3, "a", 8)])
    run = await house.sync("things")
    assert (run.error_message, run.rows_changed, run.rows_removed) == (None, 1, 1)
    rows = {(r["from_id"], r["from_type"], r["value"]) for r in await house.rows("standing")}
    assert rows == {(1, "a", 1), (1, "b", 1), (3, "a", 8)}


async def test_pages_are_known_whatever_else_the_query_bears(house_of: OpenHouse) -> None:
    async with house_of(declared.FILTERED) as house:
        serve(house, "filtered", [standing(1, "a")], [standing(2, "a")])
        await house.sync("things")
        renew(house)
        serve(house, "filtered", None, None)
        run = await house.sync("things")
        assert (run.result, run.not_modified) == ("success", 2 + ROLES)
        sent = [request["if_none_match"] for request in asked(house, "filtered")]
        assert sent == ['"filtered-1"', '"filtered-2"']


async def test_a_cursor_goes_back_once_and_on_from_its_token(house_of: OpenHouse) -> None:
    async with house_of(declared.PROJECTS) as house:

        def answer(query: dict[str, str], tokens: dict[str, str], *names: str) -> None:
            rows = [{"id": name[0], "name": name} for name in names]
            body = {"projects": rows} | ({"cursor": tokens} if tokens else {})
            serve(house, "projects", body, query=query)

        answer({"limit": "2"}, {"before": "b1", "after": "now"}, "c1", "b2")
        answer({"before": "b1"}, {"before": "b0", "after": "x"}, "b1", "a1")
        answer({"before": "b0"}, {})
        run = await house.sync("things")
        assert (run.result, run.items, run.rows_added) == ("success", 3, 3)
        assert await names(house) == {"a1", "b2", "c1"}

        renew(house)
        answer({"after": "now"}, {"after": "later"}, "a2", "a3")
        answer({"after": "later"}, {})
        run = await house.sync("things")
        assert (run.items, run.rows_added, run.rows_changed) == (3, 0, 1)
        assert await names(house) == {"a3", "b2", "c1"}

        renew(house)
        answer({"after": "later"}, {"after": "last"}, "e1")
        answer({"after": "last"}, {"after": "end"}, "e2")
        answer({"after": "end"}, {})
        run = await house.sync("things")
        assert (run.items, run.rows_added) == (4, 1), "one that changes meanwhile is one"

        renew(house)
        serve(house, "projects", None, query={"after": "end"})
        run = await house.sync("things")
        assert (run.result, run.items, run.not_modified) == ("success", 4, 1 + ROLES)
        (request,) = asked(house, "projects")
        assert request["if_none_match"] == '"projects-1"'

        renew(house)
        answer({}, {"after": "anew"}, "d1")
        house.simulator.fault(
            "/corporations/{corporation_id}/projects", query={"after": "end"}, status=404
        )
        run = await house.sync("things")
        assert (run.result, run.rows_added, run.rows_removed) == ("success", 1, 0)


async def names(house: House) -> set[str]:
    return {row["name"] for row in await house.rows("project")}


async def test_a_number_bare_ids_and_grouped_lists(house_of: OpenHouse) -> None:
    async with house_of(declared.CAP, declared.GUESTS, declared.ROOMS) as house:
        serve(house, "cap", 40)
        serve(house, "guests", [7, 8])
        serve(house, "rooms", {"hangar": [{"number": 1, "name": "Ore"}], "wallet": []})
        run = await house.sync("things")
        assert (run.error_message, run.rows_added) == (None, 4)
        assert await house.rows("cap") == [{"value": 40}]
        assert [row["character_id"] for row in await house.rows("guest")] == [7, 8]
        assert await house.rows("room") == [{"kind": "hangar", "number": 1, "name": "Ore"}]

        renew(house)
        serve(house, "cap", 50)
        serve(house, "guests", [8])
        serve(house, "rooms", {"wallet": [{"number": 1, "name": "Taxes"}]})
        run = await house.sync("things")
        assert (run.rows_added, run.rows_changed, run.rows_removed) == (1, 1, 2)


async def test_one_answer_fills_a_table_and_its_child_table(house_of: OpenHouse) -> None:
    def box(number: int, *slots: int) -> dict[str, Any]:
        return {"box_id": number, "items": [{"slot": slot} for slot in slots]}

    async with house_of(declared.BOXES) as house:
        serve(house, "boxes", [box(1, 1, 2), box(2)], [box(3, 1)])
        run = await house.sync("things")
        assert (run.error_message, run.rows_added, run.items) == (None, 6, 3)
        assert len(asked(house, "boxes")) == 2

        renew(house)
        serve(house, "boxes", [box(1, 2, 3)], None)
        run = await house.sync("things")
        assert (run.rows_added, run.rows_changed, run.rows_removed) == (1, 0, 2)
        items = {(row["box_id"], row["slot"]) for row in await house.rows("box_item")}
        assert items == {(1, 2), (1, 3), (3, 1)}


async def test_the_first_detail_may_fail_without_harm_to_the_next(house_of: OpenHouse) -> None:
    async with house_of(declared.THINGS, declared.SINGLE) as house:
        serve(house, "things", [thing(1), thing(2)])
        house.simulator.fault("/corporations/{corporation_id}/things/1", status=500)
        serve(house, "things/2", {"state": "online"})
        run = await house.sync("things")
        assert (run.result, run.error_kind, run.items_failed) == ("error", "esi", 1)
        assert await house.rows("thing_state") == [{"thing_id": 2, "state": "online"}]
