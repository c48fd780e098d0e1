"""Pictures of one app at several sizes of its window."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.data_stage import AT_WORK
from tests.tui.stage import BUSY_GROUPS, StageApp

Act = Callable[[Pilot[Any]], Awaitable[None]]
Compare = Callable[..., bool]
Size = tuple[int, int]
SIZES = ((80, 24), (140, 40))


def look_as_ever(
    app: App[Any], compare: Compare, act: Act | None = None, sizes: Sequence[Size] = SIZES
) -> None:
    """The app looks after `act` as it is kept, at one size after the other.

    It is started once, at the first size: the others come as a window is resized.
    """
    pictures = taken(app, act, sizes)
    for size, picture in zip(sizes, pictures, strict=True):
        app.run = lambda picture=picture, **_: picture  # type: ignore[method-assign]
        assert compare(app), size


def taken(app: App[Any], act: Act | None, sizes: Sequence[Size]) -> list[str]:
    """The pictures, as SVG."""
    pictures: list[str] = []

    async def at_every_size(pilot: Pilot[Any]) -> None:
        if act is not None:
            await act(pilot)
        for size in sizes:
            await resize(pilot, size)
            pilot.app.screen.query("*").refresh(layout=True)  # paints all, whatever was kept
            await at_rest(pilot)
            pictures.append(pilot.app.export_screenshot(title=app.title, simplify=True))
        pilot.app.exit()

    app.run(headless=True, auto_pilot=at_every_size, size=sizes[0])
    return pictures


async def resize(pilot: Pilot[Any], size: Size) -> None:
    """The window has this size, and the screens know: Textual tells them in a moment."""
    if pilot.app.size == size:
        return
    await pilot.resize_terminal(*size)
    while pilot.app.screen.outer_size != size:  # noqa: ASYNC110  (Textual has no word for it)
        await asyncio.sleep(0.005)
    await pilot.pause()


async def at_rest(pilot: Pilot[Any]) -> None:
    """Nothing is under way, no cursor blinks, and no notice goes away in a moment."""
    app = pilot.app
    if isinstance(app, StageApp):
        await app.rest_of(pilot, BUSY_GROUPS | AT_WORK)
    for field in app.screen.query(Input):
        field.cursor_blink = False
    app.clear_notifications()
    await pilot.pause()
