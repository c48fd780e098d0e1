"""Assets: every item the corporation owns, and the names given to its containers and ships."""

from __future__ import annotations

from corpsync_tui.catalog.kit.asset_place import PLACE
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.describe import ChangeContext
from corpsync_tui.catalog.kit.plans import Batch
from corpsync_tui.esi.routes import Route
from corpsync_tui.format.amounts import many
from corpsync_tui.queries.daily import Daily
from corpsync_tui.store.columns import (
    CorporationTable,
    Count,
    Flag,
    Id,
    PartialIndex,
    Text,
    Word,
)
from corpsync_tui.store.naming import OFFICE
from corpsync_tui.store.presentation import Presentation


class Asset(CorporationTable):
    """An item or a stack. `name` comes from a route of its own and is NULL where ESI has none."""

    is_blueprint_copy = Flag(null=True)
    is_singleton = Flag()
    item_id = Id("item", identity=True)
    location_flag = Word()
    location_id = Id("location")
    location_type = Word()
    quantity = Count()
    type_id = Id("type")
    name = Text(null=True, added=True, kept=True)

    derived = (PLACE,)

    presentation = Presentation(
        first=("type_id", "quantity", "place", "name"),
        hidden=("location_id", "location_type"),
    )

    indexes = (
        PartialIndex(
            ("location_flag", "location_id", "type_id", "quantity"),
            "location_flag = 'StructureFuel' OR location_flag = 'MoonMaterialBay' "
            "OR location_flag LIKE 'ServiceSlot%'",
        ),
    )
    """What lies in structures' bays, and their modules, without a look at everything else."""


def _route(path: str, cache_seconds: int = 0, *, paged: bool = False) -> Route:
    return Route(
        f"/corporations/{{corporation_id}}/assets{path}",
        cache_seconds=cache_seconds,
        scope="esi-assets.read_corporation_assets.v1",
        roles=("Director",),
        group="corp-asset",
        tokens=1800,
        paged=paged,
    )


ASSETS = Dataset(Asset, _route("", cache_seconds=3600, paged=True), "snapshot")

NAMES = Dataset(
    Asset,
    _route("/names"),
    "ledger",
    plan=Batch(
        key="item_id",
        column="name",
        where="is_singleton = 1 AND is_blueprint_copy IS NULL "
        f"AND type_id <> {OFFICE} AND location_flag NOT GLOB '*Slot[0-9]*' "
        "AND location_flag NOT IN ('Skill', 'Implant')",
    ),
    counted=False,
)
"""Asked of what may be a container or ship: assembled, no blueprint, no office, not fitted."""


def describe_asset(context: ChangeContext) -> str | None:
    """What came, went, grew, shrank, moved or was renamed."""
    thing = context.names.type(context.get("type_id"))
    quantity, place = context.get("quantity"), context.place()
    if context.kind != "changed":
        if name := context.get("name"):
            thing = f"{thing} “{name}”"
        return f"{place}: {many(quantity, thing)} {'new' if context.kind == 'added' else 'gone'}"
    if context.differs("location_id", "location_flag"):
        corporation_id = context.change.corporation_id
        location = context.old("location_id") or context.get("location_id")
        flag = context.old("location_flag") or context.get("location_flag") or ""
        left = context.names.place(corporation_id, location, flag)
        return f"{many(quantity, thing)} moved from {left} to {place}"
    if context.differs("quantity"):
        before, after = context.old("quantity"), context.new("quantity")
        if after < before:
            return f"{place}: {before - after:,} {thing} gone, {after:,} left"
        return f"{place}: {after - before:,} {thing} more, {after:,} in all"
    if context.differs("name"):
        before, after = context.old("name"), context.new("name")
        return f"{place}: {thing} {before or 'without a name'} is now {after or 'without a name'}"
    return None


PROCESS = Process(
    "assets",
    title="Assets",
    noun="assets",
    order=20,
    interval_minutes=60,
    demo_minutes=2,
    datasets=[ASSETS, NAMES],
    describe={Asset: describe_asset},
    daily=[
        Daily(
            "Worth, ISK",
            "isk",
            "SELECT day, SUM(value) FROM value_day "
            "WHERE corporation_id = :corporation AND day >= :since GROUP BY day ORDER BY day",
            level=True,
        )
    ],
)
