"""From the declaration of a table to the decoder that checks the wire.

ESI's answers are decoded straight into a struct derived from the table's columns: a wrong type,
a missing required field or an integer beyond 64 bits fails with its path and value; unknown
fields are ignored, missing optional ones become NULL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import Annotated, Any, NamedTuple, Protocol, TypeVar

import msgspec

from corpsync_tui.catalog.kit.shapes import Grouped, List, One, Scalar, Shape, Values, Wrapped
from corpsync_tui.decoding import UNREADABLE, Int64
from corpsync_tui.errors import ValidationError
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
    When,
)
from corpsync_tui.text import one_line

Row = tuple[Any, ...]

_LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_DAY = (
    "(?!0000)(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    f"|{_LEAP}-02-29)"
)
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{1,9})?Z"
DayText = Annotated[str, msgspec.Meta(pattern=rf"\A{_DAY}\Z")]
"""A day of the calendar as ESI writes it: `2026-09-21` (the document's `format: date`)."""
WhenText = Annotated[str, msgspec.Meta(pattern=rf"\A{_DAY}T{_TIME}\Z")]
"""A moment as ESI writes it: `2026-09-21T12:00:00Z`, perhaps with a fraction (`date-time`)."""

_SHOWN_VALUE = 60
"""Characters of a wrong value that an error message quotes."""
_SHOWN_PATH = 120
"""Characters of the path to it."""

_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")
"""One step of a path: `.name` or `[3]`."""

_ENTRIES = msgspec.json.Decoder(list[msgspec.Raw])

T = TypeVar("T")


def wire_columns(model: type[CorporationTable]) -> list[Column]:
    """The columns that ESI's record bears, in the table's order."""
    return [c for c in model._meta.sorted_fields if not c.added]


def _wire_type(column: Column) -> Any:
    if isinstance(column, Flag):
        return bool
    if isinstance(column, Id | Count):
        return Int64
    if isinstance(column, Isk | Number):
        return float
    if isinstance(column, Json):
        return msgspec.Raw
    if isinstance(column, When):
        return WhenText
    return DayText if isinstance(column, Day) else str


class NestedList(Protocol):
    """A list inside a record, and the table that it fills."""

    @property
    def model(self) -> type[CorporationTable]:
        """The table."""

    @property
    def field(self) -> str:
        """The list's name in the record."""


class CursorTokens(msgspec.Struct):
    """Where a list that is asked for by cursor goes on."""

    before: str | None = None
    """Towards what is older."""
    after: str | None = None
    """Towards what will change."""


class Page(NamedTuple):
    """An answer's records."""

    records: Sequence[Any]
    groups: Sequence[str] = ()
    """Of each record the list that it stood in, where there are several."""
    cursor: CursorTokens | None = None


class Wire:
    """Decodes one table's answers into rows."""

    def __init__(
        self,
        model: type[CorporationTable],
        shape: Shape = List(),  # noqa: B008  # it is frozen
        required: Collection[str] = (),
        children: Sequence[NestedList] = (),
    ) -> None:
        columns = wire_columns(model)
        self.names = tuple(column.name for column in columns)
        self.children = [Wire(child.model) for child in children]
        self.record = self._record_type(model, required, children)
        """The struct that ESI's record must fit, its fields in the order of the columns."""
        self._shape = shape
        self._decoder = msgspec.json.Decoder(self._answer_type(columns[0]))
        self._json = [
            (i, c, msgspec.json.Decoder(c.shape))
            for i, c in enumerate(columns)
            if isinstance(c, Json)
        ]
        self.row_of: Callable[[Any], Row] = msgspec.structs.astuple
        if isinstance(shape, Values | Scalar):
            self.row_of = _only
        elif self._json or children:
            self.row_of = self._row_with_json

    def _record_type(
        self,
        model: type[CorporationTable],
        required: Collection[str],
        children: Sequence[NestedList],
    ) -> type[msgspec.Struct]:
        fields: list[Any] = []
        for column in wire_columns(model):
            wanted = _wire_type(column)
            if column.null and column.name not in required:
                # Raw takes everything; beside None it would take nothing else.
                optional = wanted if isinstance(column, Json) else wanted | None
                fields.append((column.name, optional, None))
            else:
                fields.append((column.name, wanted))
        for child, wire in zip(children, self.children, strict=True):
            fields.append((child.field, list[wire.record] | None, None))  # type: ignore[name-defined]  # made here
        return msgspec.defstruct(f"{model.__name__}Record", fields, kw_only=True, gc=False)

    def _answer_type(self, first: Column) -> Any:
        record: Any = self.record
        match self._shape:
            case One():
                return record
            case Wrapped(name):
                fields: list[Any] = [(name, list[record]), ("cursor", CursorTokens | None, None)]
                return msgspec.defstruct("Answer", fields, kw_only=True)
            case Grouped(_, names):
                groups: list[Any] = [
                    (n, list[record], msgspec.field(default_factory=list)) for n in names
                ]
                return msgspec.defstruct("Answer", groups, kw_only=True)
            case Values():
                return list[_wire_type(first)]  # type: ignore[misc]  # worked out here
            case Scalar():
                return _wire_type(first)
        return list[record]

    def page(self, body: bytes) -> Page:
        """The records of an answer.

        Raises `ValidationError` with path and value where the answer does not fit.
        """
        try:
            answer = self._decoder.decode(body)
        except UNREADABLE as error:
            raise _explained("$", body, error) from error
        match self._shape:
            case One():
                if not any(msgspec.structs.astuple(answer)):
                    _refuse_foreign(body, answer)
                return Page([answer])
            case Scalar():
                return Page([answer])
            case Wrapped(name):
                return Page(getattr(answer, name), cursor=answer.cursor)
            case Grouped(_, names):
                if not any(msgspec.structs.astuple(answer)):
                    _refuse_foreign(body, answer)
                found = [(name, record) for name in names for record in getattr(answer, name)]
                return Page([record for _, record in found], [name for name, _ in found])
        return Page(answer)

    def _row_with_json(self, record: msgspec.Struct) -> Row:
        row = list(msgspec.structs.astuple(record)[: len(self.names)])
        for index, column, decoder in self._json:
            if row[index] is None:
                continue
            raw = bytes(row[index])
            if raw == b"null" and column.null:
                row[index] = None
                continue
            try:
                decoder.decode(raw)
                row[index] = raw.decode()
            except UNREADABLE as error:
                raise _explained(f"$.{column.name}", raw, error) from error
        return tuple(row)


def decode_each(body: bytes, kind: type[T]) -> list[T]:
    """The entries of a list that fit `kind`; for side data, where an odd entry spoils only itself.

    Raises `ValidationError` where the body is no list.
    """
    entries: list[Any] | None
    try:
        entries = _ENTRIES.decode(body)
    except UNREADABLE as error:
        entries = _odd_entries(body)
        if entries is None:
            raise _explained("$", body, error) from error
    found = []
    for entry in entries:
        with suppress(*UNREADABLE):
            found.append(msgspec.json.decode(entry, type=kind))
    return found


def _odd_entries(body: bytes) -> list[Any] | None:
    """The entries of a list with half a surrogate pair in it, which msgspec takes nowhere."""
    try:
        entries = json.loads(body.decode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    return [json.dumps(entry) for entry in entries] if isinstance(entries, list) else None


def _only(value: Any) -> Row:
    return (value,)


def _refuse_foreign(body: bytes, answer: msgspec.Struct) -> None:
    """Refuse an object that has fields, but none of those that the document names.

    All of them may be missing: without this such an answer would count as empty.
    """
    names = msgspec.json.decode(body, type=dict[str, msgspec.Raw]).keys()
    if names and names.isdisjoint(answer.__struct_fields__):
        known = ", ".join(answer.__struct_fields__)
        error = msgspec.ValidationError(f"Expected one of the fields {known}")
        raise _explained("$", body, error)


def _explained(where: str, raw: bytes, error: Exception) -> ValidationError:
    """`$[3].item_id: expected `int`, got `str` ("x")`: the path, what is wrong, the value."""
    what, _, path = str(error).partition(" - at `$")
    path = path.rstrip("`")
    value = _value_at(raw, path)
    if not isinstance(error, msgspec.ValidationError):
        what = "nested too deeply" if isinstance(error, RecursionError) else "no valid JSON"
        if found := _first_bad_text(raw):
            (path, value), what = found, "no valid text"
    elif "`int` <=" in what or "`int` >=" in what:
        what = "no 64-bit integer"
    elif "matching regex" in what:
        what = "no moment as ESI writes it" if _TIME in what else "no day as ESI writes it"
    shown, place = one_line(value, _SHOWN_VALUE + 1), one_line(f"{where}{path}", _SHOWN_PATH)
    reason = what[:1].lower() + what[1:]
    return ValidationError(f"ESI's data is not as documented: {place}: {reason} ({shown})")


def _value_at(raw: bytes, path: str) -> str:
    """The source text of the value at a path, or of the whole where it cannot be cut out."""
    try:
        value = raw
        for name, index in _STEP.findall(path):
            if name:
                value = bytes(msgspec.json.decode(value, type=dict[str, msgspec.Raw])[name])
            else:
                value = bytes(msgspec.json.decode(value, type=list[msgspec.Raw])[int(index)])
    except (*UNREADABLE, KeyError, IndexError):
        value = raw
    return value[: 4 * _SHOWN_VALUE].decode(errors="replace")


def _first_bad_text(raw: bytes) -> tuple[str, str] | None:
    """The first text that is not Unicode: its path and its source; None where there is none."""
    try:
        return next(_bad_texts(json.loads(raw.decode(errors="surrogateescape")), ""), None)
    except (ValueError, RecursionError):
        return None


def _bad_texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            yield path, json.dumps(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _bad_texts(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _bad_texts(inner, f"{path}[{index}]")


def hash_row(row: Row) -> int:
    """What tells a row without an id apart from others: a hash of all it says, 64 bits signed."""
    digest = blake2b(msgspec.json.encode(row), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
