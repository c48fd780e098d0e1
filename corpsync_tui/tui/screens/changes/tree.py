"""The change log as a tree: runs, in each the kinds of changes, in each the changes themselves."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import datetime

from corpsync_tui.format.amounts import count
from corpsync_tui.format.signs import KIND_SIGNS
from corpsync_tui.queries.change_list import FEW, ChangeLine, ChangeList, RunChanges
from corpsync_tui.tui.screens.changes.text import KIND_TONES, change_line, run_heading
from corpsync_tui.tui.widgets.line_list import Row

Kind = tuple[int, str]
"""A run and a kind of change."""


class ChangeTree:
    """What is open of it, and what was read: the changes of a kind when they come into sight.

    `ticker` is what a corporation is called where there are several.
    """

    def __init__(self, ticker: Callable[[int], str]) -> None:
        self.runs: list[RunChanges] = []
        self.all_open = False
        """Whether all runs are open until they are closed, and not only those of few changes."""
        self.turned: set[Hashable] = set()
        """What was opened or closed by hand."""
        self.missing: Kind | None = None
        """What is in sight, and is to be read."""
        self._ticker = ticker
        self._read: dict[Kind, ChangeList] = {}

    def turn(self, key: Hashable) -> None:
        """Open what is closed, close what is open."""
        self.turned ^= {key}

    def show(self, runs: Sequence[RunChanges], *, keep: bool, all_open: bool) -> None:
        """Show these runs; `keep` what was read of those that are as they were."""
        before = {run.run_id: run.newest for run in self.runs} if keep else {}
        now = {run.run_id: run.newest for run in runs}
        for kind in [k for k in self._read if before.get(k[0]) != now.get(k[0])]:
            del self._read[kind]
        self.runs, self.all_open = list(runs), all_open

    def take(self, kind: Kind, found: ChangeList) -> None:
        """Add changes that were read to those that are known."""
        known = self.read_so_far(kind)
        self._read[kind] = ChangeList((*known.lines, *found.lines), found.older)

    def read_so_far(self, kind: Kind) -> ChangeList:
        """What is known of a run's changes of a kind."""
        return self._read.get(kind, ChangeList())

    def rows(self, now: datetime, mark: int) -> Iterator[Row]:
        """The lines as they stand; `mark` is the last change that was seen."""
        self.missing = None
        for run in self.runs:
            key = ("run", run.run_id)
            is_open = (self.all_open or run.total <= FEW) != (key in self.turned)
            ticker = self._ticker(run.corporation_id)
            is_new = run.newest > mark
            yield Row(key, run_heading(run, now, ticker, is_open=is_open, is_new=is_new))
            if is_open:
                kinds = [kind for kind in KIND_SIGNS if kind in run.counts]
                for kind in kinds:
                    yield from self._kind_rows(run, kind, mark, alone=len(kinds) == 1)

    def _kind_rows(self, run: RunChanges, kind: str, mark: int, *, alone: bool) -> Iterator[Row]:
        """The changes of a kind; many beside others stand behind one line until it is opened."""
        number, key = run.counts[kind], ("kind", run.run_id, kind)
        if number > FEW and not alone:
            is_open = key in self.turned
            sign = f"   {'▾' if is_open else '▸'} {KIND_SIGNS[kind]} "
            yield Row(key, [(sign, KIND_TONES[kind]), (f"{count(number)} {_WORDS[kind]}", "")])
            if not is_open:
                return
        lines = [line for line in run.lines if line.kind == kind]
        if not lines:
            place = (run.run_id, kind)
            lines = list(self.read_so_far(place).lines)
            if place not in self._read:
                self.missing = self.missing or place
        yield from change_rows(lines, mark)
        if len(lines) < number:
            rest = f"     … {count(number - len(lines))} more" if lines else "     …"
            # Its key differs as it moves: the cursor stays where it is, on the first that came.
            yield Row(("more", run.run_id, kind, len(lines)), [(rest, "muted")])


def change_rows(lines: Sequence[ChangeLine], mark: int) -> Iterator[Row]:
    """A row for each change."""
    return (Row(("change", line.id), change_line(line, mark)) for line in lines)


_WORDS = {"added": "added", "changed": "changed", "removed": "removed", "bulk": "large changes"}
