"""What is to come, as iCalendar: fuel that ends, chunks, timers, jobs, orders and contracts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from corpsync_tui.boards import market, moons, structures
from corpsync_tui.boards.kit.board import BoardContext, unix
from corpsync_tui.store.naming import Naming
from corpsync_tui.text import printable

JOBS = f"""
SELECT job_id, product_type_id, blueprint_type_id, {unix("end_date")} AS ends FROM industry_job
WHERE corporation_id = :c AND status = 'active' AND end_date > :now
"""

CONTRACTS = f"""
SELECT contract_id, title, state, CASE state WHEN 'outstanding' THEN {unix("date_expired")}
    ELSE {unix("date_accepted")} + days_to_complete * 86400 END AS ends
FROM contract WHERE corporation_id = :c AND state IN ('outstanding', 'in_progress')
"""
"""Until when one may be taken, or must be done once it was."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happens at one moment."""

    key: str
    """The same in every export, so that a calendar renews it instead of adding another."""
    at: float
    """Unix seconds."""
    what: str


def find_moments(context: BoardContext) -> list[Moment]:
    """Everything of one corporation that is still to come, the soonest first."""
    names = Naming(context.db)
    found = [
        *_structures(context),
        *_chunks(context),
        *_orders(context, names),
        *_contracts(context),
        *_jobs(context, names),
    ]
    return sorted((m for m in found if m.at > context.now), key=lambda moment: moment.at)


def _structures(context: BoardContext) -> Iterator[Moment]:
    for row in structures.read(context).rows:
        if row["fuel_hours"] is not None:
            ends = context.now + row["fuel_hours"] * 3600
            yield Moment(f"fuel-{row['id']}", ends, f"{row['name']}: out of {row['runs_out']}")
        if row["timer_end"] is not None:
            what = str(row["timer"]).replace("_", " ")
            yield Moment(f"timer-{row['id']}", row["timer_end"], f"{row['name']}: {what}")
        unanchors = row["unanchors_at"]
        if unanchors is not None and unanchors != row["timer_end"]:
            yield Moment(f"unanchors-{row['id']}", unanchors, f"{row['name']}: unanchors")


def _chunks(context: BoardContext) -> Iterator[Moment]:
    for row in moons.read(context).rows:
        if row["state"] in ("pulling", "due"):
            key = f"chunk-{row['structure_id']}-{row['chunk_arrival']}"
            place = row["structure_name"] or row["structure_id"]
            moon = row["moon_name"] or row["moon_id"]
            yield Moment(key, row["chunk_arrival"], f"{place}: chunk of {moon} arrives")


def _orders(context: BoardContext, names: Naming) -> Iterator[Moment]:
    for row in market.read(context).rows:
        kind = "buy" if row["is_buy"] else "sell"
        what = f"{kind} order for {row['left']:,} {names.type(row['type_id'])} ends"
        yield Moment(f"order-{row['order_id']}", row["expires"], what)


def _contracts(context: BoardContext) -> Iterator[Moment]:
    for row in context.rows(CONTRACTS):
        if row["ends"] is not None:
            verb = "ends" if row["state"] == "outstanding" else "is due"
            what = f"contract {row['title'] or row['contract_id']} {verb}"
            yield Moment(f"contract-{row['contract_id']}", row["ends"], what)


def _jobs(context: BoardContext, names: Naming) -> Iterator[Moment]:
    for row in context.rows(JOBS):
        thing = names.type(row["product_type_id"] or row["blueprint_type_id"])
        yield Moment(f"job-{row['job_id']}", row["ends"], f"{thing}: job ready")


def as_icalendar(context: BoardContext) -> bytes:
    """The moments as RFC 5545 has it, times in UTC."""
    from icalendar import Calendar, Event  # late: slow to import

    calendar = Calendar()
    calendar.add("prodid", "-//corpsync//corpsync//EN")
    calendar.add("version", "2.0")
    stamp = datetime.fromtimestamp(int(context.now), UTC)
    for moment in find_moments(context):
        event = Event()
        event.add("uid", f"{moment.key}-{context.corporation_id}@corpsync")
        event.add("dtstamp", stamp)
        event.add("dtstart", datetime.fromtimestamp(round(moment.at), UTC))
        event.add("summary", printable(moment.what))
        calendar.add_component(event)
    return bytes(calendar.to_ical())
