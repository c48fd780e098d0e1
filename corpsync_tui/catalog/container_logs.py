"""Container logs: who opened, filled, emptied or locked which audited container."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.decoder import Row, hash_row
from corpsync_tui.catalog.kit.describe import ChangeContext
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.esi.routes import Route
from corpsync_tui.format.amounts import many
from corpsync_tui.format.times import seconds_of
from corpsync_tui.store.columns import CorporationTable, Count, Id, When, Word
from corpsync_tui.store.naming import Naming
from corpsync_tui.store.presentation import Presentation


class ContainerLog(CorporationTable):
    """One action. ESI gives it no id and forgets it after 7 days.

    Two lines may be the same to the letter and both be true: the row is known by the hash of
    all it says and by its number among the rows that say the same.
    """

    action = Word()
    character_id = Id("character")
    container_id = Id("item")
    container_type_id = Id("type")
    location_flag = Word()
    location_id = Id("location")
    logged_at = When()
    new_config_bitmask = Count(null=True)
    old_config_bitmask = Count(null=True)
    password_type = Word(null=True)
    quantity = Count(null=True)
    type_id = Id("type", null=True)
    row_hash = Id("hash", added=True, identity=True)
    ordinal = Count(added=True, identity=True)

    presentation = Presentation(
        unsummed=("old_config_bitmask", "new_config_bitmask"),
        first=(
            "logged_at",
            "character_id",
            "action",
            "type_id",
            "quantity",
            "container_id",
            "location_id",
        ),
        hidden=("ordinal",),
        newest="logged_at",
    )

    indexes = (("container_id", "character_id", "logged_at"),)


class ContainerLogs(Dataset):
    """Rows alike are numbered over all pages: `context["alike"]` counts those met so far."""

    def transform(self, record: Any, context: Any) -> Row:
        """The record, its hash, and its number among those alike."""
        row = self.wire.row_of(record)
        row_hash = hash_row(row)
        alike = context["alike"]
        ordinal = alike[row_hash]
        alike[row_hash] += 1
        return (*row, row_hash, ordinal)


LOGS = ContainerLogs(
    ContainerLog,
    Route(
        "/corporations/{corporation_id}/containers/logs",
        cache_seconds=600,
        scope="esi-corporations.read_container_logs.v1",
        roles=("Director",),
        group="corp-structure",
        tokens=300,
        paged=True,
    ),
    "log",
    page_key="row_hash",
    whole=True,
)


WITH_THINGS = {
    "add": ("added", "to"),
    "lock": ("locked", "in"),
    "move": ("took", "out of"),
    "unlock": ("unlocked", "in"),
}
"""What is done with things in a container, and how it is mentioned."""
ALONE = {
    "assemble": "assembled",
    "configure": "changed the settings of",
    "enter_password": "entered the password of",
    "repackage": "repackaged",
    "set_name": "renamed",
    "set_password": "set the password of",
}
"""What is done with a container itself."""


def deed(names: Naming, row: Mapping[str, Any], box: str) -> str:
    """Who did what with which container: `Aldra Vex added 40 × Tritanium to Minerals in …`."""
    who, action = names.who(row.get("character_id")), row.get("action") or "?"
    if action in ALONE:
        return f"{who} {ALONE[action]} {box}"
    verb, where = WITH_THINGS.get(action, (action.replace("_", " "), "at"))
    type_id = row.get("type_id")
    what = "something" if type_id is None else many(row.get("quantity"), names.type(type_id))
    return f"{who} {verb} {what} {where} {box}"


def describe_log_line(context: ChangeContext) -> str | None:
    """Who did what with which container."""
    box = context.names.item(context.change.corporation_id, context.get("container_id") or 0)
    return deed(context.names, context.row, f"{box} in {context.place()}")


LEARNING = 14 * 86_400.0
"""Seconds of log from which on one may say that somebody was never seen before."""

FIRST_USES = """
    WITH uses AS (
        SELECT container_id, character_id, MIN(logged_at) AS first_used FROM container_log
        WHERE corporation_id = :corporation GROUP BY container_id, character_id
    ), boxes AS (SELECT container_id, MIN(first_used) AS began FROM uses GROUP BY container_id)
    SELECT container_id, character_id, first_used, location_id, MIN(row_hash) AS row_hash,
        ordinal, action, type_id, quantity
    FROM uses JOIN boxes USING (container_id)
    JOIN container_log l USING (container_id, character_id)
    WHERE first_used >= :since AND began < first_used
    AND l.corporation_id = :corporation AND l.logged_at = first_used
    GROUP BY container_id, character_id ORDER BY first_used DESC
"""


def first_uses(context: RuleContext) -> Iterator[Alert]:
    """A container that somebody used for the first time, once the log can know that."""
    began = context.first_load("container_log")
    if began is None:
        oldest = "SELECT MIN(logged_at) FROM container_log WHERE corporation_id = :corporation"
        began = seconds_of(context.rows(oldest)[0][0])
    since = max(context.recent, began + LEARNING)
    names, corporation_id = context.names, context.corporation_id
    for box, who, when, place, row_hash, ordinal, *did in context.rows(
        FIRST_USES, since=context.esi(since)
    ):
        row = dict(zip(("action", "type_id", "quantity"), did, strict=True), character_id=who)
        where = f"{names.item(corporation_id, box)} in {names.place(corporation_id, place)}"
        yield Alert(
            f"{box}/{who}/{when}",
            f"{deed(names, row, where)} (first time)",
            "low",
            seconds_of(when),
            table_name="container_log",
            row_key={"row_hash": row_hash, "ordinal": ordinal},
        )


PROCESS = Process(
    "container_logs",
    title="Container logs",
    noun="container logs",
    order=80,
    interval_minutes=30,
    demo_minutes=3,
    datasets=[LOGS],
    describe={ContainerLog: describe_log_line},
    rules=[
        Rule(
            "container",
            first_uses,
            says="A container touched by somebody for the first time.",
            opens="changes",
            many="first uses of containers",
        ),
    ],
)
