"""Members: idle days, roles, places."""

import json

import pytest

from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.service.boards import read_page
from corpsync_tui.store.changepack import pack_oldest
from tests.boards.support import C, empty_database, put, read, seconds

NOW = "2026-11-28T12:00"


def member(id_: int, on: str | None = None, off: str | None = None) -> dict[str, object]:
    return {
        "character_id": id_,
        "logon_date": on and f"{on}:00Z",
        "logoff_date": off and f"{off}:00Z",
        "start_date": "2025-01-01T00:00:00Z",
    }


def test_idle_is_since_the_log_off_and_never_seen_is_unknown() -> None:
    with empty_database() as db:
        put(
            db,
            "member",
            member(1, "2026-11-28T10:00", "2026-11-27T10:00"),
            member(2, "2026-11-01T10:00", "2026-10-19T12:00"),
            member(3, "2026-07-01T10:00", "2026-07-01T12:00"),
            member(4),
        )
        result = read(db, "members", NOW)
        rows = {row["character_id"]: row for row in result.rows}

    assert [rows[n]["idle_days"] for n in (1, 2, 3, 4)] == [0.0, 0.0, pytest.approx(150.0), None]
    assert rows[1]["joined"] == seconds("2025-01-01T00:00")
    assert (result.summary["count"], result.summary["idle_30"]) == (4, 1)
    assert result.summary["idle_90"] == 1


@pytest.mark.parametrize(
    ("joined", "reads"),
    [
        ("2026-11-25T12:00", "3 d"),
        ("2026-02-28T12:00", "9 mo"),
        ("2022-11-20T12:00", "4 y"),
        ("", "–"),
    ],
)
def test_how_long_a_member_is_here_reads_in_its_largest_unit(joined: str, reads: str) -> None:
    with empty_database() as db:
        put(db, "member", {**member(1), "start_date": joined and f"{joined}:00Z"})
        page = read_page(BoardContext(db, C, seconds(NOW)), "members", "")

    here = [column.name for column in page.columns].index("here_days")
    assert page.cells(page.rows[0])[here] == reads


def test_the_chief_executive_does_not_count_against_the_limit() -> None:
    with empty_database() as db:
        assert read(db, "members", NOW).summary["limit"] is None
        put(db, "member_limit", {"value": 200})
        assert read(db, "members", NOW).summary["limit"] == 201


def test_who_is_idle_and_can_hurt_stands_first() -> None:
    idle = ("2026-07-01T10:00", "2026-07-01T12:00")
    with empty_database() as db:
        put(db, "member", member(1, *idle), member(2, *idle), member(3, "2026-11-28T10:00"))
        roles = {"character_id": 2, "roles": json.dumps(["Trader", "Hangar_Take_3", "Director"])}
        put(db, "member_role", {**roles, "roles_at_hq": json.dumps(["Hangar_Query_1"])})
        put(db, "title", {"title_id": 1, "name": "Founder"})
        put(db, "member_title", {"character_id": 2, "titles": "[1, 8]"})
        rows = read(db, "members", NOW).rows

    assert [row["character_id"] for row in rows] == [2, 1, 3]
    assert rows[0]["dangerous_roles"] == ["Director", "Hangar_Take_3"]
    assert rows[0]["roles"] == ["Director", "Hangar_Query_1", "Hangar_Take_3", "Trader"]
    assert (rows[0]["titles"], rows[1]["titles"], rows[1]["roles"]) == (["Founder", "8"], [], [])


def test_roles_that_nobody_may_read_are_unknown() -> None:
    with empty_database() as db:
        put(db, "member", member(1))
        (row,) = read(db, "members", NOW).rows

    assert (row["roles"], row["titles"], row["dangerous_roles"]) == (None, None, None)


def test_a_member_s_kills_ore_and_bounties_of_thirty_days_stand_beside() -> None:
    def kill(id_: int, day: str, victim: int, *killers: int) -> dict[str, object]:
        blows = [{"character_id": k, "corporation_id": C} for k in killers]
        blows[-1]["final_blow"] = True
        lost = json.dumps({"corporation_id": victim, "ship_type_id": 587})
        time = f"2026-{day}T10:00:00Z"
        mail = {"killmail_id": id_, "killmail_time": time, "victim": lost}
        return {**mail, "attackers": json.dumps(blows)}

    with empty_database() as db:
        put(db, "market_price", {"type_id": 45510, "average_price": 2.0})
        put(db, "price_day", {"day": "2026-11-21", "type_id": 45510, "average_price": 5.0})
        times = {"logon_date": "2026-11-20T10:00:00Z", "logoff_date": "2026-11-21T10:00:00Z"}
        put(db, "member", {"character_id": 1, "base_id": 60, **times}, member(2))
        put(
            db,
            "killmail",
            kill(1, "11-20", 5, 2, 1),
            kill(2, "10-01", 5, 1),
            kill(3, "11-21", C, 1),
        )
        for day, quantity in (("2026-11-20", 10), ("2026-11-21", 10), ("2026-10-01", 99)):
            put(db, "mining_ledger", {"observer_id": 7, "character_id": 1, "quantity": quantity,
                "recorded_corporation_id": C, "type_id": 45510, "last_updated": day})  # fmt: skip
        for id_, date, amount in ((1, "2026-11-20", 7.0), (2, "2026-10-20", 9.0)):
            put(db, "wallet_journal", {"id": id_, "division": 1, "ref_type": "bounty_prizes",
                "date": f"{date}T10:00:00Z", "amount": amount, "second_party_id": 1})  # fmt: skip
        first, second = sorted(read(db, "members", NOW).rows, key=lambda row: row["character_id"])

    assert (first["kills"], first["mined"], first["bounties"]) == (1, 70.0, 7.0)
    assert (first["base_id"], first["logon"]) == (60, seconds("2026-11-20T10:00"))
    assert first["logoff"] == seconds("2026-11-21T10:00")
    assert [second[name] for name in ("kills", "mined", "bounties")] == [None, None, None]


