"""Tables and routes agree with CCP's OpenAPI document."""

from typing import Any

import msgspec
import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.contracts import ContractItem
from corpsync_tui.catalog.corporation import Blueprint
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.decoder import wire_columns
from corpsync_tui.catalog.kit.plans import Batch
from corpsync_tui.esi.downtime import STATUS
from corpsync_tui.esi.routes import Route
from corpsync_tui.names.resolver import CELESTIALS, STRUCTURE
from corpsync_tui.names.resolver import NAMES as UNIVERSE_NAMES
from corpsync_tui.queries.browse_sql import browse_tables
from corpsync_tui.reference import prices
from corpsync_tui.store.columns import (
    Column,
    CorporationTable,
    Count,
    Day,
    Flag,
    Id,
    Isk,
    Json,
    Number,
    Text,
    When,
    Word,
)
from corpsync_tui.store.schema import Table
from corpsync_tui.sync.roster import AFFILIATION, CORPORATION, ROLES
from tests.support.openapi import DOCUMENT, operation, record_schema, resolved

DATASETS = [
    dataset
    for process in ALL
    for dataset in process.datasets
    if not isinstance(dataset.plan, Batch)
]
ROUTES = [
    *dict.fromkeys(route for process in ALL for route in process.routes),
    *(AFFILIATION, CORPORATION, ROLES, STATUS, UNIVERSE_NAMES, STRUCTURE),
    *CELESTIALS.values(),
    *(source.route for source in (prices.MARKET, prices.INSURANCE)),
]
BESIDE = {"/corporations/{corporation_id}/orders": {"state"}}
"""Columns that another route of the same table fills."""


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda d: d.route.path)
def test_every_field_of_the_document_is_a_column(dataset: Dataset) -> None:
    schema = record_schema(dataset)
    columns = {c.name for c in wire_columns(dataset.model)}
    assert columns - BESIDE.get(dataset.route.path, set()) == set(schema["properties"])


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda d: d.route.path)
def test_required_fields_are_required(dataset: Dataset) -> None:
    schema = record_schema(dataset)
    required = {f.encode_name for f in msgspec.structs.fields(dataset.wire.record) if f.required}
    assert required == set(schema["required"])


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda d: d.route.path)
def test_columns_are_of_the_kind_that_the_document_says(dataset: Dataset) -> None:
    properties = record_schema(dataset)["properties"]
    for column in wire_columns(dataset.model):
        if column.name in properties:
            schema = resolved(properties[column.name])
            assert isinstance(column, kinds_for(schema)), column.name


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda d: d.route.path)
def test_nested_values_have_the_documents_shape(dataset: Dataset) -> None:
    properties = record_schema(dataset)["properties"]
    for column in wire_columns(dataset.model):
        if isinstance(column, Json):
            assert_fits(msgspec.inspect.type_info(column.shape), properties[column.name])


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: r.path)
def test_routes_are_declared_as_in_the_document(route: Route) -> None:
    declared = operation(route.path)
    limit = declared.get("x-rate-limit", {})
    queries = {parameter.get("name") for parameter in declared["parameters"]}
    security = declared.get("security", [{"OAuth2": [None]}])
    assert [route.scope] == security[0]["OAuth2"]
    assert list(route.roles) == declared.get("x-required-roles", [])
    assert route.cache_seconds == declared.get("x-cache-age", 0)
    assert route.group == limit.get("group")
    assert route.tokens == limit.get("max-tokens", 0)
    assert f"{route.window // 60}m" == limit.get("window-size", "15m")
    assert route.paged == ("page" in queries)


def test_every_route_that_is_read_stands_in_the_document() -> None:
    assert {route.path for route in ROUTES} <= set(DOCUMENT["paths"])


LEFT_OUT = {
    "/corporations/{corporation_id}/assets/locations": (
        "where in space each item lies: places of structures tell it, and moons are in their names"
    ),
    "/corporations/{corporation_id}/projects/{project_id}/contribution/{character_id}": (
        "one request for each member and project: the contributors of a project say it for all"
    ),
}
"""Corporation routes that no data set reads, and why."""


