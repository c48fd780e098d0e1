"""Mining: the refineries that watch moons, what was mined below each, and the next chunks."""

from __future__ import annotations

from collections.abc import Iterator

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset, Merged
from corpsync_tui.catalog.kit.describe import ChangeContext, named
from corpsync_tui.catalog.kit.plans import ForEach
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.esi.routes import Route
from corpsync_tui.format.times import moment_of, seconds_of, span_in_words
from corpsync_tui.queries.daily import Daily
from corpsync_tui.store.columns import CorporationTable, Count, Day, Id, When, Word
from corpsync_tui.store.merge import Counts
from corpsync_tui.store.presentation import Presentation

SCOPE = "esi-industry.read_corporation_mining.v1"


class MiningObserver(CorporationTable):
    """A structure that keeps a ledger of what is mined around it."""

    last_updated = Day(moving=True)
    observer_id = Id("structure", identity=True)
    observer_type = Word()

    presentation = Presentation(first=("observer_id", "last_updated"))


class MiningLedger(CorporationTable):
    """What one character mined of one ore on one day; the row of today grows in place."""

    observer_id = Id("structure", added=True, identity=True)
    character_id = Id("character", identity=True)
    last_updated = Day(identity=True)
    quantity = Count()
    recorded_corporation_id = Id("corporation", identity=True)
    type_id = Id("type", identity=True)

    identity_order = (
        "observer_id",
        "character_id",
        "type_id",
        "last_updated",
        "recorded_corporation_id",
    )

    presentation = Presentation(
        title="Mining ledger",
        first=("last_updated", "character_id", "type_id", "quantity", "observer_id"),
        newest="last_updated",
    )


class MiningExtraction(CorporationTable):
    """A moon chunk under way, or what became of it.

    ESI lists an extraction until it is cancelled or its chunk is broken. `state` is `active` as
    long as ESI lists it; then `cancelled` where it left before its chunk arrived, `fractured`
    where it left after that, `decayed` where it left after `natural_decay_time`.
    """

    chunk_arrival_time = When()
    extraction_start_time = When(identity=True)
    moon_id = Id("moon")
    natural_decay_time = When()
    structure_id = Id("structure", identity=True)
    state = Word(null=True, added=True, kept=True)

    identity_order = ("structure_id", "extraction_start_time")

    presentation = Presentation(
        first=("structure_id", "chunk_arrival_time", "moon_id"),
        newest="chunk_arrival_time",
    )


def set_states(merged: Merged) -> Counts:
    """Say of each extraction whether ESI lists it, and of one that left how it ended."""
    states, changed = [], 0
    for structure, start, arrival, decay, before in merged.db.execute(
        "SELECT structure_id, extraction_start_time, chunk_arrival_time, natural_decay_time, state "
        "FROM mining_extraction WHERE corporation_id = ?",
        (merged.corporation_id,),
    ):
        if (structure, start) in merged.listed:
            state = "active"
        elif before in (None, "active"):
            state = _end_of(seconds_of(arrival), seconds_of(decay), merged.now)
        else:
            continue
        if state != before:
            states.append((state, merged.corporation_id, structure, start))
            changed += before is not None
    merged.db.executemany(
        "UPDATE mining_extraction SET state = ? WHERE corporation_id = ? AND structure_id = ? "
        "AND extraction_start_time = ?",
        states,
    )
    return Counts(changed=changed)


def _end_of(arrival: float, decay: float, now: float) -> str:
    if decay <= now:
        return "decayed"
    return "fractured" if arrival <= now else "cancelled"


def _route(path: str, cache_seconds: int, role: str) -> Route:
    return Route(
        f"/corporation/{{corporation_id}}/mining/{path}",
        cache_seconds=cache_seconds,
        scope=SCOPE,
        roles=(role,),
        group="corp-industry",
        tokens=600,
        paged=True,
    )


