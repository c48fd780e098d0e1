"""A declaration that cannot work is refused in one sentence."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.checks import check_catalog
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.errors import DeclarationError
from corpsync_tui.esi.routes import Route
from corpsync_tui.names.ids import nested_ids
from corpsync_tui.store.columns import (
    PLACE_KINDS,
    UNIVERSE_KINDS,
    CorporationTable,
    Derived,
    Id,
    Number,
)
from corpsync_tui.store.presentation import Presentation


class Esteem(CorporationTable):
    from_id = Id("party", identity=True)
    standing = Number()
    derived = (Derived("mood", "text", "'fine'"),)
    presentation = Presentation(first=("mood", "standing"), hidden=("from_id",))


class Badge(CorporationTable):
    medal_id = Id("medal", identity=True)


class BadgeIssued(CorporationTable):
    medal_id = Id("medal", identity=True)
    character_id = Id("character", identity=True)


class Skill(CorporationTable):
    skill_id = Id("skil")
    character_id = Id("character", identity=True)


class Corporation(CorporationTable):
    ceo_id = Id("character", identity=True)


class Nowhere(CorporationTable):
    character_id = Id("character", identity=True)
    presentation = Presentation(first=("character_id", "birthday"))


class Undated(CorporationTable):
    character_id = Id("character", identity=True)
    presentation = Presentation(newest="date")


class EsteemNamed(CorporationTable):
    from_id = Id("party", identity=True)


def process(type_: str, *models: type[CorporationTable], **more: Any) -> Process:
    datasets = [
        Dataset(model, Route(f"/{model.__name__}", cache_seconds=60), "snapshot")
        for model in models
    ]
    return Process(
        type_,
        title=type_.capitalize(),
        noun=type_,
        order=1,
        interval_minutes=60,
        demo_minutes=1,
        datasets=datasets,
        **more,
    )


def test_the_catalog_itself_can_work() -> None:
    check_catalog([*ALL, process("esteems", Esteem), process("medals", Badge, BadgeIssued)])


@pytest.mark.parametrize(
    ("processes", "says"),
    [
        ([process("corps", Corporation)], "corporation belongs to corpsync's own records"),
        ([process("a", Esteem), process("b", Esteem)], "esteem belongs to a already"),
        ([process("a", Esteem), process("b", EsteemNamed)], "esteem_named belongs to a"),
        ([process("a", Nowhere)], "nowhere has no column birthday"),
        ([process("a", Undated)], "undated has no column date"),
        ([process("a", Skill)], "skill.skill_id is an id of a skil, which nothing names"),
        ([process("a", BadgeIssued, opens=Badge)], "what it opens is none of the tables"),
        (
            [process("a", Esteem, describe={Badge: lambda _: None})],
            "describe: Badge is none of the tables",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_work_is_refused(processes: list[Process], says: str) -> None:
    with pytest.raises(DeclarationError, match=says):
        check_catalog(processes)


class Fuel(msgspec.Struct):
    fuel_type_id: int
    type_name: str


class Tower(msgspec.Struct):
    structure_id: int
    moon_id: int
    owner: dict[str, int]
    fuels: list[Fuel]


def test_ids_inside_json_have_the_kind_that_their_field_says() -> None:
    assert nested_ids(list[Tower], UNIVERSE_KINDS) == ["fuel_type_id"]
    assert nested_ids(Tower, PLACE_KINDS) == ["structure_id"]
    assert nested_ids(list[str], UNIVERSE_KINDS) == []
