"""Industry: slots, what is ready, what stands still."""

import json

import pytest

from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.service.boards import read_page
from tests.boards.support import C, empty_database, put, read, seconds

NOW = "2026-11-28T12:00"


def job(job_id: int, **values: object) -> dict[str, object]:
    return {
        "job_id": job_id,
        "installer_id": 1,
        "activity_id": 1,
        "status": "active",
        "end_date": "2026-11-29T12:00:00Z",
        "runs": 2,
        "product_type_id": 587,
        "blueprint_type_id": 691,
        "facility_id": 7,
        **values,
    }


def test_slots_are_counted_by_kind_and_an_end_that_passed_is_ready() -> None:
    with empty_database() as db:
        put(db, "member", {"character_id": 1})
        put(db, "eve_name", {"id": 1, "name": "Aldra Vex", "category": "character"})
        put(
            db,
            "industry_job",
            job(1),
            job(2, activity_id=5, end_date="2026-11-28T11:59:00Z"),
            job(3, activity_id=9, status="ready"),
            job(4, activity_id=8, status="paused"),
            job(5, status="delivered"),
        )
        result = read(db, "industry", NOW)
        (row,) = result.rows

    assert (row["manufacturing"], row["science"], row["reactions"]) == (1, 2, 1)
    assert (row["ready"], row["paused"], row["next_end"]) == (2, 1, seconds("2026-11-29T12:00"))
    assert (row["installer_name"], row["member"]) == ("Aldra Vex", True)
    assert (result.summary["active"], result.summary["ready"]) == (4, 2)


def test_worth_is_runs_times_output_times_price_and_nothing_for_copies() -> None:
    with empty_database() as db:
        put(db, "market_price", {"type_id": 587, "average_price": 100.0})
        db.execute("INSERT INTO ref.blueprint_product VALUES (691, 'manufacturing', 587, 10)")
        put(db, "industry_job", job(1), job(2, activity_id=5))
        (nobody_known,) = read(db, "industry", NOW).rows
        put(db, "member", {"character_id": 2})
        (row,) = read(db, "industry", NOW).rows

    assert row["worth"] == pytest.approx(2 * 10 * 100.0)
    assert row["member"] is False
    assert nobody_known["member"] is True  # where nobody may read the members


def test_a_facility_that_could_work_and_does_not_is_idle() -> None:
    services = json.dumps([{"name": "Manufacturing (Standard)", "state": "online"}])
    off = services.replace("online", "offline")
    with empty_database() as db:
        for id_, told in ((7, services), (8, services), (9, off)):
            put(db, "structure", {"structure_id": id_, "services": told})
        put(db, "industry_job", job(1))
        summary = read(db, "industry", NOW).summary

    assert summary["idle_facilities"] == 1


def test_jobs_are_listed_soonest_first_with_output_blueprint_and_worth_of_a_day() -> None:
    with empty_database() as db:
        put(db, "market_price", {"type_id": 587, "average_price": 100.0})
        put(db, "eve_name", {"id": 587, "name": "Rifter"}, {"id": 7, "name": "Assembly Line"})
        db.execute("INSERT INTO ref.blueprint_product VALUES (691, 'manufacturing', 587, 10)")
        efficiency = {"material_efficiency": 10, "time_efficiency": 20}
        put(db, "blueprint", {"item_id": 40, "type_id": 691, **efficiency})
        put(
            db,
            "industry_job",
            job(1, blueprint_id=40, duration=2 * 86_400, cost=5.0, output_location_id=8),
            job(2, activity_id=5, end_date="2026-11-28T11:00:00Z"),
            job(3, status="delivered"),
        )
        done, making = read(db, "industry", NOW, "jobs").rows
        page = read_page(BoardContext(db, C, seconds(NOW)), "industry", "")

    assert (done["job_id"], done["state"], done["output"], done["worth"]) == (
        2,
        "ready",
        None,
        None,
    )
    assert (making["what"], making["output"]) == ("2 × Rifter", 20)
    assert (making["worth"], making["worth_per_day"], making["cost"]) == (2_000.0, 1_000.0, 5.0)
    assert (making["material_efficiency"], making["time_efficiency"]) == (10, 20)
    assert making["output_location_id"] == 8
    assert page.details == [
        [
            "       ready  2 copies of Rifter                  Assembly Line",
            "29 Nov 12:00  2 × Rifter                          Assembly Line",
        ]
    ]
