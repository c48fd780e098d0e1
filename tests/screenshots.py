"""Takes the pictures in `screenshots/` from the living demo: `python -m tests.screenshots`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from corpsync_tui.boards import all_boards
from corpsync_tui.catalog_index import entries
from corpsync_tui.cli.demo import demo_settings
from corpsync_tui.cli.demo_corporation import simulator
from corpsync_tui.clock import Clock
from corpsync_tui.settings import Settings
from corpsync_tui.tui.app import CorpsyncApp
from corpsync_tui.tui.opening import open_later

PICTURES = Path(__file__).parent.parent / "screenshots"
SIZES = [(80, 24), (140, 40)]
PATIENCE = 300.0
"""Seconds until the demo must have come to a moment worth a picture, on a busy machine too."""


def is_lively(app: CorpsyncApp) -> bool:
    """Whether there is something to see: runs that ended, and two in the middle."""
    sync_state, now = app.sync_state, app.sync_state.clock.now()
    statuses = [sync_state.status(p) for p in sync_state.process_ids()]
    words = Counter(sync_state.shown_state(s.process_id, now) for s in statuses)
    midway = sum(s.status == "running" and 10 < s.progress < 90 for s in statuses)
    return words["current"] >= 4 and midway >= 2


def has_happened(app: CorpsyncApp) -> bool:
    """Whether everything ran, and enough of it again to have found changes.

    The demo's outage may have met a first run, which is tried again only minutes later.
    """
    runs = app.sync_state.runs()
    again = sum(r.result == "success" and r.rows_changed > 0 for r in runs)
    ended = {r.process_id for r in runs if r.result != "running"}
    return len(ended) == len(entries()) and again >= 4


def has_estate(app: CorpsyncApp) -> bool:
    """Whether the structures and what lies in their bays are known."""
    done = {r.process_type for r in app.sync_state.runs() if r.result == "success"}
    return {"structures", "assets", "members"} <= done


async def until(app: CorpsyncApp, pilot: Pilot[str], when: Callable[[CorpsyncApp], bool]) -> None:
    """Let the demo go on until its moment has come."""
    async with asyncio.timeout(PATIENCE):
        while not when(app):
            await pilot.pause(0.1)
    await pilot.pause(0.5)


async def take(settings: Settings) -> None:
    """Run the demo without a terminal, and keep the best moment of each screen at each size."""
    clock = Clock()
    app = CorpsyncApp(open_later(settings, clock), clock=clock, demo=True)
    async with app.run_test(size=SIZES[0]) as pilot:
        await app.opened()
        for screen, keys, when in SCENES:
            for width, height in SIZES:
                await pilot.resize_terminal(width, height)
                await pilot.press(*keys)
                await until(app, pilot, when)
                name = f"{screen}-{width}x{height}.svg"
                app.clear_notifications()
                await pilot.pause(0.3)
                app.save_screenshot(name, str(PICTURES))
                sys.stderr.write(f"{PICTURES.name}/{name}\n")
        await pilot.press("1", "q")


BOARDS_LIST = ("7", "t", "home")
SCENES: list[tuple[str, tuple[str, ...], Callable[[CorpsyncApp], bool]]] = [
    ("sync", ("g", "j", "j", "j", "j"), is_lively),
    ("data", ("1", "g", "j", "enter"), has_happened),
    ("history", ("3",), has_happened),
    ("esi", ("4",), has_happened),
    ("changes", ("5",), has_happened),
    ("attention", ("6",), has_happened),
    ("boards", (*BOARDS_LIST, "enter"), has_estate),
    *(
        (board.name, (*BOARDS_LIST, *["down"] * place, "enter"), has_happened)
        for place, board in enumerate(all_boards())
        if place
    ),
]
"""Each screen's name, the keys that lead to it, and when it is worth a picture."""


def main() -> None:
    """Start the demo's corporation, log in, and take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with simulator(home) as corporation:
            settings = demo_settings(home, corporation.settings)
            asyncio.run(corporation.prepare(settings))
            asyncio.run(take(settings))


if __name__ == "__main__":
    main()
