"""Takes the pictures in `screenshots/` from the living demo: `python -m tests.screenshots`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from corpsync_tui.cli.demo import INTERVALS
from corpsync_tui.cli.demo_corporation import simulator
from corpsync_tui.clock import Clock
from corpsync_tui.settings import Settings, load_settings
from corpsync_tui.tui.app import CorpsyncApp
from corpsync_tui.tui.opening import open_later

PICTURES = Path(__file__).parent.parent / "screenshots"
SIZES = [(80, 24), (140, 40)]
PATIENCE = 120.0
"""Seconds until the demo must have come to a moment worth a picture."""


def demo_settings(home: Path, environment: dict[str, str]) -> Settings:
    """The demo's settings, on a folder that goes away."""
    settings = load_settings({"CORPSYNC_HOME": str(home), **environment})
    return replace(settings, intervals=INTERVALS)


def is_lively(app: CorpsyncApp) -> bool:
    """Whether there is something to see: runs that ended, and two in the middle."""
    sync_state, now = app.sync_state, app.sync_state.clock.now()
    statuses = [sync_state.status(p) for p in sync_state.process_ids()]
    words = Counter(sync_state.shown_state(s.process_id, now) for s in statuses)
    midway = sum(s.status == "running" and 10 < s.progress < 90 for s in statuses)
    return words["current"] >= 4 and midway >= 2


async def take(settings: Settings) -> None:
    """Run the demo without a terminal, and keep its best moment at each size."""
    clock = Clock()
    app = CorpsyncApp(open_later(settings, clock), clock=clock)
    async with app.run_test(size=SIZES[0]) as pilot, asyncio.timeout(PATIENCE):
        await app.opened()
        for (width, height), key in zip(SIZES, ("j", "h"), strict=True):
            await pilot.resize_terminal(width, height)
            await pilot.press(key)
            while not is_lively(app):
                await pilot.pause(0.1)
            await pilot.pause(0.3)
            name = f"sync-{width}x{height}.svg"
            app.save_screenshot(name, str(PICTURES))
            sys.stderr.write(f"{PICTURES.name}/{name}\n")
        await pilot.press("q")


def main() -> None:
    """Start the demo's corporation, log in, and take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with simulator(home) as corporation:
            settings = demo_settings(home, corporation.environment)
            asyncio.run(corporation.log_in(settings))
            asyncio.run(take(settings))


if __name__ == "__main__":
    main()
