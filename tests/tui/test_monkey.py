"""Keys, clicks, pastes and new sizes without end, over a corpsync whose ESI is ill."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest
from textual import events
from textual.errors import NoWidget

from corpsync_tui.tui.dialogs.palette import Palette
from tests.support.footprint import Footprint
from tests.support.live import Live, open_app
from tests.support.long import Tally
from tests.tui.test_endurance import KEYS

pytestmark = [pytest.mark.anyio, pytest.mark.long]

EVERY_ROUTE = "^/(corporations|characters|universe|killmails)/.*$"
ILLS = (
    {"status": 500},
    {"status": 404},
    {"status": 403},
    {"body": "<html>Welcome to the hotel</html>"},
    {"reset": True},
    {"gzip_half": True},
    {"json": [{"a": 1}], "headers": {"X-Pages": "x"}},
    {"status": 429, "headers": {"Retry-After": "2"}, "count": 3},
)
PASTES = ("wallet", "[/] [red]x", "\x1b]52;c;aGk=\x07", "=1+1\n" * 50, "👩‍🚀" * 300, "5", "\x00")
SIZES = ((140, 40), (100, 30), (80, 24), (60, 15), (41, 11), (20, 5), (1, 1), (200, 60))
STRETCH = 200
"""Actions after which ESI is well, or ill in another way, and some hours have passed."""
MEMORY = 150_000_000
"""Bytes by which so much use may let the process grow, its tests' own records among them."""


async def test_a_director_without_patience(
    tmp_path: Path, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {"HOME": str(tmp_path), "BROWSER": "true"}.items():
        monkeypatch.setenv(name, value)
    dice = random.Random(tally.seed)
    async with open_app(tmp_path / "home") as live:
        await live.until(lambda: live.state("assets") == "current")
        before = Footprint.now()
        for number in tally.rounds("actions", 200_000):
            if number % STRETCH == 0:
                spoil(live, dice)
                tally.count("ills")
            tally.count(await act(live, dice))
            assert live.app._exception is None, number
            if dice.random() < 0.1:
                await live.pilot.pause()
        live.simulator.clear_faults()
        await live.pilot.resize_terminal(140, 40)
        for _ in range(12):
            await live.press("escape")
        assert not live.app.screen.is_modal
        assert Footprint.now().memory - before.memory < MEMORY


def spoil(live: Live, dice: random.Random) -> None:
    """Another ill, or none for a while."""
    live.simulator.clear_faults()
    live.advance(dice.choice((60, 600, 4_000)))
    if dice.random() < 0.7:
        live.simulator.fault(EVERY_ROUTE, **dice.choice(ILLS))


async def act(live: Live, dice: random.Random) -> str:
    """One thing that a director might do; what it was."""
    app, size = live.app, live.app.size
    match dice.randrange(20):
        case 0:
            await live.pilot.resize_terminal(*dice.choice(SIZES))
            return "sizes"
        case 1 | 2:
            if not isinstance(app.screen, Palette) and size.area > 4:
                offset = (dice.randrange(size.width), dice.randrange(size.height))
                with suppress(NoWidget):  # of a size that it is laid out for only now
                    await live.pilot.click(offset=offset, times=dice.choice((1, 1, 2)))
            return "clicks"
        case 3:
            if app.focused is not None:
                app.focused.post_message(events.Paste(dice.choice(PASTES)))
            return "pastes"
    key = dice.choice(KEYS)
    chooses = key == "enter" and isinstance(app.screen, Palette)  # quitting, perhaps
    app.simulate_key("escape" if chooses else key)
    return "keys"