def test_every_corporation_route_is_a_data_set_or_left_out_for_a_reason() -> None:
    of_corporations = {path for path in DOCUMENT["paths"] if path.startswith("/corporation")}
    read = {route.path for process in ALL for route in process.routes}

    assert of_corporations - read == set(LEFT_OUT)


PROMISED = {
    "members": ("Members", 30),
    "assets": ("Assets", 60),
    "manufacturing": ("Manufacturing", 15),
    "market": ("Market", 20),
    "wallet": ("Wallet", 60),
    "mining": ("Mining", 60),
    "killmails": ("Killmails", 15),
    "container_logs": ("Container logs", 30),
    "structures": ("Structures", 60),
    "contracts": ("Contracts", 30),
    "projects": ("Projects", 30),
    "corporation": ("Corporation", 360),
    "notifications": ("Notifications", 10),
}
"""Titles and default minutes, in the order of the Sync screen."""


def test_the_processes_are_called_and_run_as_promised() -> None:
    found = {p.type: (p.title, p.interval_minutes) for p in ALL}

    assert found == {type_: PROMISED[type_] for type_ in found}
    assert list(found) == [type_ for type_ in PROMISED if type_ in found]


def test_identities_are_those_of_the_contract() -> None:
    identities = {d.table: tuple(d.model.identity) for d in DATASETS}
    assert (
        identities.items()
        >= {
            "member": ("character_id",),
            "asset": ("item_id",),
            "industry_job": ("job_id",),
            "market_order": ("order_id",),
            "wallet_balance": ("division",),
            "wallet_journal": ("division", "id"),
            "wallet_transaction": ("division", "transaction_id"),
            "mining_observer": ("observer_id",),
            "mining_ledger": (
                "observer_id",
                "character_id",
                "type_id",
                "last_updated",
                "recorded_corporation_id",
            ),
            "mining_extraction": ("structure_id", "extraction_start_time"),
            "killmail_ref": ("killmail_id",),
            "killmail": ("killmail_id",),
            "container_log": ("row_hash", "ordinal"),
        }.items()
    )


def kinds_for(schema: dict[str, Any]) -> tuple[type[Column], ...]:
    """The column classes that may hold a value of this schema."""
    if "oneOf" in schema:
        return (Json,)
    match schema["type"], schema.get("format"):
        case "integer", _:
            return Id, Count
        case "number", _:
            return Isk, Number
        case "boolean", _:
            return (Flag,)
        case "string", "date-time":
            return (When,)
        case "string", "date":
            return (Day,)
        case "string", _:
            return (Word,) if "enum" in schema else (Text, Word)
        case _:
            return (Json,)


WORDS = {
    "IntType": "integer",
    "FloatType": "number",
    "BoolType": "boolean",
    "StrType": "string",
    "DictType": "object",
}
"""The document's word for each type; `object` too where it is one of several kinds."""


def assert_fits(shape: msgspec.inspect.Type, schema: dict[str, Any]) -> None:
    """The msgspec type takes what the schema describes, field by field, and nothing else."""
    schema = resolved(schema)
    if isinstance(shape, msgspec.inspect.UnionType):
        (shape,) = (t for t in shape.types if not isinstance(t, msgspec.inspect.NoneType))
    if isinstance(shape, msgspec.inspect.ListType):
        assert schema["type"] == "array"
        assert_fits(shape.item_type, schema["items"])
    elif isinstance(shape, msgspec.inspect.StructType):
        fields = {f.encode_name: f for f in shape.fields}
        assert set(fields) >= set(schema["properties"])
        for name, inner in schema["properties"].items():
            assert fields[name].required == (name in schema.get("required", ())), name
            assert_fits(fields[name].type, inner)
    else:
        assert schema.get("type", "object") == WORDS[type(shape).__name__]


@pytest.mark.parametrize(
    ("model", "name"),
    [(Blueprint, "quantity"), (Blueprint, "runs"), (ContractItem, "raw_quantity")],
)
def test_a_number_that_may_stand_for_something_else_is_in_no_sum(
    model: type[CorporationTable], name: str
) -> None:
    """CCP's document: -1 is an original or a single thing, -2 a copy."""
    table = Table.of(model)
    assert not browse_tables([table], {table.name: "x"})[table.name].summed(name)
