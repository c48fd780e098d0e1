"""The rows of a table grouped by a column: how many of each value, and their sums."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from corpsync_tui.format.amounts import plural
from corpsync_tui.queries.browse_types import BrowseColumn, Group
from corpsync_tui.store.presentation import title_of_column
from corpsync_tui.text import printable
from corpsync_tui.tui.screens.base import Dialog
from corpsync_tui.tui.screens.data.values import WIDTHS, value_text
from corpsync_tui.tui.widgets.footer import KeyFooter
from corpsync_tui.tui.widgets.virtual_table import ShownColumn, ShownRow, VirtualTable

NAME_WIDTH = 40


class Groups:
    """Groups as the table's cells."""

    def __init__(
        self, groups: Sequence[Group], kinds: Sequence[str], kind: str, now: datetime
    ) -> None:
        self.groups = list(groups)
        self._kinds = kinds
        self._kind = "day" if kind == "when" else kind
        self._now = now

    def __len__(self) -> int:
        """How many groups there are."""
        return len(self.groups)

    def row(self, place: int) -> ShownRow:
        """The cells of a group."""
        group = self.groups[place]
        sums = zip(self._kinds, group.sums, strict=True)
        name = value_text(self._kind, group.value, group.name, self._now)
        cells = [value_text(kind, total, None, self._now) for kind, total in sums]
        return ShownRow([name or "–", f"{group.rows:,}", *cells])

    def sort(self, column: int) -> None:
        """Sort by the name, or from the highest number on."""
        if column == 0:
            self.groups.sort(key=lambda group: str(group.name or group.value or "").casefold())
        elif column == 1:
            self.groups.sort(key=lambda group: -group.rows)
        else:
            self.groups.sort(key=lambda group: -(group.sums[column - 2] or 0))


class GroupsDialog(Dialog[str]):
    """Shows groups; the answer is the filter that shows the rows of one."""

    CSS = "GroupsDialog VirtualTable { max-height: 65vh; background: $surface; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "sort", "Sort", id="sort_groups", tooltip="Sort by the column"),
        Binding("y", "copy", "Copy", id="copy_groups", tooltip="Copy all of it"),
    ]

    def __init__(
        self,
        title: str,
        column: BrowseColumn,
        summed: Sequence[BrowseColumn],
        groups: Sequence[Group],
        now: datetime,
    ) -> None:
        super().__init__()
        self._box_title = title
        self._column = column
        self._summed = summed
        self._groups = Groups(groups, [c.kind for c in summed], column.kind, now)

    def compose(self) -> ComposeResult:
        """The groups, and the keys."""
        with Vertical(classes="box") as box:
            number = plural(len(self._groups), "group")
            box.border_title = Content(printable(f"{self._box_title}: {number}"))
            box.border_subtitle = Content("enter shows the rows, esc closes")
            yield VirtualTable()
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show the groups, the most rows first."""
        rows = [self._groups.row(place).texts for place in range(len(self._groups))]
        widest = max((len(row[0]) for row in rows), default=0)
        titles = [title_of_column(self._column.name), "Rows"]
        widths = [max(len(titles[0]) + 2, min(widest, NAME_WIDTH)), 9]
        for number, column in enumerate(self._summed, 2):
            titles.append(f"Σ {title_of_column(column.name)}")
            widest = max((len(row[number]) for row in rows), default=0)
            widths.append(max(len(titles[-1]), widest, WIDTHS[column.kind][0]))
        shown = zip(titles, widths, strict=True)
        grid = self.query_one(VirtualTable)
        grid.show_columns([ShownColumn(t, t, w, t != titles[0]) for t, w in shown])
        grid.show_rows(self._groups, cursor=0, empty=[])
        grid.styles.height = len(self._groups) + 2  # the titles, and a bar to scroll sideways
        grid.focus()

    def action_sort(self) -> None:
        """Sort by the column under the cursor."""
        self._sort_by(self.query_one(VirtualTable).column)

    @on(VirtualTable.TitleClicked)
    def _title_clicked(self, event: VirtualTable.TitleClicked) -> None:
        event.stop()
        self._sort_by(event.column)

    def _sort_by(self, number: int) -> None:
        self._groups.sort(number)
        self.query_one(VirtualTable).show_rows(self._groups, cursor=0, empty=[])

    def action_copy(self) -> None:
        """Copy all groups, a line each."""
        lines = (self._groups.row(place).texts for place in range(len(self._groups)))
        self.corpsync.copy("\n".join("\t".join(cells) for cells in lines))

    @on(VirtualTable.Opened)
    def _take(self, event: VirtualTable.Opened) -> None:
        event.stop()
        if len(self._groups):
            self.dismiss(self._filter(self._groups.groups[self.query_one(VirtualTable).cursor]))

    def _filter(self, group: Group) -> str:
        """The filter that shows the rows of a group."""
        name = self._column.name.removesuffix("_id")
        if self._column.kind == "flag" and group.value is not None:
            return f"{name}={'yes' if group.value else 'no'}"
        said = group.name if group.name is not None else group.value
        text = "" if said is None else str(said)
        return f'{name}:"{text.partition(chr(34))[0]}"' if '"' in text else f'{name}="{text}"'
