"""Structures: all that stands in space, what fuels it, and when it is next in danger."""

from __future__ import annotations

from typing import Any

import msgspec

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.describe import ChangeContext, Describe, named
from corpsync_tui.catalog.kit.plans import Budget, ForEach
from corpsync_tui.catalog.kit.shapes import One, Wrapped
from corpsync_tui.decoding import Int64
from corpsync_tui.esi.routes import Route
from corpsync_tui.format.times import moment_of
from corpsync_tui.store.columns import (
    CorporationTable,
    Count,
    Flag,
    Id,
    Json,
    Number,
    Text,
    When,
    Word,
)
from corpsync_tui.store.presentation import Presentation

DETAILS = Budget(100)
"""300 skyhooks alone would take twice the tokens that the group holds: the oldest copies first."""


class Service(msgspec.Struct):
    """What a structure offers, and whether it is online."""

    name: str
    state: str


class Fuel(msgspec.Struct):
    """What lies in a starbase's fuel bay."""

    quantity: Int64
    type_id: Int64


class SkyhookReagent(msgspec.Struct):
    """What a skyhook has gathered; the unsecured stock can be stolen."""

    last_cycle: str
    secured_stock: Int64
    type_id: Int64
    unsecured_stock: Int64


class End(msgspec.Struct):
    """When a timer ends."""

    end: str


class Window(msgspec.Struct):
    """From when to when something can be attacked."""

    end: str
    start: str


class HubReagent(msgspec.Struct):
    """What a sovereignty hub burns."""

    amount: Int64
    burning_per_hour: Int64
    type_id: Int64


class ReagentBay(msgspec.Struct):
    """The bay of a sovereignty hub, as it stood at `last_updated`."""

    last_updated: str
    reagents: list[HubReagent]


class Share(msgspec.Struct):
    """How much of a resource there is, and how much of it is used."""

    allocated: Int64
    available: Int64


class Resources(msgspec.Struct):
    """Power and workforce of a sovereignty hub."""

    power: Share
    workforce: Share


class Upgrade(msgspec.Struct):
    """An upgrade of a sovereignty hub."""

    power_state: str
    type_id: Int64


class WorkforceTransport(msgspec.Struct):
    """Where workforce goes or comes from: one of import, export and transit."""

    configuration: dict[str, Any]
    state: dict[str, Any]


class Structure(CorporationTable):
    """An Upwell structure."""

    fuel_expires = When(null=True)
    name = Text(null=True)
    next_reinforce_apply = When(null=True)
    next_reinforce_hour = Count(null=True)
    profile_id = Id()
    reinforce_hour = Count(null=True)
    services = Json(list[Service], null=True)
    state = Word()
    state_timer_end = When(null=True)
    state_timer_start = When(null=True)
    structure_id = Id("structure", identity=True)
    system_id = Id("system")
    type_id = Id("type")
    unanchors_at = When(null=True)

    presentation = Presentation(unsummed=("next_reinforce_hour", "reinforce_hour"))


class Starbase(CorporationTable):
    """A starbase (POS). ESI lists ghosts without a system (esi-issues#641)."""

    moon_id = Id("moon", null=True)
    onlined_since = When(null=True)
    reinforced_until = When(null=True)
    starbase_id = Id("starbase", identity=True)
    state = Word(null=True)
    system_id = Id("system", null=True)
    type_id = Id("type")
    unanchor_at = When(null=True)


class StarbaseDetail(CorporationTable):
    """What a starbase holds and whom it lets do what."""

    starbase_id = Id("starbase", added=True, identity=True)
    allow_alliance_members = Flag()
    allow_corporation_members = Flag()
    anchor = Word()
    attack_if_at_war = Flag()
    attack_if_other_security_status_dropping = Flag()
    attack_security_status_threshold = Number(null=True)
    attack_standing_threshold = Number(null=True)
    fuel_bay_take = Word()
    fuel_bay_view = Word()
    fuels = Json(list[Fuel], null=True)
    offline = Word()
    online = Word()
    unanchor = Word()
    use_alliance_standings = Flag()


class CustomsOffice(CorporationTable):
    """A customs office (POCO) and its taxes."""

    alliance_tax_rate = Number(null=True)
    allow_access_with_standings = Flag()
    allow_alliance_access = Flag()
    bad_standing_tax_rate = Number(null=True)
    corporation_tax_rate = Number(null=True)
    excellent_standing_tax_rate = Number(null=True)
    good_standing_tax_rate = Number(null=True)
    neutral_standing_tax_rate = Number(null=True)
    office_id = Id("office", identity=True)
    reinforce_exit_end = Count()
    reinforce_exit_start = Count()
    standing_level = Word(null=True)
    system_id = Id("system")
    terrible_standing_tax_rate = Number(null=True)
    type_id = Id("type", null=True)

    presentation = Presentation(unsummed=("reinforce_exit_end", "reinforce_exit_start"))


class Skyhook(CorporationTable):
    """A skyhook, and the planet it hangs over."""

    id = Id("skyhook", identity=True)
    planet_id = Id("planet")


class SkyhookDetail(CorporationTable):
    """What a skyhook has gathered, and when it can be robbed."""

    effective_workforce = Count(null=True)
    id = Id("skyhook", identity=True)
    is_active = Flag()
    planet_id = Id("planet")
    reagents = Json(list[SkyhookReagent], null=True)
    reinforcement_timer = Json(End, null=True)
    state = Word()
    theft_vulnerability = Json(Window, null=True)


