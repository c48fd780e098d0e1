"""What the wire may say and what it may not: the decoder that is derived from a table."""

import itertools
import json
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.assets import ASSETS
from corpsync_tui.catalog.container_logs import LOGS
from corpsync_tui.catalog.killmails import DETAILS
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.decoder import wire_columns
from corpsync_tui.catalog.kit.plans import Batch
from corpsync_tui.catalog.kit.shapes import Grouped, One, Scalar, Values
from corpsync_tui.catalog.market import HISTORY
from corpsync_tui.catalog.members import PROCESS as MEMBERS
from corpsync_tui.catalog.mining import OBSERVERS
from corpsync_tui.catalog.wallet import BALANCES, JOURNAL
from corpsync_tui.errors import ValidationError
from corpsync_tui.store.columns import Column, Flag, Json, Text, When, Word
from tests.support.openapi import answer_of, record_schema, resolved

DATASETS = [
    dataset
    for process in ALL
    for dataset in process.datasets
    if not isinstance(dataset.plan, Batch) and not isinstance(dataset.shape, Values | Scalar)
]
"""Those whose answers hold records with fields."""
PREFIX = "ESI's data is not as documented: "


def sample(schema: dict[str, Any], *, whole: bool) -> Any:
    """A value that fits a schema; `whole` fills in what is optional."""
    schema = resolved(schema)
    if "oneOf" in schema:
        return sample(schema["oneOf"][0], whole=whole)
    match schema["type"]:
        case "object":
            wanted = schema["properties"] if whole else schema.get("required", ())
            return {n: sample(schema["properties"][n], whole=whole) for n in wanted}
        case "array":
            return [sample(schema["items"], whole=whole)]
        case "integer":
            return 7
        case "number":
            return 0.25
        case "boolean":
            return True
    if "enum" in schema:
        return schema["enum"][0]
    return "2026-09-21" if schema.get("format") == "date" else "2026-09-21T12:00:00Z"


def record_of(dataset: Dataset, *, whole: bool = True) -> dict[str, Any]:
    """A record as the document describes it."""
    return dict(sample(record_schema(dataset), whole=whole))


def body(dataset: Dataset, *records: Any) -> bytes:
    """An answer of the data set's route that holds these records."""
    return answer_of(dataset, *records)


def stored(dataset: Dataset, answer: bytes) -> list[dict[str, Any]]:
    """The rows of an answer, by column."""
    context = {"alike": Counter(), "killmail_hash": "h", "division": 1}
    names = [c.name for c in dataset.columns]
    return [dict(zip(names, row, strict=True)) for row in dataset.rows(answer, context)]


def refusal(dataset: Dataset, answer: bytes) -> str:
    """Why an answer is refused."""
    with pytest.raises(ValidationError) as refused:
        stored(dataset, answer)
    assert refused.value.message.startswith(PREFIX)
    return refused.value.message.removeprefix(PREFIX)


def asset(**changes: Any) -> dict[str, Any]:
    return record_of(ASSETS) | changes


def test_every_field_of_a_whole_record_is_stored(dataset: Dataset) -> None:
    record = record_of(dataset)
    (row,) = stored(dataset, body(dataset, record))
    for name, value in record.items():
        if isinstance(value, dict | list):
            assert json.loads(row[name]) == value
        else:
            assert row[name] == value
            assert type(row[name]) is type(value)


def test_missing_optional_fields_become_null(dataset: Dataset) -> None:
    record = record_of(dataset, whole=False)
    (row,) = stored(dataset, body(dataset, record))
    optional = {c.name for c in wire_columns(dataset.model)} - set(record) - {"state"}
    assert {name: row[name] for name in optional} == dict.fromkeys(optional)


def test_null_in_an_optional_field_is_null(dataset: Dataset) -> None:
    required = record_of(dataset, whole=False)
    record = dict.fromkeys(record_of(dataset)) | required
    (row,) = stored(dataset, body(dataset, record))
    optional = set(record) - set(required) - {"state"}
    assert {name: row[name] for name in optional} == dict.fromkeys(optional)


def test_unknown_fields_are_ignored(dataset: Dataset) -> None:
    record = record_of(dataset)
    more = record | {"added_by_ccp": {"deep": [1, None, {"x": 2**70}]}}
    assert stored(dataset, body(dataset, more)) == stored(dataset, body(dataset, record))


def test_an_object_without_a_field_of_the_document_is_no_empty_answer() -> None:
    for dataset in DATASETS:
        if isinstance(dataset.shape, One | Grouped):
            with pytest.raises(ValidationError):
                dataset.parse(b'{"items": [{"division": 1}]}', {})


def test_unknown_words_are_kept(dataset: Dataset) -> None:
    words = {c.name for c in wire_columns(dataset.model) if isinstance(c, Word)} - {"state"}
    record = record_of(dataset) | dict.fromkeys(words, "invented_by_ccp")
    (row,) = stored(dataset, body(dataset, record))
    assert {row[word] for word in words} <= {"invented_by_ccp"}


