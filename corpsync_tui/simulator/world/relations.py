"""Whom the corporation likes, who likes it, and who owns it."""

from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import ONLY, Corporation, Unit, World
from corpsync_tui.simulator.world.mutation import Mutation
from corpsync_tui.simulator.world.table import DataSet, Event, Table

_LABELS = ("Blues", "Buyers", "Do not shoot", "Renters", "Spies")
_STANDINGS = (-10.0, -5.0, 5.0, 10.0)
_NPCS = (("faction", 500001, 500030), ("npc_corp", 1000002, 1000180), ("agent", 3008416, 3019499))


def _contact(world: World, corporation: Corporation, _unit: Unit) -> Row:
    known = {row["contact_id"] for row in corporation.rows("contact")}
    kinds = ("character", "corporation", "alliance")
    strangers = [
        (number, category)
        for number, (_, category) in world.names.items()
        if category in kinds and number > 2_000_000 and number not in known
    ]
    number, kind = world.rng.choice(strangers)
    row: Row = {
        "contact_id": number,
        "contact_type": kind,
        "label_ids": [1 << world.rng.randrange(len(_LABELS))],
        "standing": world.rng.choice(_STANDINGS),
    }
    return row | ({"is_watched": False} if kind == "character" else {})


def _reset(world: World, _corporation: Corporation, row: Row) -> Row:
    others = [standing for standing in _STANDINGS if standing != row["standing"]]
    return row | {"standing": world.rng.choice(others)}


def _labels(_world: World, corporation: Corporation, _scale: Scale) -> None:
    corporation.tables["contact_label"][ONLY] = [
        {"label_id": 1 << number, "label_name": name} for number, name in enumerate(_LABELS)
    ]


def _label(world: World, corporation: Corporation, _unit: Unit) -> Row:
    highest = max((row["label_id"] for row in corporation.rows("contact_label")), default=1)
    return {"label_id": highest * 2, "label_name": f"Label {world.rng.randint(1, 999)}"}


def _standing(world: World, corporation: Corporation, _unit: Unit) -> Row:
    known = {row["from_id"] for row in corporation.rows("standing")}
    while True:
        kind, first, last = world.rng.choice(_NPCS)
        number = world.rng.randint(first, last)
        if number not in known:
            break
    world.names.setdefault(number, (f"{kind} {number}", _CATEGORY[kind]))
    return {
        "from_id": number,
        "from_type": kind,
        "standing": round(world.rng.uniform(-9, 9), 2),
    }


_CATEGORY = {"faction": "faction", "npc_corp": "corporation", "agent": "character"}


def _share(world: World, corporation: Corporation, _unit: Unit) -> Row:
    known = {row["shareholder_id"] for row in corporation.rows("shareholder")}
    people = [*world.members(corporation), *world.outsiders]
    holder = corporation.corporation_id
    if holder in known:
        holder = world.rng.choice([person for person in people if person not in known])
    kind = "corporation" if holder == corporation.corporation_id else "character"
    return {
        "share_count": world.rng.randint(1, 400),
        "shareholder_id": holder,
        "shareholder_type": kind,
    }


def _quarrel(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "contact").change(1)


def _befriend(world: World, corporation: Corporation) -> None:
    if len(corporation.rows("contact")) < 40:
        Mutation(world, corporation, "contact").add(1)


_C = "/corporations/{corporation_id}"
DATA_SET = DataSet(
    tables=(
        Table(
            "contact",
            f"{_C}/contacts",
            "snapshot",
            key=("contact_id",),
            make=_contact,
            alter=_reset,
            count=lambda _scale: 18,
        ),
        Table("contact_label", f"{_C}/contacts/labels", "snapshot", key=("label_id",), make=_label),
        Table(
            "standing",
            f"{_C}/standings",
            "snapshot",
            key=("from_type", "from_id"),
            make=_standing,
            count=lambda _scale: 25,
        ),
        Table(
            "shareholder",
            f"{_C}/shareholders",
            "snapshot",
            key=("shareholder_type", "shareholder_id"),
            make=_share,
            count=lambda _scale: 5,
        ),
    ),
    events=(Event(_quarrel, 1), Event(_befriend, 1)),
    fill=_labels,
    order=40,
)
