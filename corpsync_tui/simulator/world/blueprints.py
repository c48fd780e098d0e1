"""Blueprints: those that lie in the hangars, as the assets have them too."""

from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import types
from corpsync_tui.simulator.world.lazy import LazyRows, Row
from corpsync_tui.simulator.world.model import ONLY, Corporation, Unit, World
from corpsync_tui.simulator.world.mutation import Mutation
from corpsync_tui.simulator.world.table import DataSet, Event, Table


def _fill(world: World, corporation: Corporation, _scale: Scale) -> None:
    assets = corporation.rows("asset")
    held = assets.held() if isinstance(assets, LazyRows) else assets
    corporation.tables["blueprint"][ONLY] = [
        _blueprint(world, row) for row in held if row["type_id"] in types.BLUEPRINTS
    ]


def _blueprint(world: World, asset: Row) -> Row:
    """The blueprint that an asset is: an original for ever, or a copy with runs."""
    is_copy = asset.get("is_blueprint_copy", False)
    return {
        "item_id": asset["item_id"],
        "location_flag": asset["location_flag"],
        "location_id": asset["location_id"],
        "material_efficiency": world.rng.randint(0, 10),
        "quantity": -2 if is_copy else -1,
        "runs": world.rng.randint(1, 300) if is_copy else -1,
        "time_efficiency": world.rng.randint(0, 10) * 2,
        "type_id": asset["type_id"],
    }


def _new(world: World, corporation: Corporation, _unit: Unit) -> Row:
    """A copy comes into a hangar."""
    place = next(row for row in corporation.rows("asset") if row["type_id"] == types.OFFICE)
    asset: Row = {
        "is_blueprint_copy": True,
        "is_singleton": True,
        "item_id": world.next_id("item"),
        "location_flag": "CorpSAG2",
        "location_id": place["item_id"],
        "location_type": "item",
        "quantity": 1,
        "type_id": world.rng.choice(types.BLUEPRINTS),
    }
    corporation.rows("asset").append(asset)
    return _blueprint(world, asset)


def _researched(world: World, _corporation: Corporation, row: Row) -> Row:
    level = (row["material_efficiency"] + world.rng.randint(1, 9)) % 11
    return row | {"material_efficiency": level}


def _research(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "blueprint").change(1)


DATA_SET = DataSet(
    tables=(
        Table(
            "blueprint",
            "/corporations/{corporation_id}/blueprints",
            "snapshot",
            key=("item_id",),
            make=_new,
            alter=_researched,
        ),
    ),
    events=(Event(_research, 1),),
    fill=_fill,
    order=35,
)
