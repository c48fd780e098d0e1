"""How every screen looks in its main states, at two sizes each."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual.pilot import Pilot

from tests.tui.pictures import Compare, look_as_ever
from tests.tui.scenes import SCENES
from tests.tui.stage import StageApp

OTHER_SIZES = [(100, 30), (120, 30), (60, 15), (50, 10)]

PICTURES: list[tuple[str, str, Sequence[str]]] = [
    ("sync-empty", "empty", ["escape"]),
    ("sync-never-synced", "never_synced", []),
    ("sync-idle", "idle", ["j"]),
    ("sync-running", "running", []),
    ("sync-error", "error", ["j", "j", "j"]),
    ("sync-off", "off", ["j", "j", "j", "j", "j"]),
    ("sync-blocked", "blocked", ["j", "j", "j", "j"]),
    ("sync-paused", "paused", []),
    ("sync-waiting", "waiting", ["G"]),
    ("sync-downtime", "downtime", []),
    ("sync-interrupted", "interrupted", []),
    ("sync-two-corporations", "both", ["G"]),
    ("sync-one-of-two", "both", ["c"]),
    ("sync-filtered", "idle", ["slash", "m", "a", "enter"]),
    ("sync-all-runs", "error", ["h", "tab"]),
    ("sync-hostile", "hostile", ["j"]),
    ("run-failed", "error", ["j", "j", "j", "tab", "enter"]),
    ("run-hostile", "hostile", ["j", "tab", "enter"]),
    ("interval", "idle", ["i"]),
    ("help", "idle", ["question_mark"]),
    ("notices", "idle", ["x", "c", "n"]),
    ("login", "empty", []),
    ("history", "error", ["3"]),
    ("history-errors", "error", ["3", "e"]),
    ("history-nothing", "error", ["3", "e", "e", "e"]),
    ("history-two-corporations", "both", ["3", "f", "f"]),
]


@pytest.mark.parametrize(("scene", "keys"), [p[1:] for p in PICTURES], ids=[p[0] for p in PICTURES])
def test_screen(scene: str, keys: Sequence[str], snap_compare: Compare) -> None:
    async def act(pilot: Pilot[str]) -> None:
        app = pilot.app
        assert isinstance(app, StageApp)
        await app.settle(pilot)
        for key in keys:
            app.clear_notifications()
            await pilot.press(key)
            await app.rest(pilot)

    look_as_ever(StageApp(SCENES[scene]()), snap_compare, act)


def test_sync_at_other_sizes(snap_compare: Compare) -> None:
    app = StageApp(SCENES["error"]())
    look_as_ever(app, snap_compare, app.settle, OTHER_SIZES)
