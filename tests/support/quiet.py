"""A pilot that waits for the app alone: not for the machine, and no longer than it must.

Textual's own pilot takes an app to be done when its process uses little processor time in 20 ms.
That takes 40 ms for every key, and on a busy machine, where the process gets no time, it ends
before the app has done anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from textual._context import active_app
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.screen import Screen

TURNS = 300
"""Turns of the loop after which an app counts as one that never ends, as while a schedule runs."""
BATCH_LOOK = 0.002
"""Seconds between two looks at a batch of updates that a timer ends."""
PAINT_AFTER = 0.1
"""Seconds after which a change is painted although the app is not at rest."""


@contextmanager
def quiet_pilot() -> Iterator[None]:
    """Within the block, pilots wait until no message and no repaint is left.

    The apps share what was read of their stylesheets, and paint once what changes at once: no
    terminal shows what is between.
    """
    with (
        patch.object(Stylesheet, "_parse_rules", _parse_once),
        patch.object(Screen, "_compositor_refresh", _paint_later),
        patch.object(Pilot, "_wait_for_screen", _wait_no_more),
        patch("textual.pilot.wait_for_idle", _wait_for_quiet),
        patch("textual.app.wait_for_idle", _wait_for_quiet),
    ):
        yield


_parse = Stylesheet._parse_rules
_parsed: dict[tuple[object, ...], list[RuleSet]] = {}


def _parse_once(sheet: Stylesheet, css: str, *args: Any, **kwargs: Any) -> list[RuleSet]:
    variables = sheet._variables
    key = (css, *variables, *variables.values(), *args, *sorted(kwargs.items()))
    if key not in _parsed:
        _parsed[key] = _parse(sheet, css, *args, **kwargs)
    return _parsed[key]


_paint = Screen._compositor_refresh


def _paint_later(screen: Screen[Any]) -> None:
    """Paint what changed once, when the app is at rest, or in a moment where nobody waits."""
    if screen is not screen.app.screen:
        _paint(screen)
        return
    screen._dirty_widgets.clear()
    screen.app._update_mouse_over(screen)
    asyncio.get_running_loop().call_later(PAINT_AFTER, _paint_what_is_left, screen)


def _paint_what_is_left(screen: Screen[Any]) -> bool:
    if not (screen._compositor._dirty_regions and screen.is_running and screen.is_current):
        return False
    _paint(screen)
    return True


async def _wait_no_more(_pilot: Pilot[Any], _most: float = 0) -> bool:
    """What waits for quiet need not ask every widget whether it is done."""
    return True


async def _wait_for_quiet(_least: float = 0, _most: float = 0) -> None:
    app = active_app.get()
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    for _ in range(TURNS):
        await asyncio.sleep(0)
        if ready:
            continue
        if app._batch_count and app._running:
            await asyncio.sleep(BATCH_LOOK)
        elif not _repaint(app):
            return


def _repaint(app: App[Any]) -> bool:
    """Do what the screen's timer would do within its 1/60 s; whether there was anything."""
    screen = app.screen if app._screen_stack else None
    if screen is None or not screen.is_current:
        return False
    if not (
        screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
    ):
        return _paint_what_is_left(screen)
    screen._on_timer_update()
    return True
