"""Projects: progress, rate, day of completion."""

import json

import pytest

from tests.boards.support import empty_database, put, read, seconds

NOW = "2026-11-28T12:00"


def project(id_: str, current: int = 30, left: float = 70.0, **values: object) -> dict[str, object]:
    return {
        "id": id_,
        "name": id_,
        "state": "Active",
        "progress": json.dumps({"current": current, "desired": 100}),
        "reward": json.dumps({"initial": 100.0, "remaining": left}),
        **values,
    }


def moved(id_: str, before: int, after: int, at: str) -> dict[str, object]:
    return {
        "run_id": 1,
        "time": seconds(at),
        "table_name": "project",
        "kind": "changed",
        "row_key": f'{{"id":"{id_}"}}',
        "before": json.dumps({"progress": {"current": before, "desired": 100}}),
        "after": json.dumps({"progress": {"current": after, "desired": 100}}),
    }


def test_a_project_is_done_when_its_rate_of_seven_days_gets_there() -> None:
    details = json.dumps({"expires": "2026-12-01T12:00:00Z"})
    with empty_database() as db:
        put(db, "project", project("a"))
        put(db, "project_detail", {"id": "a", "details": details})
        put(
            db,
            "change",
            moved("a", 1, 2, "2026-11-01T12:00"),
            moved("a", 2, 30, "2026-11-27T12:00"),
        )
        (row,) = read(db, "projects", NOW).rows

    assert (row["progress"], row["desired"], row["isk_left"]) == (30, 100, 70.0)
    assert row["done_on"] - seconds(NOW) == pytest.approx(70 / 4 * 86_400)
    assert (row["expires"], row["attention"]) == (seconds("2026-12-01T12:00"), "medium")


def test_what_stands_still_has_no_day_and_what_is_out_of_isk_is_marked() -> None:
    with empty_database() as db:
        put(db, "project", project("a"), project("b", left=0.0))
        put(db, "freelance_job", project("c", current=100))
        result = read(db, "projects", NOW)
        rows = {row["id"]: row for row in result.rows}

    assert (rows["a"]["done_on"], rows["a"]["attention"]) == (None, None)
    assert rows["b"]["attention"] == "medium"
    assert (rows["c"]["kind"], rows["c"]["attention"]) == ("freelance", None)
    assert result.summary["active"] == 2  # a finished freelance job may stay `Active`
