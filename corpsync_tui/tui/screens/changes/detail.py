"""One change in full: every field before and after."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from corpsync_tui.catalog.kit.describer import label
from corpsync_tui.format.times import in_full
from corpsync_tui.queries.change_list import ChangeDetail
from corpsync_tui.queries.changes import ChangeFilter
from corpsync_tui.store.presentation import title_of_column
from corpsync_tui.text import printable
from corpsync_tui.tui.dialogs.fields import Field, FieldsDialog
from corpsync_tui.tui.screens.changes.text import row_words


class ChangeDialog(FieldsDialog):
    """What a run did to one row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o,enter", "row", "Open row", id="open_row", tooltip="The row in its table"),
        Binding("d", "history", "Its changes", id="row_history", tooltip="All changes of the row"),
    ]

    def __init__(self, detail: ChangeDetail) -> None:
        super().__init__("Change", change_fields(detail))
        self._detail = detail

    def action_row(self) -> None:
        """Show the row in its table."""
        line, row_key = self._detail.line, self._detail.row_key
        if row_key is None:
            self.tell("These rows are kept together: on Data @ shows their past")
        elif line.kind == "removed":
            self.tell("The row is gone: d shows what became of it")
        else:
            self.leave_for(self.corpsync.show_row, line.table_name, line.corporation_id, row_key)

    def action_history(self) -> None:
        """Show all changes of the row."""
        line, row_key = self._detail.line, self._detail.row_key
        if row_key is None:
            self.tell("These rows are kept together: on Data @ shows their past")
            return
        which = ChangeFilter(
            (line.table_name,), corporation_id=line.corporation_id, row_key=row_key
        )
        self.leave_for(self.corpsync.show_changes, row_words(line.table_name), which)


def change_fields(detail: ChangeDetail) -> list[Field]:
    """The sentence, which row, and each value."""
    line = detail.line
    fields = [
        Field("What", printable(line.sentence), "strong"),
        Field("When", f"{in_full(line.when)}, run {line.run_id}"),
        Field("Row", printable(f"{label(line.table_name)}: {detail.key}") if detail.key else "–"),
    ]
    for field in detail.fields:
        sides = [printable(side) for side in (field.before, field.after) if side is not None]
        text = printable(field.difference) if field.difference else " → ".join(sides)
        elements = text.split("; ")
        fields.append(Field(printable(title_of_column(field.column)), "\n".join(elements)))
    return fields
