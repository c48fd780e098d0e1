"""One change in full: every field before and after."""

from __future__ import annotations

from datetime import datetime

from corpsync_tui.catalog.kit.describer import label
from corpsync_tui.format.times import day_and_hour
from corpsync_tui.queries.change_list import ChangeDetail
from corpsync_tui.text import printable
from corpsync_tui.tui.dialogs.fields import FieldsDialog
from corpsync_tui.tui.screens.history.run_text import Field


class ChangeDialog(FieldsDialog):
    """What a run did to one row."""

    def __init__(self, detail: ChangeDetail, now: datetime) -> None:
        super().__init__("Change", change_fields(detail, now))


def change_fields(detail: ChangeDetail, now: datetime) -> list[Field]:
    """The sentence, which row, and each value."""
    line = detail.line
    fields = [
        Field("What", printable(line.sentence), "strong"),
        Field("When", f"{day_and_hour(line.when, now)} EVE, run {line.run_id}"),
        Field("Row", printable(f"{label(line.table_name)}: {detail.key}") if detail.key else "–"),
    ]
    for field in detail.fields:
        sides = [printable(side) for side in (field.before, field.after) if side is not None]
        fields.append(Field(printable(label(field.column)), " → ".join(sides)))
    return fields
