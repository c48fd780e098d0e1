"""Writes what is decided of losses, with who decided it."""

from __future__ import annotations

import getpass
from collections.abc import Sequence

from corpsync_tui.boards.kit.marks import Mark
from corpsync_tui.format.amounts import isk, plural
from corpsync_tui.store.models import SrpMark
from corpsync_tui.sync.action import ActionResult
from corpsync_tui.workspace import Workspace

WORDS = {"to_pay": "to be paid", "paid": "paid", "refused": "refused", "open": "open again"}


async def save_marks(
    workspace: Workspace, corporation_id: int, marks: Sequence[Mark]
) -> ActionResult:
    """Keep what was decided of a corporation's losses, all of it alike."""
    by, time = _who(workspace, corporation_id), workspace.clock.time()
    rows = [
        {
            "corporation_id": corporation_id,
            "killmail_id": mark.killmail_id,
            "time": time,
            "state": mark.state,
            "paid": mark.paid,
            "by": by,
            "note": mark.note,
        }
        for mark in marks
    ]
    insert = SrpMark.insert_many(rows).on_conflict_replace()
    await workspace.store.write(lambda _: insert.execute())
    losses = plural(len(marks), "loss", "losses")
    amounts = [mark.paid for mark in marks if mark.paid is not None]
    more = f", {isk(sum(amounts))} ISK" if amounts else ""
    return ActionResult(f"{losses} {WORDS[marks[0].state]}{more}.")


def _who(workspace: Workspace, corporation_id: int) -> str:
    """The corporation's character that logged in last, else the user of this computer."""
    own = [c for c in workspace.roster.characters.values() if c.corporation_id == corporation_id]
    if own:
        return max(own, key=lambda character: character.logged_in_at).name
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # nobody by that number, and no name in the environment
        return "unknown"
