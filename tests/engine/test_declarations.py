"""A declaration that cannot work is refused when it is made, in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from corpsync_tui.catalog.kit.dataset import Child, Dataset
from corpsync_tui.catalog.kit.plans import Batch, Cursor, ForEach, Walk
from corpsync_tui.catalog.kit.shapes import Scalar, Wrapped
from corpsync_tui.errors import DeclarationError
from corpsync_tui.store.columns import CorporationTable, Count, Id, Text
from tests.engine import declared
from tests.engine.declared import Box, Cap, Project, Standing, Thing, ThingDetail, process_of, route


class Middle(CorporationTable):
    """A column that ESI does not bear stands between two that it does."""

    before = Count(identity=True)
    within = Count(added=True)
    behind = Count()


class Loose(CorporationTable):
    """Part of the identity may be NULL."""

    number = Count(identity=True, null=True)
    name = Text()


def details(**plan: Any) -> Dataset:
    plan = {"of": Thing, "unit": "thing"} | plan
    return Dataset(ThingDetail, route("things/{thing_id}"), "snapshot", plan=ForEach(**plan))


REFUSED: dict[str, Callable[[], object]] = {
    "cap has no identity, yet its route answers with many rows": lambda: Dataset(
        Cap, route("cap"), "snapshot"
    ),
    "cap has no identity": lambda: Dataset(
        Box, route("box"), "snapshot", children=[Child(Cap, "items")]
    ),
    "middle.within is added between columns of ESI's": lambda: Dataset(
        Middle, route("middle"), "snapshot"
    ),
    "loose.number is part of the identity and may not be NULL": lambda: Dataset(
        Loose, route("loose"), "snapshot"
    ),
    "nothing fills {thing_id} of /corporations/{corporation_id}/things/{thing_id}": lambda: Dataset(
        ThingDetail, route("things/{thing_id}"), "snapshot"
    ),
    "project: a cursor stands beside a list that is Wrapped": lambda: Dataset(
        Project, route("projects"), "ledger", plan=Cursor()
    ),
    "project: a cursor tells what changed, never all": lambda: Dataset(
        Project, route("projects"), "snapshot", shape=Wrapped("projects"), plan=Cursor()
    ),
    "thing: a walk by from_id ends where a log is known": lambda: Dataset(
        Thing, route("things"), "ledger", plan=Walk(from_id="thing_id")
    ),
    "thing_detail: details that are read once cannot be a snapshot": lambda: details(once=True),
    "thing.system_id is filled later: declare it kept": lambda: Dataset(
        Thing, route("names"), "ledger", plan=Batch(key="thing_id", column="system_id", where="1")
    ),
    "works on all that is listed needs tracked=True": lambda: Dataset(
        Thing, route("things"), "ledger", after=lambda _: pytest.fail("never called")
    ),
    "bare values fills one column, not several": lambda: Dataset(
        Standing, route("number"), "ledger", shape=Scalar()
    ),
    "thing and guest are both read from /corporations/{corporation_id}/things": (
        lambda: process_of(
            declared.THINGS, Dataset(declared.Guest, declared.THINGS.route, "ledger")
        )
    ),
    "thing is the snapshot of two data sets": lambda: process_of(
        declared.THINGS, Dataset(Thing, route("others"), "snapshot")
    ),
    "thing_detail: details of Thing, which is read later": lambda: process_of(
        declared.DETAILS, declared.THINGS
    ),
    "thing_detail: nothing to ask for tells planet_id": lambda: process_of(
        declared.THINGS, details(path={"thing_id": "planet_id"})
    ),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_it_is_refused(sentence: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        REFUSED[sentence]()
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_every_id_has_a_place_in_a_path() -> None:
    class Parent(CorporationTable):
        id = Id(identity=True)

    parents = Dataset(Parent, route("parents"), "snapshot")
    process_of(parents, details(of=Parent, path={"thing_id": "id"}))
