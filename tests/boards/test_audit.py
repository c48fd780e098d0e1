"""The audit: boxes, pilots and days, and what stands out."""

import pytest

from corpsync_tui.boards import audit
from tests.boards.support import empty_database, put, read, seconds

NOW = "2026-11-28T12:00"


def line(number: int, at: str, **values: object) -> dict[str, object]:
    return {
        "row_hash": number,
        "ordinal": 0,
        "logged_at": f"{at}:00Z",
        "container_id": 7,
        "character_id": 1,
        "action": "move",
        "type_id": 34,
        "quantity": 10,
        **values,
    }


def test_a_box_a_pilot_and_a_day_are_one_row() -> None:
    with empty_database() as db:
        put(db, "market_price", {"type_id": 34, "average_price": 5.0})
        put(
            db,
            "container_log",
            line(1, "2026-11-20T10:00"),
            line(2, "2026-11-20T11:00", action="add", quantity=4),
            line(3, "2026-11-20T11:01", action="enter_password", quantity=None),
            line(4, "2026-11-20T11:02", action="lock", quantity=None),
            line(5, "2026-11-21T10:00"),
        )
        newest, oldest = read(db, "audit", NOW).rows

    assert (oldest["day"], oldest["adds"], oldest["moves"]) == ("2026-11-20", 1, 1)
    assert (oldest["password_fails"], oldest["lock_changes"], oldest["worth"]) == (1, 1, 70.0)
    assert (oldest["first_time"], newest["first_time"]) == (True, False)


def test_five_times_the_mean_of_thirty_days_is_unusual() -> None:
    with empty_database() as db:
        put(db, "market_price", {"type_id": 34, "average_price": 1.0})
        put(
            db,
            "container_log",
            line(1, "2026-11-10T10:00"),
            line(2, "2026-11-11T10:00"),
            line(3, "2026-11-12T10:00", quantity=50),
            line(4, "2026-11-13T10:00", quantity=51 * 5),
        )
        rows = read(db, "audit", NOW).rows

    assert [row["unusual"] for row in rows] == [True, False, False, False]


def test_an_hour_outside_the_usual_ones_is_unusual_for_whom_one_knows() -> None:
    usual = [line(n, f"2026-11-01T{n % 20:02}:30", quantity=0) for n in range(100)]
    with empty_database() as db:
        put(db, "container_log", *usual, line(200, "2026-11-02T23:30"))
        put(db, "container_log", line(300, "2026-11-02T23:30", character_id=2))
        rows = {(r["character_id"], r["day"]): r["why"] for r in read(db, "audit", NOW).rows}

    assert rows == {(1, "2026-11-01"): "", (1, "2026-11-02"): "odd hour", (2, "2026-11-02"): ""}


def test_a_pilot_who_left_is_unusual() -> None:
    with empty_database() as db:
        put(db, "member", {"character_id": 2})
        put(db, "container_log", line(1, "2026-11-01T10:00"))
        (row,) = read(db, "audit", NOW).rows

    assert row["why"] == "left"


def test_a_pilot_who_is_idle_is_unusual_and_one_who_is_online_is_not() -> None:
    seen = {"logon_date": "2026-10-28T10:00:00Z", "logoff_date": "2026-10-29T11:00:00Z"}
    with empty_database() as db:
        put(
            db,
            "container_log",
            *(line(n, "2026-10-20T10:00", character_id=n) for n in (1, 2, 3, 4)),
        )
        put(db, "member", {"character_id": 1, **seen})
        put(db, "member", {"character_id": 2, **seen, "logoff_date": "2026-10-29T13:00:00Z"})
        put(db, "member", {"character_id": 3, **seen, "logon_date": "2026-10-29T12:00:00Z"})
        put(db, "member", {"character_id": 4, "logon_date": None, "logoff_date": None})
        rows = read(db, "audit", NOW).rows

    assert [(row["character_id"], row["why"]) for row in rows] == [
        (1, "idle"), (2, ""), (3, ""), (4, "")]  # fmt: skip


def test_a_row_names_the_bits_of_the_configuration_that_changed() -> None:
    change = {"action": "configure", "type_id": None, "quantity": None}
    with empty_database() as db:
        put(
            db,
            "container_log",
            line(1, "2026-11-20T10:00", **change, old_config_bitmask=2, new_config_bitmask=17),
            line(2, "2026-11-20T10:01", **change, old_config_bitmask=17, new_config_bitmask=16),
            line(3, "2026-11-21T10:00"),
        )
        moved, changed = read(db, "audit", NOW).rows

    assert moved["config_bits"] == []
    assert changed["config_bits"] == ["−2", "+1", "+16", "−1"]


def test_a_row_says_where_when_and_who_the_pilot_is() -> None:
    place = {"location_id": 60, "location_flag": "CorpSAG3"}
    with empty_database() as db:
        times = {"logon_date": "2026-11-20T10:00:00Z", "logoff_date": "2026-11-21T10:00:00Z"}
        put(db, "member", {"character_id": 1, **times})
        put(db, "member_role", {"character_id": 1, "roles": '["Director"]'})
        put(db, "container_log", line(1, "2026-11-20T23:00", **place))
        put(db, "container_log", line(2, "2026-11-20T04:00", **place))
        put(db, "container_log", line(3, "2026-11-20T04:30", character_id=2))
        rows = {row["character_id"]: row for row in read(db, "audit", NOW).rows}

    assert (rows[1]["location_id"], rows[1]["division"]) == (60, 3)
    assert (rows[1]["hours"], rows[1]["roles"]) == (["04", "23"], ["Director"])
    assert rows[1]["last_seen"] == seconds("2026-11-21T10:00")
    assert [rows[2][name] for name in ("division", "roles", "last_seen")] == [None, None, None]


def test_only_the_newest_lines_are_reckoned_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MOST", 1)
    with empty_database() as db:
        put(db, "container_log", *(line(n, f"2026-11-0{n}T10:00") for n in (1, 2, 3)))
        rows = read(db, "audit", NOW).rows

    assert [(row["day"], row["first_time"]) for row in rows] == [
        ("2026-11-03", False),
        ("2026-11-02", False),
    ]
