"""What became of a thing, a container or a bay: each movement, and how sure one can be of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from corpsync_tui.errors import CorpsyncError
from corpsync_tui.format.amounts import joined, plural
from corpsync_tui.queries.changes import ChangeFilter
from corpsync_tui.queries.story import FOLLOWED, Certainty, Movement, Story
from corpsync_tui.text import printable
from corpsync_tui.tui.cells import fit
from corpsync_tui.tui.screens.base import CorpsyncScreen, Dialog, following
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.footer import KeyFooter
from corpsync_tui.tui.widgets.line_list import LineList, Row
from corpsync_tui.tui.widgets.lines import Lines

SIGNS: dict[Certainty, str] = {"proven": "✓", "likely": "≈", "cannot be proven": "?"}
TONES: dict[Certainty, str] = {
    "proven": "current",
    "likely": "waiting",
    "cannot be proven": "error",
}
WIDE = 120
"""Columns of the terminal from which on each line has its source and who it was."""
NONE = "Nothing is known yet: the second sync of assets is the first that can tell"
NONE_OF_THESE = "Nothing here is of this certainty"
NOT_FOLLOWED = "Movements are known of assets, of containers, and of structures' fuel bays"


async def show_movements(
    screen: CorpsyncScreen[Any], table: str, corporation_id: int, row_key: Mapping[str, Any]
) -> None:
    """Read what became of what a row stands for, and show it in a box."""
    if table not in FOLLOWED:
        screen.tell(NOT_FOLLOWED)
        return
    service = await screen.corpsync.opened()
    try:
        story = await service.read_movements(table, corporation_id, row_key)
    except CorpsyncError as error:
        screen.tell(error.message)
    else:
        screen.show_box(MovementsDialog(story))


class MovementsDialog(Dialog[None]):
    """All movements, the oldest first; below, all of the one under the cursor."""

    CSS = """
    MovementsDialog .box { width: 96%; height: 94%; max-width: 180; padding: 0 1; }
    MovementsDialog #movement-sums { height: 1; }
    MovementsDialog LineList { height: 1fr; }
    MovementsDialog #movement { height: 6; border-top: solid $border; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "next_certainty", "Certainty", id="next_certainty",
                tooltip="Only what is proven, likely, or cannot be proven"),
        Binding("y", "copy", "Copy", id="copy_movements", tooltip="Copy all of it"),
    ]  # fmt: skip

    def __init__(self, story: Story) -> None:
        super().__init__()
        self._story = story
        self._only: Certainty | None = None

    def compose(self) -> ComposeResult:
        """How many there are, a line each, and one in full."""
        with Vertical(classes="box") as box:
            box.border_title = Content(printable(f"Movements: {self._story.title}"))
            box.border_subtitle = Content("enter opens what tells it, esc closes")
            yield Lines(id="movement-sums")
            yield LineList(id="movements")
            yield Lines(id="movement")
        yield KeyFooter()

    def on_mount(self) -> None:
        """The newest movement is in sight."""
        self.lines.focus()
        self._show()

    @property
    def lines(self) -> LineList:
        """The movements on screen."""
        return self.query_one(LineList)

    def _show(self) -> None:
        counts = Counter(movement.certainty for movement in self._story.movements)
        parts = [f"{SIGNS[word]} {counts[word]:,} {word}" for word in SIGNS if counts[word]]
        total = plural(len(self._story.movements), "movement")
        only = f"  only what is {self._only}" if self._only else ""
        self.query_one("#movement-sums", Lines).show([(joined([total, *parts]) + only, "muted")])
        self.lines.show(self._rows())
        self.lines.action_edge(1)
        self._show_movement()

    def _rows(self) -> list[Row]:
        shown = [
            (place, movement)
            for place, movement in enumerate(self._story.movements)
            if self._only in (None, movement.certainty)
        ]
        wide = self.app.size.width >= WIDE
        return [Row(place, movement_line(movement, wide=wide)) for place, movement in shown]

    @property
    def _current(self) -> Movement | None:
        place = self.lines.current
        return self._story.movements[place] if isinstance(place, int) else None

    @on(LineList.Highlighted)
    def _show_movement(self) -> None:
        movement = self._current
        nothing = NONE_OF_THESE if self._story.movements else NONE
        lines = [(nothing, "muted")] if movement is None else movement_detail(movement)
        self.query_one("#movement", Lines).show(lines)

    def on_resize(self) -> None:
        """Wide lines say more."""
        self.lines.show(self._rows())

    @on(LineList.Opened)
    def _open(self) -> None:
        movement, story = self._current, self._story
        if movement is None:
            return
        if movement.row_key is not None:
            row = (movement.table, story.corporation_id, movement.row_key)
            self.leave_for(self.corpsync.show_row, *row)
        elif movement.run_id is not None:
            tables = (movement.table,)
            which = ChangeFilter(
                tables, corporation_id=story.corporation_id, run_id=movement.run_id
            )
            self.leave_for(self.corpsync.show_changes, f"run {movement.run_id}", which)
        else:
            self.tell("No single row tells this")

    def action_next_certainty(self) -> None:
        """Show only what is as sure as this; after the least sure, all."""
        self._only = following((None, *SIGNS), self._only)
        self._show()

    def action_copy(self) -> None:
        """Copy every movement on screen, all of each on a line."""
        places = (row.key for row in self._rows())
        shown = [self._story.movements[place] for place in places if isinstance(place, int)]
        lines = [_copied(movement) for movement in shown]
        self.corpsync.copy("\n".join([printable(f"Movements: {self._story.title}"), *lines]))


def movement_line(movement: Movement, *, wide: bool) -> Sequence[Line]:
    """A movement on one line; what has no room stands in its detail."""
    tone = TONES[movement.certainty]
    line: list[Line] = [
        (f"{SIGNS[movement.certainty]} ", tone),
        (f"{_moment(movement.time)}  ", "muted"),
    ]
    if wide:
        line.append((fit(movement.source, 15), "muted"))
        line.append((fit(printable(movement.who) or "–", 24) + "  ", ""))
    line.append((printable(movement.sentence), ""))
    line.append((f" · {_certain(movement)}", tone))
    return line


def movement_detail(movement: Movement) -> list[Line]:
    """What, when, who, and how sure."""
    window = movement.window
    when = f"{_moment(movement.time)} EVE, {movement.source}"
    if window is not None:
        since = "some time" if window.since is None else _moment(window.since)
        when += f": between {since} and {_moment(window.until)}"
    return [
        (printable(movement.sentence), "strong"),
        (when, "muted"),
        (f"Who: {printable(movement.who) or 'nobody knows'}", ""),
        (_certain(movement).capitalize(), TONES[movement.certainty]),
    ]


def _certain(movement: Movement) -> str:
    reason = printable(movement.reason)
    return f"{movement.certainty}: {reason}" if reason else movement.certainty


def _copied(movement: Movement) -> str:
    when = f"{datetime.fromtimestamp(movement.time, UTC):%Y-%m-%d %H:%M:%S}"
    parts = [when, movement.source, movement.sentence, movement.who or "–", _certain(movement)]
    return "\t".join(map(printable, parts))


def _moment(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%d %b %H:%M}"
