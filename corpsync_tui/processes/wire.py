"""From the declaration of a table to the decoder that checks the wire.

ESI's answers are decoded straight into a struct derived from the table's columns: a wrong type,
a missing required field or an integer beyond 64 bits fails with its path and value; unknown
fields are ignored, missing optional ones become NULL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec

from corpsync_tui.errors import ValidationError
from corpsync_tui.store.columns import Column, CorporationTable, Count, Flag, Id, Isk, Json, Number

Row = tuple[Any, ...]

Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]

_SHOWN_VALUE = 60
"""Characters of a wrong value that an error message quotes."""

_UNREADABLE = (
    msgspec.DecodeError,
    UnicodeError,
    RecursionError,
    OverflowError,
)
"""What decoding hostile bytes has been seen to raise; not all are msgspec's own."""


def wire_columns(model: type[CorporationTable]) -> list[Column]:
    """The columns that ESI's record bears, in the table's order."""
    return [c for c in model._meta.sorted_fields if not c.added]


def record_type(model: type[CorporationTable]) -> type[msgspec.Struct]:
    """The struct that ESI's record must fit, its fields in the order of the columns."""
    fields: list[Any] = []
    for column in wire_columns(model):
        wanted = _wire_type(column)
        if column.null:
            fields.append((column.name, wanted | None, None))
        else:
            fields.append((column.name, wanted))
    return msgspec.defstruct(f"{model.__name__}Record", fields, kw_only=True, gc=False)


def _wire_type(column: Column) -> Any:
    if isinstance(column, Flag):
        return bool
    if isinstance(column, Id | Count):
        return Int64
    if isinstance(column, Isk | Number):
        return float
    if isinstance(column, Json):
        return msgspec.Raw
    return str


class Wire:
    """Decodes one table's pages into rows."""

    def __init__(self, model: type[CorporationTable]) -> None:
        self.record = record_type(model)
        self._page = msgspec.json.Decoder(list[self.record])  # type: ignore[name-defined]
        self._one = msgspec.json.Decoder(self.record)
        self._json = [
            (i, c.name, msgspec.json.Decoder(c.shape))
            for i, c in enumerate(wire_columns(model))
            if isinstance(c, Json)
        ]
        self.row_of: Callable[[msgspec.Struct], Row] = (
            self._row_with_json if self._json else msgspec.structs.astuple
        )

    def page(self, body: bytes) -> Sequence[msgspec.Struct]:
        """The records of a page.

        Raises `ValidationError` with path and value where the page does not fit.
        """
        try:
            return self._page.decode(body)
        except _UNREADABLE as error:
            raise _explained(body, self._one, error) from error

    def one(self, body: bytes) -> msgspec.Struct:
        """The record of a route that answers with one object. Raises `ValidationError`."""
        try:
            return self._one.decode(body)
        except _UNREADABLE as error:
            raise _located("$", body, error) from error

    def _row_with_json(self, record: msgspec.Struct) -> Row:
        row = list(msgspec.structs.astuple(record))
        for index, name, decoder in self._json:
            if row[index] is None:
                continue
            raw = bytes(row[index])
            if raw == b"null":
                row[index] = None
                continue
            try:
                decoder.decode(raw)
                row[index] = raw.decode()
            except _UNREADABLE as error:
                raise _located(f"$.{name}", raw, error) from error
        return tuple(row)


def _explained(body: bytes, one: msgspec.json.Decoder[Any], error: Exception) -> ValidationError:
    """Find the record at fault: msgspec tells that one of a list is wrong, not which."""
    try:
        records = msgspec.json.decode(body, type=list[msgspec.Raw])
    except _UNREADABLE:
        return _located("$", body, error)
    for index, raw in enumerate(records):
        try:
            one.decode(raw)
        except _UNREADABLE as record_error:
            return _located(f"$[{index}]", bytes(raw), record_error)
    return _located("$", body, error)


def _located(where: str, raw: bytes, error: Exception) -> ValidationError:
    """`$[3].item_id is wrong: expected `int`, got `str` (value "x")`."""
    what, _, path = str(error).partition(" - at `")
    if not isinstance(error, msgspec.ValidationError):
        what = "this is no valid JSON" if isinstance(error, msgspec.DecodeError) else "unreadable"
    inner = path.rstrip("`").removeprefix("$").removeprefix("[...]")
    value = _value_at(raw, inner)
    shown = value if len(value) <= _SHOWN_VALUE else value[:_SHOWN_VALUE] + "…"
    reason = what[:1].lower() + what[1:]
    if "`int` <=" in reason or "`int` >=" in reason:
        reason = "no 64-bit integer"
    return ValidationError(f"ESI's data is not as documented: {where}{inner}: {reason} ({shown})")


def _value_at(raw: bytes, path: str) -> str:
    try:
        value: Any = msgspec.json.decode(raw)
        for name in filter(None, path.split(".")):
            value = value[name.removesuffix("[...]")]
        return msgspec.json.encode(value).decode()
    except (*_UNREADABLE, KeyError, TypeError, IndexError):
        return raw[:_SHOWN_VALUE].decode(errors="replace")
