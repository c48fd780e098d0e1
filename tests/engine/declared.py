"""Data sets that no process has: each plan, each shape, each kind of key."""

from __future__ import annotations

from typing import Any

import msgspec

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Child, Dataset
from corpsync_tui.catalog.kit.plans import Budget, Cursor, ForEach, Pace, Pages
from corpsync_tui.catalog.kit.shapes import Grouped, One, Scalar, Values, Wrapped
from corpsync_tui.esi.routes import Route
from corpsync_tui.store.columns import CorporationTable, Count, Id, Json, Text, Word


class Part(msgspec.Struct):
    """An element of a nested list."""

    name: str


class Thing(CorporationTable):
    """A row of a list."""

    parts = Json(list[Part], null=True)
    system_id = Id("system", null=True)
    thing_id = Id("thing", identity=True)


class ThingDetail(CorporationTable):
    """What a route of its own tells of a thing."""

    thing_id = Id("thing", added=True, identity=True)
    kind = Word(identity=True)
    quantity = Count()


class ThingState(CorporationTable):
    """The one row of a thing's details."""

    thing_id = Id("thing", added=True, identity=True)
    state = Word()


class Standing(CorporationTable):
    """A row that two columns tell apart."""

    from_id = Id("party", identity=True)
    from_type = Word(identity=True)
    value = Count()


class Project(CorporationTable):
    """A row that a text tells apart."""

    id = Word(identity=True)
    name = Text()


class Cap(CorporationTable):
    """One number."""

    value = Count()


class Guest(CorporationTable):
    """A bare id."""

    character_id = Id("character", identity=True)


class Letter(CorporationTable):
    """Something that a character is told."""

    letter_id = Id("letter", identity=True)
    character_id = Id("character", added=True)


class Room(CorporationTable):
    """One of two lists in one answer."""

    kind = Word(added=True, identity=True)
    number = Count(identity=True)
    name = Text()


class Box(CorporationTable):
    """A record with a list inside."""

    box_id = Id("box", identity=True)


class BoxItem(CorporationTable):
    """An element of that list."""

    box_id = Id("box", added=True, identity=True)
    slot = Count(identity=True)


def route(path: str, **facts: Any) -> Route:
    """A route of the corporation; public unless it says otherwise."""
    return Route(f"/corporations/{{corporation_id}}/{path}", cache_seconds=3600, **facts)


def process_of(*datasets: Dataset) -> Process:
    """A process, `things`, of these data sets."""
    return Process(
        "things",
        title="Things",
        noun="things",
        order=1,
        interval_minutes=60,
        demo_minutes=2,
        datasets=datasets,
    )


ASSETS_SCOPE = "esi-assets.read_corporation_assets.v1"
"""A scope: a login in these tests grants it where a data set takes it."""

THINGS = Dataset(Thing, route("things"), "snapshot")
DETAILS = Dataset(
    ThingDetail,
    route("things/{thing_id}", scope=ASSETS_SCOPE),
    "snapshot",
    plan=ForEach(
        of=Thing,
        unit="thing",
        query={"system_id": "system_id"},
        where="system_id IS NOT NULL",
        budget=Budget(3),
    ),
)
WHOLE_DETAILS = Dataset(
    ThingDetail, route("things/{thing_id}"), "snapshot", plan=ForEach(of=Thing, unit="thing")
)
TEXTS = Dataset(Project, route("texts", paged=True), "snapshot")
NUMBERS = Dataset(Thing, route("numbers", paged=True), "snapshot")
SINGLE = Dataset(
    ThingState,
    route("things/{thing_id}"),
    "snapshot",
    shape=One(),
    plan=ForEach(of=Thing, unit="thing", budget=Budget(100)),
)
ONCE = Dataset(
    ThingDetail,
    route("things/{thing_id}"),
    "log",
    plan=ForEach(of=Thing, unit="thing", once=True, batch=2, budget=Budget(3)),
)
SHARED = Budget(3)
SHARING = (
    Dataset(
        ThingDetail,
        route("things/{thing_id}"),
        "snapshot",
        plan=ForEach(of=Thing, unit="thing", budget=SHARED),
    ),
    Dataset(
        ThingState,
        route("things/{thing_id}/state"),
        "snapshot",
        shape=One(),
        plan=ForEach(of=Thing, unit="state", budget=SHARED),
    ),
)
PACED = Dataset(
    ThingDetail,
    route("things/{thing_id}"),
    "snapshot",
    plan=ForEach(of=Thing, unit="thing", pace=Pace(2, 6.0)),
)
PERSONAL = Dataset(
    Letter,
    Route("/characters/{character_id}/letters", cache_seconds=600, scope=ASSETS_SCOPE),
    "log",
    plan=ForEach(of="characters", unit="character"),
)
STANDINGS = Dataset(Standing, route("standings", paged=True), "snapshot")
FILTERED = Dataset(
    Standing, route("filtered", paged=True), "snapshot", plan=Pages(query={"type": "a"})
)
PROJECTS = Dataset(
    Project, route("projects"), "ledger", shape=Wrapped("projects"), plan=Cursor(limit=2)
)
CAP = Dataset(Cap, route("cap"), "snapshot", shape=Scalar())
GUESTS = Dataset(Guest, route("guests"), "snapshot", shape=Values())
ROOMS = Dataset(Room, route("rooms"), "snapshot", shape=Grouped("kind", ("hangar", "wallet")))
BOXES = Dataset(Box, route("boxes", paged=True), "snapshot", children=[Child(BoxItem, "items")])

ROLE_ROOMS = Dataset(
    Room,
    route("rooms", scope=ASSETS_SCOPE, roles=("Station_Manager",)),
    "snapshot",
    shape=Grouped("kind", ("hangar", "wallet")),
)
