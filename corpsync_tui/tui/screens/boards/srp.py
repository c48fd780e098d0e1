"""Decides on losses: whether their pilots are paid back, with how much, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from textual.app import ComposeResult
from textual.widgets import Label

from corpsync_tui.boards.kit.marks import Claim, Mark, MarkState
from corpsync_tui.format.amounts import isk, read_isk
from corpsync_tui.service.api import SyncService
from corpsync_tui.sync.action import ActionResult
from corpsync_tui.text import printable
from corpsync_tui.tui.dialogs.choices import Choice, ChoiceDialog
from corpsync_tui.tui.dialogs.entry import EntryDialog
from corpsync_tui.tui.screens.figures import FiguresScreen
from corpsync_tui.tui.widgets.text_field import TextField

LONGEST_NOTE = 80
STATES = [
    Choice("to_pay", "To pay", "what is owed, or another sum"),
    Choice("paid", "Paid", "where the journal does not show it by itself"),
    Choice("refused", "Refused", "nothing is owed"),
    Choice("open", "Undecided", "take back what was marked"),
]


class MarkDialog(EntryDialog[list[Mark]]):
    """Asks for the sum, where the mark is of one loss and bears one, and for a note."""

    def __init__(self, title: str, state: MarkState, claims: Sequence[Claim]) -> None:
        self._state = state
        self._claims = claims
        self._bears_sum = state in ("to_pay", "paid")
        hint = "enter marks · esc cancels"
        if self._bears_sum and len(claims) > 1:
            total = isk(sum(claim.owed for claim in claims))
            hint = f"each its own sum, together {total} ISK · {hint}"
        super().__init__(title, hint)

    def fields(self) -> ComposeResult:
        """The sum and the note."""
        if self._bears_sum and len(self._claims) == 1:
            yield Label("ISK", markup=False)
            yield TextField(f"{self._claims[0].owed:,.0f}", id="srp-sum", max_length=30)
        yield Label("Note", markup=False)
        yield TextField(id="srp-note", max_length=LONGEST_NOTE)

    def take(self, texts: Sequence[str]) -> None:
        """Answer with a mark for each loss."""
        *typed, note = texts
        sums: Sequence[float | None] = [read_isk(text) for text in typed]
        if not sums:
            sums = [claim.owed if self._bears_sum else None for claim in self._claims]
        self.dismiss(
            [
                Mark(claim.killmail_id, self._state, amount, printable(note))
                for claim, amount in zip(self._claims, sums, strict=True)
            ]
        )


def decide(screen: FiguresScreen, claims: Sequence[Claim], title: str) -> None:
    """Ask what becomes of losses of the corporation on screen, and mark them."""
    corporation_id = screen.corporation

    def mark(marks: Sequence[Mark] | None) -> None:
        if marks:
            screen.ask(lambda service: save(service, marks))

    async def save(service: SyncService, marks: Sequence[Mark]) -> ActionResult:
        result = await service.mark_losses(corporation_id, marks)
        screen.reload()
        return result

    def go_on(chosen: str | None) -> None:
        state: MarkState | None = next((s for s in get_args(MarkState) if s == chosen), None)
        if state == "open":
            mark([Mark(claim.killmail_id, state) for claim in claims])
        elif state is not None:
            screen.show_box(MarkDialog(title, state, claims), mark)

    screen.show_box(ChoiceDialog(title, STATES), go_on)