def test_a_missing_required_field_is_told(dataset: Dataset) -> None:
    for name in record_of(dataset, whole=False):
        record = record_of(dataset)
        del record[name]
        assert f"missing required field `{name}`" in refusal(dataset, body(dataset, record))


def test_null_in_a_required_field_is_told(dataset: Dataset) -> None:
    for name in record_of(dataset, whole=False):
        told = refusal(dataset, body(dataset, record_of(dataset) | {name: None}))
        assert f".{name}: " in told
        assert told.endswith("got `null` (null)")


def test_a_wrong_type_is_told_with_path_and_value(dataset: Dataset) -> None:
    for column in wire_columns(dataset.model):
        if column.name in record_of(dataset):
            wrong, shown = wrong_value(column)
            told = refusal(dataset, body(dataset, record_of(dataset) | {column.name: wrong}))
            assert f".{column.name}: expected " in told
            assert told.endswith(f"({shown})")


def wrong_value(column: Column) -> tuple[Any, str]:
    """A value that does not fit a column, and how a message quotes it."""
    if isinstance(column, When | Word | Text):
        return 5, "5"
    if isinstance(column, Flag):
        return 1, "1"
    if isinstance(column, Json):
        return "none", '"none"'
    return ([], "[]") if column.kind == "day" else ("12", '"12"')


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "dataset" in metafunc.fixturenames:
        metafunc.parametrize("dataset", DATASETS, ids=lambda d: d.route.path)


MOMENTS = ["2026-09-21T12:00:00Z", "2024-02-29T23:59:59.123456Z", "0001-01-01T00:00:00Z"]
NO_MOMENTS = [
    "",
    "soon",
    "2026-09-21",
    "2026-09-21T12:00:00",
    "2026-09-21T12:00:00+00:00",
    "2026-09-21 12:00:00Z",
    "2026-09-21T12:00Z",
    "2026-09-21T24:00:00Z",
    "2026-02-29T12:00:00Z",
    "2100-02-29T12:00:00Z",
    "2026-13-01T12:00:00Z",
    "0000-01-01T00:00:00Z",
    "2026-09-21T12:00:00.Z",
    "2026-09-21T12:00:00Z\n",
    "\u0662026-09-21T12:00:00Z",
    "1790000000",
]


@pytest.mark.parametrize("text", MOMENTS)
def test_a_moment_arrives_as_esi_wrote_it(text: str) -> None:
    (row,) = stored(JOURNAL, body(JOURNAL, record_of(JOURNAL) | {"date": text}))
    assert row["date"] == text
    datetime.fromisoformat(text)


def test_what_is_no_moment_is_told(dataset: Dataset) -> None:
    whole = record_of(dataset)
    moments = [c.name for c in wire_columns(dataset.model) if isinstance(c, When)]
    for name, text in itertools.product(whole.keys() & moments, NO_MOMENTS):
        sentence = refusal(dataset, body(dataset, whole | {name: text}))
        assert f".{name}: no moment as ESI writes it (" in sentence, text
        assert sentence.isprintable(), text


@pytest.mark.parametrize("text", ["2026-09-21T12:00:00Z", "2026-02-30", "21.09.2026", ""])
def test_what_is_no_day_is_told(text: str) -> None:
    told = refusal(OBSERVERS, body(OBSERVERS, record_of(OBSERVERS) | {"last_updated": text}))
    assert told.startswith("$[0].last_updated: no day as ESI writes it (")


def test_a_message_is_one_printable_line_whatever_came() -> None:
    value = "\x1b]52;c;aGk=\x07\n\u202e" * 100
    for told in (
        refusal(ASSETS, body(ASSETS, asset(item_id=value))),
        refusal(ASSETS, json.dumps([{value: "\ud800"}]).encode()),
        refusal(ASSETS, json.dumps({value: value}, ensure_ascii=False).encode()),
    ):
        assert told.isprintable()
        assert len(told) < 250


@pytest.mark.parametrize("number", [2**53 + 1, 2**63 - 1, -(2**63)])
def test_64_bit_ids_arrive_exactly(number: int) -> None:
    (row,) = stored(ASSETS, body(ASSETS, asset(item_id=number)))
    assert row["item_id"] == number
    assert ASSETS.packed(ASSETS.rows(body(ASSETS, asset(item_id=number)), {})) == number.to_bytes(
        8, "little", signed=True
    )


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**64, 10**400])
def test_a_larger_integer_is_told(number: int) -> None:
    told = refusal(ASSETS, body(ASSETS, asset(), asset(item_id=number)))
    assert told.startswith("$[1].item_id: no 64-bit integer (")
    assert str(number)[:20] in told
    assert len(told) < 120


@pytest.mark.parametrize("number", ["1.5", "7.0", "1e3", "true"])
def test_what_is_no_integer_is_told(number: str) -> None:
    answer = body(ASSETS, asset(item_id="N")).replace(b'"N"', number.encode())
    assert refusal(ASSETS, answer).endswith(f"({number})")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" + "0" * 400])
def test_a_number_beyond_all_doubles_is_told(number: str) -> None:
    answer = f'[{{"division":1,"balance":{number}}}]'.encode()
    told = refusal(BALANCES, answer)
    assert told.startswith(f"$[0].balance: number out of range ({number[:40]}")


