"""Screen 7: a director's questions, each answered by a board."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from corpsync_tui.boards.kit.board import Board, Row
from corpsync_tui.boards.kit.cells import heading
from corpsync_tui.boards.kit.marks import Claim
from corpsync_tui.format.amounts import plural
from corpsync_tui.service.api import SyncService
from corpsync_tui.text import printable
from corpsync_tui.tui.dialogs.choices import Choice, ChoiceDialog
from corpsync_tui.tui.dialogs.fields import Field, FieldsDialog
from corpsync_tui.tui.dialogs.movements import show_movements
from corpsync_tui.tui.screens.boards.member import open_member
from corpsync_tui.tui.screens.boards.srp import decide
from corpsync_tui.tui.screens.boards.view import BoardsView
from corpsync_tui.tui.screens.table_screen import ROWS_COPIED
from corpsync_tui.tui.widgets.virtual_table import VirtualTable


class BoardsScreen(BoardsView):
    """What one can do with a board: choose it and its rows, open, copy and export them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left_square_bracket", "turn(-1)", "Board", key_display="[ ]", id="board_before",
                tooltip="The board before"),
        Binding("right_square_bracket", "turn(1)", "Next board", show=False, id="board_next",
                tooltip="The next board"),
        Binding("t", "pick_board", "Boards", id="pick_board", tooltip="Choose a board"),
        Binding("v", "pick_rows", "View", id="board_rows", tooltip="Other rows of this board"),
        Binding("d", "rows('d')", "Division", id="board_division",
                tooltip="By division, and back"),
        Binding("r", "rows('r')", "Ref type", id="board_words",
                tooltip="By reference type, and back"),
        Binding("p", "decide", "Pay back", id="board_decide",
                tooltip="Mark losses: to pay, paid, refused, with sum and note"),
        Binding("m", "app.show('report')", "Month", id="board_month",
                tooltip="What a month brought: its report"),
        Binding("slash", "filter", "Filter", id="board_filter", tooltip="Show only matching rows"),
        Binding("o", "sort", "Sort", id="board_sort",
                tooltip="Sort by the column under the cursor; once more: the other way round"),
        Binding("O", "own_order", "Own order", show=False, id="board_order",
                tooltip="The board's own order again"),
        Binding("h", "next_chart", "Chart", id="board_chart",
                tooltip="The next chart of this board, after the last one none"),
        Binding("y", "copy", "Copy", id="board_copy",
                tooltip="Copy the cell, or what the board has for the game's multibuy"),
        Binding("Y", "copy_rows", "Copy rows", id="board_copy_rows",
                tooltip="Copy rows, as text or CSV"),
        Binding("e", "export", "Export", id="board_export",
                tooltip="Write what is shown to a file"),
        Binding("c", "corporation", "Corporation", id="board_corporation",
                tooltip="The board of the next corporation"),
        Binding("at", "past", "As of", id="board_past",
                tooltip="Show boards as they were at a moment"),
        Binding("M", "movements", "Movements", id="board_movements",
                tooltip="What became of this fuel bay or container, and who did it"),
        Binding("escape", "back", "Back", show=False,
                tooltip="Show all rows, those of now, then go back"),
    ]  # fmt: skip

    # Which board

    def action_turn(self, by: int) -> None:
        """Show the next board, or the one before."""
        names = [board.name for board in self._boards]
        if names:
            self.show_board(names[(names.index(self._shown) + by) % len(names)])

    def action_pick_board(self) -> None:
        """Choose a board by its question."""
        choices = [Choice(board.name, board.title, board.question) for board in self._boards]

        def take(name: str | None) -> None:
            if name is not None:
                self.show_board(name)

        if choices:
            self.show_box(ChoiceDialog("Board", choices, self._shown), take)

    def action_pick_rows(self) -> None:
        """Choose which rows of this board are shown."""
        board = self._board
        if board is None or not board.variants:
            self.tell("This board has one view only")
            return
        choices = [Choice("", board.title)]
        choices += [Choice(variant.name, variant.help) for variant in board.variants]

        def take(variant: str | None) -> None:
            if variant is not None:
                self.show_board(self._shown, variant)

        self.show_box(ChoiceDialog("View", choices, self._variant), take)

    @property
    def _board(self) -> Board | None:
        return next((board for board in self._boards if board.name == self._shown), None)

    def action_rows(self, key: str) -> None:
        """Show the rows of this board that have a key of their own, and its usual ones again."""
        variants = self._board.variants if self._board is not None else ()
        name = next((variant.name for variant in variants if variant.key == key), None)
        if name is None:
            self.tell("This board has no rows of that kind")
        else:
            self.show_board(self._shown, "" if self._variant == name else name)

    # Order

    def sort_by(self, number: int) -> None:
        """Sort by a column of those on screen; by the same once more the other way round."""
        if self._page is None or number >= len(self.grid.columns):
            return
        name = self.grid.columns[number].name
        column, descending = self.order(self._page)
        is_same = column is not None and column.name == name
        self._orders[f"{self._shown}/{self._variant}"] = name, not descending and is_same
        self.narrow_rows()

    def action_own_order(self) -> None:
        """The board's own order again."""
        self._orders.pop(f"{self._shown}/{self._variant}", None)
        self.narrow_rows()

    # One row

    @on(VirtualTable.Opened)
    def _open_row(self) -> None:
        """A member's page, or the row of a table that this one stands for; else all its values."""
        page, row = self._page, self.current
        if page is None or row is None:
            return
        found, character_id = page.opens(row), page.character(row)
        if character_id is not None and (found is None or found[0] == "member"):
            self.work(open_member(self, character_id, self.corporation), "member")
            return
        if found is not None:
            self.corpsync.show_row(found[0], self.corporation, found[1])
            return
        texts = page.cells(row)
        fields = [
            Field(heading(column), printable(text))
            for column, text in zip(page.columns, texts, strict=True)
        ]
        self.show_box(FieldsDialog(printable(texts[0]), fields))

    def action_movements(self) -> None:
        """Show what became of the container or the fuel bay of the row."""
        page, row = self._page, self.current
        if page is None or row is None:
            self.tell("There is no row here to follow")
            return
        table, row_key = page.opens(row) or ("", {})
        if "container_id" in row:
            table, row_key = "asset", {"item_id": row["container_id"]}
        self.work(show_movements(self, table, self.corporation, row_key), "member")

    def show_member(self, corporation_id: int, character_id: int) -> None:
        """Show all that is known of a member, over the board of members."""
        self.show_board("members")
        self.work(open_member(self, character_id, corporation_id), "member")

    # Losses

    @property
    def _claims_of(self) -> Callable[[Row], Sequence[Claim]] | None:
        """Finds the losses behind a row; None where the rows are not of losses."""
        variant = self._page.variant if self._page is not None else None
        return variant.claims if variant is not None else None

    def idle_actions(self) -> Collection[str]:
        """Deciding is of losses alone, and few boards have rows with a key."""
        idle = [*super().idle_actions()]
        if self._claims_of is None:
            idle.append("decide")
        keys = {v.key for v in self._board.variants} if self._board is not None else set()
        return idle + [f"rows({key!r})" for key in ("d", "r") if key not in keys]

    def action_decide(self) -> None:
        """Mark the loss under the cursor, or a pilot's that are owed for."""
        page, row, claims_of = self._page, self.current, self._claims_of
        if page is None or row is None or claims_of is None:
            self.tell("Losses are marked on the board of kills: v shows each of them")
        elif self._at is not None:
            self.tell("Losses are marked as of now: esc leaves the past")
        elif claims := claims_of(row):
            cells = dict(zip((c.name for c in page.columns), page.cells(row), strict=True))
            names = [cells[name] for name in ("victim_id", "ship_type_id") if name in cells]
            more = f": {plural(len(claims), 'loss', 'losses')}" if len(claims) > 1 else ""
            decide(self, claims, printable(", ".join(names) + more))
        else:
            self.tell("Nobody is owed anything for this")

    # Copy and export

    def action_copy(self) -> None:
        """Copy what the board has for multibuy, else the cell under the cursor."""
        page, row = self._page, self.current
        if page is None or row is None:
            self.tell("There is no row here to copy")
        elif lines := page.copied:
            self._copy(map(printable, lines))
        else:
            name = self.grid.columns[self.grid.column].name
            column = next(c for c in page.columns if c.name == name)
            self._copy([printable(page.copied_cell(column, row))])

    def action_copy_rows(self) -> None:
        """Choose what of the rows is copied, and how."""
        if self._page is None or self.current is None:
            self.tell("There is no row here to copy")
            return
        number = len(self._places)
        shown = plural(number, "row")
        if number > ROWS_COPIED:
            shown = f"first {ROWS_COPIED:,} of {shown}; e writes all"
        choices = [
            Choice("row text", "This row", "as it reads"),
            Choice("row csv", "This row", "as CSV"),
            Choice("all text", "All shown", f"{shown}, as they read"),
            Choice("all csv", "All shown", f"{shown}, as CSV"),
        ]
        self.show_box(ChoiceDialog("Copy", choices), self._take_copy)

    def _take_copy(self, choice: str | None) -> None:
        page, row = self._page, self.current
        if choice is None or page is None or row is None:
            return
        which, _, how = choice.partition(" ")
        rows = [row] if which == "row" else self.shown_rows[:ROWS_COPIED]
        if how == "csv":
            self._copy(map(printable, page.as_csv(rows).splitlines()))
        else:
            self._copy(
                "\t".join(printable(page.copied_cell(c, row)) for c in page.columns) for row in rows
            )

    def _copy(self, lines: Iterable[str]) -> None:
        self.corpsync.copy("\n".join(lines))

    def action_export(self) -> None:
        """Ask for a file, and write what is shown into it."""
        page = self._page
        if page is None:
            self.tell("Nothing is shown yet")
            return
        rows = self.shown_rows
        what = f"{page.board.title}, {plural(len(rows), 'row')}"
        name = "-".join(part for part in (self._shown, self._variant) if part)

        def write(service: SyncService, file: Path) -> Awaitable[int]:
            return service.export_board(page, rows, file)

        self.ask_for_file(what, name, write)