class SovereigntyHub(CorporationTable):
    """A sovereignty hub, and its system."""

    id = Id("sovereignty_hub", identity=True)
    solar_system_id = Id("system")


class SovereigntyHubDetail(CorporationTable):
    """What a sovereignty hub burns, what it runs, and when it is vulnerable."""

    fuel_access_list_id = Id(null=True)
    id = Id("sovereignty_hub", identity=True)
    reagent_bay = Json(ReagentBay)
    resources = Json(Resources)
    solar_system_id = Id("system")
    upgrades = Json(list[Upgrade])
    vulnerability_window = Json(Window, null=True)
    workforce_transport = Json(WorkforceTransport)


class Facility(CorporationTable):
    """Where the corporation may run jobs of its own."""

    facility_id = Id("location", identity=True)
    system_id = Id("system")
    type_id = Id("type")

    presentation = Presentation(title="Facilities")


def _route(
    path: str, scope: str, *roles: str, group: str = "corp-structure", paged: bool = False
) -> Route:
    return Route(
        f"/corporations/{{corporation_id}}/{path}",
        cache_seconds=3600,
        scope=f"esi-{scope}.v1",
        roles=roles,
        group=group,
        tokens=600 if group == "corp-industry" else 300,
        paged=paged,
    )


def describe_structure(context: ChangeContext) -> str | None:
    """A structure that came, went, was refuelled or stands otherwise."""
    what = context.get("name") or context.names.of(context.get("structure_id"), "Structure")
    if context.kind != "changed":
        return f"{what} {'is new' if context.kind == 'added' else 'is gone'}"
    if set(context.change.after or {}) == {"fuel_expires"}:
        before, after = context.old("fuel_expires"), context.new("fuel_expires")
        if after is None:
            return f"{what} burns no fuel any more"
        later = before is None or after > before
        return f"{what}{' was refuelled' if later else ''}: fuel until {moment_of(after)}"
    return f"{what}: {context.fields()}"


def _at(what: str, kind: str, column: str) -> Describe:
    """The lines of what has no name of its own: `Skyhook at Maurasi I: is active yes → no`."""
    return named(lambda context: f"{what} {context.names.of(context.get(column), kind)}")


POS, SOV = "corporations.read_starbases", "structures.read_corporation"

STRUCTURES = Dataset(
    Structure,
    _route("structures", "corporations.read_structures", "Station_Manager", paged=True),
    "snapshot",
)
STARBASES = Dataset(Starbase, _route("starbases", POS, "Director", paged=True), "snapshot")
STARBASE_DETAILS = Dataset(
    StarbaseDetail,
    _route("starbases/{starbase_id}", POS, "Director"),
    "snapshot",
    shape=One(),
    plan=ForEach(
        of=Starbase,
        unit="starbase",
        query={"system_id": "system_id"},
        where="t.system_id IS NOT NULL",
        budget=DETAILS,
    ),
)
CUSTOMS_OFFICES = Dataset(
    CustomsOffice,
    _route(
        "customs_offices",
        "planets.read_customs_offices",
        "Director",
        group="corp-industry",
        paged=True,
    ),
    "snapshot",
)
SKYHOOKS = Dataset(
    Skyhook,
    _route("structures/skyhooks", SOV, "Station_Manager"),
    "snapshot",
    shape=Wrapped("skyhooks"),
)
SKYHOOK_DETAILS = Dataset(
    SkyhookDetail,
    _route("structures/skyhooks/{skyhook_id}", SOV, "Station_Manager"),
    "snapshot",
    shape=One(),
    plan=ForEach(of=Skyhook, unit="skyhook", path={"skyhook_id": "id"}, budget=DETAILS),
)
SOVEREIGNTY_HUBS = Dataset(
    SovereigntyHub,
    _route("structures/sovereignty-hubs", SOV),
    "snapshot",
    shape=Wrapped("sovereignty_hubs"),
)
SOVEREIGNTY_HUB_DETAILS = Dataset(
    SovereigntyHubDetail,
    _route("structures/sovereignty-hubs/{sovereignty_hub_id}", SOV, "Station_Manager"),
    "snapshot",
    shape=One(),
    plan=ForEach(
        of=SovereigntyHub,
        unit="sovereignty hub",
        path={"sovereignty_hub_id": "id"},
        budget=DETAILS,
    ),
)
FACILITIES = Dataset(
    Facility,
    _route("facilities", "corporations.read_facilities", "Factory_Manager"),
    "snapshot",
)

PROCESS = Process(
    "structures",
    title="Structures",
    noun="structures",
    order=90,
    interval_minutes=60,
    demo_minutes=2,
    datasets=[
        STRUCTURES,
        STARBASES,
        STARBASE_DETAILS,
        CUSTOMS_OFFICES,
        SKYHOOKS,
        SKYHOOK_DETAILS,
        SOVEREIGNTY_HUBS,
        SOVEREIGNTY_HUB_DETAILS,
        FACILITIES,
    ],
    describe={
        Structure: describe_structure,
        Starbase: _at("Starbase at", "moon", "moon_id"),
        StarbaseDetail: _at("Starbase", "", "starbase_id"),
        CustomsOffice: _at("Customs office in", "system", "system_id"),
        Skyhook: _at("Skyhook at", "planet", "planet_id"),
        SkyhookDetail: _at("Skyhook at", "planet", "planet_id"),
        SovereigntyHub: _at("Sovereignty hub in", "system", "solar_system_id"),
        SovereigntyHubDetail: _at("Sovereignty hub in", "system", "solar_system_id"),
        Facility: _at("Facility", "", "facility_id"),
    },
)
