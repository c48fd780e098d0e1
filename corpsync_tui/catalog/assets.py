"""Assets: every item the corporation owns, and the names given to its containers and ships."""

from __future__ import annotations

from corpsync_tui.catalog.kit.asset_place import PLACE
from corpsync_tui.catalog.kit.base import Dataset, Process
from corpsync_tui.catalog.kit.describe import ChangeContext
from corpsync_tui.catalog.kit.words import many
from corpsync_tui.engine.asset_names import NAMES, NameHunt
from corpsync_tui.engine.run import Run
from corpsync_tui.esi.routes import Route
from corpsync_tui.store.browse_types import Presentation
from corpsync_tui.store.columns import CorporationTable, Count, Flag, Id, Text, Word


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


ASSETS = Dataset(
    Asset,
    Route(
        "/corporations/{corporation_id}/assets",
        cache_seconds=3600,
        scope=NAMES.scope,
        roles=("Director",),
        group="corp-asset",
        tokens=1800,
        paged=True,
    ),
    "snapshot",
)


class Assets(Process):
    """The pages, then the names of what can bear one."""

    async def fetch(self, run: Run) -> None:
        """All pages that changed; names only for what is new, and for all once a day."""
        await run.collect(ASSETS)
        await NameHunt(run, run.collected(ASSETS)).ask()


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


PROCESS = Assets(
    "assets",
    title="Assets",
    noun="assets",
    order=20,
    interval_minutes=60,
    demo_minutes=2,
    datasets=[ASSETS],
    also=[NAMES],
    describe={Asset: describe_asset},
)
