"""Data tables for the tests of the store: one of each shape."""

from corpsync_tui.catalog.corporation import Division
from corpsync_tui.store.columns import (
    CorporationTable,
    Count,
    Flag,
    Id,
    Isk,
    Json,
    Text,
    When,
    Word,
)


class Item(CorporationTable):
    """A snapshot with one whole number as identity, and a name that is filled in later."""

    is_singleton = Flag()
    item_id = Id("item", identity=True)
    location_id = Id("location")
    quantity = Count()
    type_id = Id("type", null=True)
    name = Text(null=True, added=True, kept=True)


class Journal(CorporationTable):
    """A log whose identity has two parts."""

    division = Id("division", added=True, identity=True)
    amount = Isk(null=True)
    context_id = Id("context", null=True)
    context_id_type = Word(null=True)
    date = When()
    id = Id("journal", identity=True)
    reason = Text(null=True)
    extra = Json(dict, null=True)


class Mark(CorporationTable):
    """Nothing but an identity."""

    character_id = Id("character", identity=True)


MODELS = [Item, Journal, Mark, Division]

CORPORATION = 98_000_001