def test_a_whole_number_may_stand_where_a_fraction_may() -> None:
    (row,) = stored(BALANCES, b'[{"division":1,"balance":5}]')
    assert row["balance"] == 5.0
    assert isinstance(row["balance"], float)


def test_a_list_where_an_object_belongs_is_told() -> None:
    assert refusal(ASSETS, b"[[1]]") == "$[0]: expected `object`, got `array` ([1])"
    assert refusal(DETAILS, b"[]") == "$: expected `object`, got `array` ([])"


@pytest.mark.parametrize("answer", ['{"a":1}', "null", "7", '"text"'])
def test_something_else_where_a_list_belongs_is_told(answer: str) -> None:
    assert refusal(ASSETS, answer.encode()).endswith(f"({answer})")


@pytest.mark.parametrize("answer", ["", "[", "[] []", "[NaN]", "<html>", '[{"a":}]'])
def test_what_is_no_json_is_told(answer: str) -> None:
    assert refusal(ASSETS, answer.encode()) == f"$: no valid JSON ({answer})"


def test_half_a_surrogate_pair_is_told() -> None:
    told = refusal(ASSETS, body(ASSETS, asset(), asset(location_flag="a\ud800")))
    assert told == '$[1].location_flag: no valid text ("a\\ud800")'


def test_bytes_that_are_no_utf_8_are_told() -> None:
    answer = body(ASSETS, asset(), asset(location_flag="ZZ")).replace(b"ZZ", b"\xff")
    assert refusal(ASSETS, answer).startswith("$[1].location_flag: no valid text (")


@pytest.mark.parametrize(
    "answer",
    [
        b"[" * 100_000,
        b'[{"unknown":' + b"[" * 100_000 + b"]" * 100_000 + b"}]",
        b'[{"item_id":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}]",
    ],
)
def test_a_hundred_thousand_brackets_are_told(answer: bytes) -> None:
    assert len(refusal(ASSETS, answer)) < 150


def test_hostile_texts_arrive_verbatim() -> None:
    texts = [
        "[red]x[/red] [/] {}",
        "\x00\x1b]52;c;aGk=\x07\x9b\x7f\r\n\t",
        "👩‍🚀 \U0001f680",
        "\u202eevil\u202c שלום",
        "'\"; DROP TABLE wallet_journal; --",
        "x" * 300,
        "",
    ]
    records = [record_of(JOURNAL) | {"description": t, "reason": t} for t in texts]
    rows = stored(JOURNAL, body(JOURNAL, *records))
    assert [row["description"] for row in rows] == texts
    assert [row["reason"] for row in rows] == texts


def killmail(**victim: Any) -> dict[str, Any]:
    record = record_of(DETAILS)
    return record | {"victim": record["victim"] | victim}


@pytest.mark.parametrize(
    ("victim", "path"),
    [
        ({"ship_type_id": "587"}, '$.victim.ship_type_id: expected `int`, got `str` ("587")'),
        ({"position": []}, "$.victim.position: expected `object | null`, got `array` ([])"),
        ({"character_id": 2**70}, f"$.victim.character_id: no 64-bit integer ({2**70})"),
        (
            {"items": [{"flag": 1, "item_type_id": 2, "singleton": 0}, {"flag": None}]},
            "$.victim.items[1].flag: expected `int`, got `null` (null)",
        ),
        ({"name": "\udfff"}, '$.victim.name: no valid text ("\\udfff")'),
    ],
)
def test_nested_values_are_checked(victim: dict[str, Any], path: str) -> None:
    assert refusal(DETAILS, body(DETAILS, killmail(**victim))) == path


def test_nested_values_are_kept_as_esi_wrote_them() -> None:
    record = killmail(invented={"by": ["CCP", 1.5]})
    (row,) = stored(DETAILS, body(DETAILS, record))
    assert json.loads(row["victim"]) == record["victim"]
    assert row["killmail_hash"] == "h"


def test_the_history_of_orders_must_say_how_each_ended() -> None:
    record = record_of(HISTORY)
    del record["state"]
    assert "`state`" in refusal(HISTORY, body(HISTORY, record))


def test_an_empty_list_of_members_cannot_be() -> None:
    assert refusal(MEMBERS.datasets[0], b"[]") == "$: an empty list cannot be"
    assert stored(ASSETS, b"[]") == []


def test_container_logs_alike_are_numbered_and_others_not() -> None:
    line = record_of(LOGS)
    rows = stored(LOGS, body(LOGS, line, line | {"quantity": 8}, line))
    assert [row["ordinal"] for row in rows] == [0, 0, 1]
    assert rows[0]["row_hash"] == rows[2]["row_hash"] != rows[1]["row_hash"]


def test_a_missing_and_an_empty_field_are_not_alike() -> None:
    line = record_of(LOGS)
    rest = {n: v for n, v in line.items() if n != "password_type"}
    first, second = stored(LOGS, body(LOGS, rest, rest | {"password_type": ""}))
    assert first["row_hash"] != second["row_hash"]
