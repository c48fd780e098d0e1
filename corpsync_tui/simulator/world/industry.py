"""Industry jobs: manufacturing, research, copying, invention."""

from corpsync_tui.simulator.ask import Ask
from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import types
from corpsync_tui.simulator.world.lazy import Row, Rows
from corpsync_tui.simulator.world.model import DAY, ONLY, Corporation, Unit, World
from corpsync_tui.simulator.world.mutation import Mutation
from corpsync_tui.simulator.world.table import DataSet, Event, Table

COMPLETED = ("delivered", "cancelled", "reverted")
"""Statuses that are told only with `include_completed`."""
_MANUFACTURING, _INVENTION = 1, 8
_ACTIVITIES = (_MANUFACTURING, _MANUFACTURING, _MANUFACTURING, 3, 4, 5, _INVENTION)


def fill(world: World, corporation: Corporation, scale: Scale) -> None:
    """Ninety days of jobs; the older ones are delivered."""
    rows: list[Row] = []
    corporation.tables["industry_job"] = {ONLY: rows}
    ages = sorted((world.rng.uniform(0.01, 88) * DAY for _ in range(scale.jobs)), reverse=True)
    for age in ages:
        rows.append(_job(world, corporation, world.clock.now() - age))


def new(world: World, corporation: Corporation, _unit: Unit) -> Row:
    """A job that somebody installs right now."""
    return _job(world, corporation, world.clock.now())


def change(world: World, _corporation: Corporation, row: Row) -> Row:
    """A job runs on: active, ready, delivered; a delivered one is reverted."""
    now = world.clock.now()
    if row["status"] == "active":
        return row | {"status": "ready", "end_date": iso(now)}
    if row["status"] == "ready":
        return row | _delivery(world, row, now)
    return row | {"status": "delivered" if row["status"] == "reverted" else "reverted"}


def _delivery(world: World, row: Row, when: float) -> Row:
    return {
        "completed_character_id": row["installer_id"],
        "completed_date": iso(when),
        "status": "delivered",
        "successful_runs": world.rng.randint(0, row["runs"]),
    }


def _job(world: World, corporation: Corporation, start: float) -> Row:
    rng = world.rng
    facility = rng.choice(world.own_structures(corporation)).structure_id
    blueprint = rng.choice(types.BLUEPRINTS)
    activity = rng.choice(_ACTIVITIES)
    duration = rng.randint(1_800, 900_000)
    row: Row = {
        "activity_id": activity,
        "blueprint_id": world.next_id("item"),
        "blueprint_location_id": facility,
        "blueprint_type_id": blueprint,
        "cost": round(rng.uniform(1e4, 3e7), 2),
        "duration": duration,
        "end_date": iso(start + duration),
        "facility_id": facility,
        "installer_id": rng.choice(world.members(corporation)),
        "job_id": world.next_id("job"),
        "licensed_runs": rng.randint(1, 200),
        "location_id": facility,
        "output_location_id": facility,
        "product_type_id": types.product_of(blueprint) if activity == _MANUFACTURING else blueprint,
        "runs": rng.randint(1, 40),
        "start_date": iso(start),
        "status": "active",
    }
    if activity == _INVENTION:
        row["probability"] = round(rng.uniform(0.25, 0.6), 4)
    if start + duration > world.clock.now():
        return row
    if rng.random() < 0.08:
        return row | {"status": "cancelled"}
    if world.clock.now() - start - duration < 2 * DAY:
        return row | {"status": "ready"}
    return row | _delivery(world, row, start + duration + rng.uniform(60, DAY))


def _run_on(world: World, corporation: Corporation) -> None:
    jobs = corporation.rows("industry_job")
    running = [n for n, row in enumerate(jobs) if row["status"] in ("active", "ready")]
    if running:
        place = (ONLY, world.rng.choice(running))
        Mutation(world, corporation, "industry_job").change(1, [place])


def _install(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "industry_job").add(1)


def _jobs(ask: Ask) -> Rows:
    rows = ask.corporation.rows("industry_job")
    if ask.query.get("include_completed") == "true":
        return rows
    return [row for row in rows if row["status"] not in COMPLETED]


_JOBS = "/corporations/{corporation_id}/industry/jobs"
DATA_SET = DataSet(
    tables=(Table("industry_job", _JOBS, "ledger", ("job_id",), make=new, alter=change, kept=400),),
    events=(Event(_run_on, 5), Event(_install, 3)),
    feeds={_JOBS: _jobs},
    fill=fill,
)
