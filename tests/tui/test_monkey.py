"""Keys, clicks, pastes and new sizes without end, over a corpsync whose ESI is ill."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import textual.screen
from textual import events
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size

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
STRETCH = 1_000
"""Actions after which ESI is well, or ill in another way, and some time has passed."""
BURSTS = (1, 3, 20, 200)
"""Actions that come before the app has done what the first of them asks."""
PAINTED_EVERY = 0.3
"""Seconds: painting is what most of the time would go to."""
RESTS = 0.05
"""Of the times that the app may do what is asked, the share in which it comes to rest."""
MEMORY = 150_000_000
"""Bytes by which so much use may let the process grow, its tests' own records among them."""


async def test_a_director_without_patience(
    tmp_path: Path, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {"HOME": str(tmp_path), "BROWSER": "true"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(textual.screen, "UPDATE_PERIOD", PAINTED_EVERY)
    dice, quits = random.Random(tally.seed), []
    async with open_app(tmp_path / "home") as live:
        await live.until(lambda: live.state("assets") == "current")
        monkeypatch.setattr(live.app, "action_quit", lambda: quits.append(1))
        before, left = Footprint.now(), 0
        for number in tally.rounds("actions", 200_000):
            if number % STRETCH == 0:
                spoil(live, dice)
                tally.count("ills")
            tally.count(act(live, dice))
            left -= 1
            if left <= 0:
                left = dice.choice(BURSTS)
                await live.pilot._wait_for_screen()
                if dice.random() < RESTS:
                    await live.pilot.pause()
                assert live.app._exception is None, number
        monkeypatch.undo()
        live.simulator.clear_faults()
        await live.pilot.resize_terminal(140, 40)
        for _ in range(12):
            await live.press("escape")
        assert not live.app.screen.is_modal
        assert Footprint.now().memory - before.memory < MEMORY
    tally.count("quits", len(quits))


def spoil(live: Live, dice: random.Random) -> None:
    """Another ill, or none for a while."""
    live.simulator.clear_faults()
    live.advance(dice.choice((60, 600, 4_000)))
    if dice.random() < 0.7:
        live.simulator.fault(EVERY_ROUTE, **dice.choice(ILLS))


def act(live: Live, dice: random.Random) -> str:
    """One thing that a director might do, whatever the last one began; what it was."""
    app, size = live.app, live.app.size
    match dice.randrange(20):
        case 0:
            resize(live, Size(*dice.choice(SIZES)))
            return "sizes"
        case 1 | 2:
            click(live, dice.randrange(size.width), dice.randrange(size.height))
            return "clicks"
        case 3:
            app.post_message(events.Paste(dice.choice(PASTES)))
            return "pastes"
    app.simulate_key(dice.choice(KEYS))
    return "keys"


def resize(live: Live, size: Size) -> None:
    """Let the terminal have another size."""
    driver = live.app._driver
    assert isinstance(driver, HeadlessDriver)
    driver._size = size
    live.app.post_message(events.Resize(size, size))


def click(live: Live, x: int, y: int) -> None:
    """Press and release the mouse, as a terminal sends it; two at one place are a double one."""
    for kind in (events.MouseDown, events.MouseUp):
        live.app.post_message(kind(None, x, y, 0, 0, 1, False, False, False))
