"""Projects: progress, rate, day of completion."""

import json

import pytest

from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.service.boards import read_page
from corpsync_tui.store.changepack import pack_oldest
from tests.boards.support import C, copied, empty_database, put, read, seconds

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
        put(db, "project_detail", {"id": "a", "details": details, "creator": "{}"})
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


def test_a_project_at_a_standstill_is_behind_once_its_end_is_near() -> None:
    ends = {"a": "2026-12-04T12:00:00Z", "b": "2026-12-06T12:00:00Z", "c": "2026-11-28T11:00:00Z"}
    with empty_database() as db:
        for id_, end in ends.items():
            details = json.dumps({"expires": end})
            put(db, "project", project(id_))
            put(db, "project_detail", {"id": id_, "details": details, "creator": "{}"})
        result = read(db, "projects", NOW)

    levels = {row["id"]: (row["done_on"], row["attention"]) for row in result.rows}
    assert levels == {"a": (None, "medium"), "b": (None, None), "c": (None, "medium")}
    assert result.summary["behind"] == 2


def test_a_project_that_was_just_begun_has_not_stood_still() -> None:
    ends = {"a": "2026-12-03T12:00:00Z", "b": "2026-11-28T13:00:00Z"}
    with empty_database() as db:
        for id_, end in ends.items():
            details = json.dumps({"created": "2026-11-28T10:00:00Z", "expires": end})
            put(db, "project", project(id_))
            put(db, "project_detail", {"id": id_, "details": details, "creator": "{}"})
        rows = read(db, "projects", NOW).rows

    assert {row["id"]: row["attention"] for row in rows} == {"a": None, "b": "medium"}


def test_contributors_have_their_share_of_each_project_and_what_they_earn() -> None:
    with empty_database() as db:
        put(db, "project", project("a"), project("b", state="Closed"))
        pay = json.dumps({"reward_per_contribution": 5.0})
        creator = json.dumps({"id": 9, "name": "Aldra Vex"})
        about = json.dumps({"career": "Industrialist"})
        detail = {"id": "a", "contribution": pay, "creator": creator, "details": about}
        put(db, "project_detail", detail)
        put(db, "change", moved("a", 0, 28, "2026-11-27T12:00"))
        for who, count in ((1, 10), (2, 30)):
            work = {"id": who, "name": f"Pilot {who}", "contributed": count}
            put(db, "project_contributor", {"project_id": "a", **work})
            put(db, "project_contributor", {"project_id": "b", **work})
        put(db, "freelance_job", project("c"))
        helper = {"id": 3, "name": "Pilot 3", "contributed": 7}
        put(db, "freelance_job_participant", {"job_id": "c", **helper})
        found = read(db, "projects", NOW, "contributor").rows
        page = read_page(BoardContext(db, C, seconds(NOW)), "projects", "")
        rows = {row["id"]: row for row in page.rows}

    assert [(r["id"], r["character_id"], r["share"], r["earned"]) for r in found] == [
        ("a", 2, 75.0, 150.0),
        ("a", 1, 25.0, 50.0),
        ("c", 3, 100.0, None),
    ]
    assert (rows["a"]["creator_id"], rows["a"]["career"]) == (9, "Industrialist")
    assert (rows["a"]["done"], rows["a"]["per_unit"]) == (30.0, 5.0)
    assert rows["a"]["isk_per_hour"] == pytest.approx(4 * 5 / 24)
    assert page.result.summary["isk_per_hour"] == rows["a"]["isk_per_hour"]
    texts = {row["id"]: lines for row, lines in zip(page.rows, page.details, strict=True)}
    assert texts["a"] == ["Pilot 2 30 (75 %) · Pilot 1 10 (25 %)"]


def test_details_of_what_has_not_moved_make_no_board_stale() -> None:
    """They are not asked for again, however long ago a project ended."""
    with empty_database() as db:
        for table in ("project_detail", "project_contributor", "freelance_job_participant"):
            copied(db, "projects", table, "2026-11-01T08:00")
        copied(db, "projects", "project", "2026-11-28T11:40")
        copied(db, "projects", "freelance_job", "2026-11-28T11:45")
        put(db, "sync_schedule", {"process_id": f"{C}/projects", "interval_minutes": 30})
        fresh = read(db, "projects", "2026-11-28T12:00")
        later = read(db, "projects", "2026-11-28T13:11")

    assert fresh.as_of == seconds("2026-11-01T08:00")
    assert (fresh.stale, later.stale) == (False, True)


def test_progress_counts_also_once_the_changes_are_packed() -> None:
    with empty_database() as db:
        put(db, "project", project("a"))
        put(db, "freelance_job", project("b"))
        put(db, "change", moved("a", 2, 16, "2026-11-26T12:00"))
        put(db, "change", {**moved("b", 9, 30, "2026-11-26T12:00"), "table_name": "freelance_job"})
        put(db, "change", moved("a", 16, 30, "2026-11-27T12:00"))
        before = read(db, "projects", NOW).rows
        assert pack_oldest(db, 0, 2)
        after = read(db, "projects", NOW).rows

    assert {row["id"]: row["per_day"] for row in before} == {"a": 4.0, "b": 3.0}
    assert after == before
