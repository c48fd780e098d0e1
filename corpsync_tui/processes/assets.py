"""Assets: every item the corporation owns, and the names given to its containers and ships."""

from __future__ import annotations

from corpsync_tui.esi.routes import Route
from corpsync_tui.processes.base import Dataset, Process
from corpsync_tui.store.columns import CorporationTable, Count, Flag, Id, Text, Word

SCOPE = "esi-assets.read_corporation_assets.v1"


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
