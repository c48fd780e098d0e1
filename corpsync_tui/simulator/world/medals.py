"""Medals, and to whom they were given."""

from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import DAY, Corporation, Unit, World
from corpsync_tui.simulator.world.table import DataSet, Table


def _issued(world: World, corporation: Corporation, _unit: Unit) -> Row:
    medals = corporation.rows("medal")
    return {
        "character_id": world.rng.choice(world.members(corporation)),
        "issued_at": iso(world.clock.now() - world.rng.uniform(0, 500) * DAY),
        "issuer_id": corporation.ceo_id,
        "medal_id": medals[world.rng.randrange(len(medals))]["medal_id"],
        "reason": world.rng.choice(("For the long haul", "For holding the gate", "")),
        "status": world.rng.choice(("private", "public")),
    }


_MEDALS = "/corporations/{corporation_id}/medals"
DATA_SET = DataSet(
    tables=(
        Table("medal", _MEDALS, "snapshot", key=("medal_id",), count=lambda _scale: 4),
        Table(
            "medal_issued",
            f"{_MEDALS}/issued",
            "ledger",
            key=("medal_id", "character_id", "issued_at"),
            make=_issued,
            count=lambda _scale: 20,
        ),
    ),
)