def test_who_came_went_and_got_roles_is_listed_the_newest_first() -> None:
    def moved(kind: str, at: str, who: int) -> dict[str, object]:
        key = json.dumps({"character_id": who})
        run = {"run_id": 1, "table_name": "member", "kind": kind}
        return {**run, "time": seconds(at), "row_key": key}

    def roles(at: str, old: list[str], new: list[str]) -> dict[str, object]:
        change = {"character_id": 3, "issuer_id": 9, "role_type": "roles", "row_hash": 1}
        lists = {"old_roles": json.dumps(old), "new_roles": json.dumps(new)}
        return {**change, **lists, "changed_at": f"{at}:00Z"}

    with empty_database() as db:
        put(db, "change", moved("added", "2026-11-20T10:00", 1))
        put(db, "change", moved("removed", "2026-11-21T10:00", 2))
        put(db, "change", moved("added", "2026-10-01T10:00", 4))
        put(db, "role_change", roles("2026-11-22T10:00", ["Trader"], ["Director", "Accountant"]))
        put(db, "role_change", roles("2026-10-01T10:00", [], ["Director"]))
        result = read(db, "members", NOW, "news")

    assert [(r["what"], r["character_id"], r["roles"], r["issuer_id"]) for r in result.rows] == [
        ("got", 3, ["Accountant", "Director"], 9),
        ("lost", 3, ["Trader"], 9),
        ("left", 2, None, None),
        ("joined", 1, None, None),
    ]
    assert result.rows[0]["time"] == seconds("2026-11-22T10:00")


def test_who_came_and_went_is_listed_as_counted_once_the_changes_are_packed() -> None:
    with empty_database() as db:
        for who, kind, day in (
            (1, "added", 20),
            (2, "added", 20),
            (3, "removed", 20),
            (4, "added", 21),
        ):
            at = seconds(f"2026-11-{day}T10:00") + who
            told = {"run_id": 1, "table_name": "member", "kind": kind, "time": at}
            put(db, "change", {**told, "row_key": json.dumps({"character_id": who})})
        before = read(db, "members", NOW, "news")
        assert pack_oldest(db, 0, 3)
        after = read(db, "members", NOW, "news")
        counted = read(db, "members", NOW).summary

    assert [row["character_id"] for row in before.rows] == [4, 3, 2, 1]
    assert (after.rows, after.summary) == (before.rows, before.summary)
    assert (counted["joined_30"], counted["left_30"]) == (3, 1)
    assert after.summary == {"joined": 3, "left": 1}


def test_the_summary_says_who_was_seen_who_came_and_went_and_whose_roles_changed() -> None:
    def moved(kind: str, at: str) -> dict[str, object]:
        return {"run_id": 1, "table_name": "member", "kind": kind, "time": seconds(at)}

    with empty_database() as db:
        put(db, "member", member(1, "2026-11-28T10:00"), member(2, "2026-11-01T10:00"), member(3))
        db.execute("UPDATE member SET logoff_date = '2026-11-02T10:00:00Z' WHERE character_id = 2")
        put(db, "change", moved("added", "2026-11-20T10:00"), moved("added", "2026-11-21T10:00"))
        put(db, "change", moved("removed", "2026-11-20T10:00"), moved("added", "2026-10-20T10:00"))
        put(db, "role_change", {"character_id": 1, "changed_at": "2026-11-20T10:00:00Z"})
        put(db, "role_change", {"character_id": 1, "changed_at": "2026-10-20T10:00:00Z"})
        summary = read(db, "members", NOW).summary

    assert (summary["seen_7"], summary["joined_30"], summary["left_30"]) == (1, 2, 1)
    assert summary["role_changes_30"] == 1


def test_a_place_that_nobody_may_look_up_is_an_unknown_structure() -> None:
    with empty_database() as db:
        put(db, "member", {**member(1), "location_id": 1035400000017})
        db.execute(
            "INSERT INTO nameless_id VALUES (1035400000017, NULL, 'forbidden', 0, 1, ?)", (C,)
        )
        page = read_page(BoardContext(db, C, seconds(NOW)), "members", "")

    place = [column.name for column in page.columns].index("location_id")
    assert page.cells(page.rows[0])[place] == "Unknown structure 1035400000017"