OBSERVERS = Dataset(MiningObserver, _route("observers", 3600, "Accountant"), "ledger", tracked=True)
LEDGER = Dataset(
    MiningLedger,
    _route("observers/{observer_id}", 3600, "Accountant"),
    "ledger",
    plan=ForEach(of=MiningObserver, unit="observer"),
)
EXTRACTIONS = Dataset(
    MiningExtraction,
    _route("extractions", 1800, "Station_Manager"),
    "ledger",
    tracked=True,
    after=set_states,
)


describe_observer = named(lambda c: f"Observer {c.names.of(c.get('observer_id'))}")
"""A structure that watches a moon, or does so no more."""


def describe_mined(context: ChangeContext) -> str | None:
    """Who mined how much of what."""
    ore, who = (
        context.names.type(context.get("type_id")),
        context.names.who(context.get("character_id")),
    )
    place = context.names.of(context.get("observer_id"), "Observer")
    if context.kind == "added":
        return f"{place}: {who} mined {context.get('quantity') or 0:,} {ore}"
    if context.differs("quantity"):
        more, all_day = context.new("quantity") - context.old("quantity"), context.new("quantity")
        if more < 0:
            return f"{place}: {who}'s {ore} put right by ESI, {-more:,} less, {all_day:,} that day"
        return f"{place}: {who} mined {more:,} {ore} more, {all_day:,} that day"
    return None


def describe_extraction(context: ChangeContext) -> str | None:
    """A chunk that was begun, comes at another time, or is gone."""
    place = context.names.of(context.get("structure_id"), "Structure")
    moon = context.names.of(context.get("moon_id"), "Moon")
    arrives = f"arrives {moment_of(context.get('chunk_arrival_time'))}"
    if context.kind == "added":
        return f"{place}: extraction begun at {moon}, chunk {arrives}"
    if context.differs("state") and context.new("state") != "active":
        return f"{place}: chunk of {moon} {context.new('state')}"
    return (
        f"{place}: chunk of {moon} now {arrives}" if context.differs("chunk_arrival_time") else None
    )


def chunk_arrives(context: RuleContext) -> Iterator[Alert]:
    """A chunk that arrives within some hours, or waits to be broken."""
    sql = (
        "SELECT structure_id, extraction_start_time, moon_id, chunk_arrival_time, "
        "natural_decay_time FROM mining_extraction WHERE corporation_id = :corporation "
        "AND IFNULL(state, 'active') = 'active' AND natural_decay_time > :now "
        "AND chunk_arrival_time <= :soon ORDER BY chunk_arrival_time"
    )
    soon = context.now + context.threshold * 3_600
    for structure, start, moon, arrival, decay in context.rows(
        sql, now=context.esi(context.now), soon=context.esi(soon)
    ):
        arrives, decays = seconds_of(arrival) - context.now, seconds_of(decay) - context.now
        when = (
            f"arrives in {span_in_words(arrives)}"
            if arrives > 0
            else f"is here for {span_in_words(decays)} more"
        )
        names = context.names
        yield Alert(
            f"{structure}/{start}",
            f"{names.of(structure, 'Structure')}: the chunk of {names.of(moon, 'Moon')} {when}",
            "medium",
            seconds_of(arrival) - context.threshold * 3_600,
            table_name="mining_extraction",
            row_key={"structure_id": structure, "extraction_start_time": start},
        )


PROCESS = Process(
    "mining",
    title="Mining",
    noun="mining ledger",
    order=60,
    interval_minutes=60,
    demo_minutes=2,
    datasets=[OBSERVERS, LEDGER, EXTRACTIONS],
    opens=MiningLedger,
    describe={
        MiningObserver: describe_observer,
        MiningLedger: describe_mined,
        MiningExtraction: describe_extraction,
    },
    rules=[
        Rule(
            "extraction",
            chunk_arrives,
            says="A moon chunk that arrives within so many hours.",
            default=24,
            timed=True,
            many="moon chunks arriving soon",
        ),
    ],
    daily=[
        Daily(
            "Ore a day, units",
            "count",
            "SELECT last_updated, SUM(quantity) FROM mining_ledger "
            "WHERE corporation_id = :corporation AND last_updated >= :since "
            "GROUP BY last_updated ORDER BY last_updated",
        )
    ],
)
