"""The palette: whatever there is to go to, and every action of every screen, by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from operator import methodcaller
from typing import TYPE_CHECKING, Any

from textual.app import SystemCommand
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.command import CommandPalette
from textual.markup import escape
from textual.screen import Screen
from textual.worker import Worker

from corpsync_tui.boards import board_names
from corpsync_tui.catalog_index import process_title
from corpsync_tui.text import printable
from corpsync_tui.tui.screens import ALL_SCREENS, ScreenSpec
from corpsync_tui.tui.screens.base import Closing
from corpsync_tui.tui.screens.data.state import DataState

if TYPE_CHECKING:
    from corpsync_tui.tui.shell import Shell

MOVES = ("back", "pane(1)", "pane(-1)")
"""What only moves within a screen; it is of no use from another."""


class Palette(Closing, CommandPalette):
    """Textual's palette in the house's box; two clicks do not close it twice."""

    def __init__(self) -> None:
        super().__init__(placeholder="a name, a thing to do", id="--command-palette")

    def on_mount(self) -> None:
        """It looks like every other box."""
        box = self.query_one("#--container")
        box.add_class("box")
        box.border_title = "Go to"
        box.border_subtitle = "enter goes there · esc closes"

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close it, and what it looks for."""
        closed = super().dismiss(result)
        if self._answered:
            self._cancel_gather_commands()
        return closed

    def _gather_commands(  # type: ignore[override]
        self, search_value: str
    ) -> Worker[None] | None:
        """Not once it is closed: a letter typed just before would search a list that is gone."""
        return None if self._answered else super()._gather_commands(search_value)


def commands(app: Shell, screen: Screen[Any]) -> Iterator[SystemCommand]:
    """What is at hand here first, then what lies elsewhere."""
    yield from _actions_here(app, screen)
    for spec in ALL_SCREENS:
        help_ = f"{spec.tooltip} ({spec.key})"
        yield SystemCommand(f"{spec.title} screen", help_, partial(_show, app, spec))
    yield from _processes(app)
    yield from _tables(app)
    yield from _boards(app)
    yield from _views(app)
    yield from _characters(app)
    for spec in ALL_SCREENS:
        if spec.id != app.current_mode:
            yield from _actions_of(app, spec)
    yield SystemCommand("Theme", "Choose the colours", app.search_themes)


def _actions_here(app: Shell, screen: Screen[Any]) -> Iterator[SystemCommand]:
    bindings = (active.binding for active in screen.active_bindings.values())
    for binding in _once(b for b in bindings if not b.system and not b.action.startswith("show(")):
        help_ = f"{binding.tooltip} ({app.get_key_display(binding)})"
        yield SystemCommand(binding.description, help_, partial(app.simulate_key, binding.key))


def _actions_of(app: Shell, spec: ScreenSpec) -> Iterator[SystemCommand]:
    """The actions of a screen that is not shown: the palette goes there first."""
    declared = [b for b in spec.screen_class.BINDINGS if isinstance(b, Binding)]
    for binding in _once(b for b in declared if b.action not in MOVES):
        key = binding.key.partition(",")[0]
        act = partial(_show, app, spec, partial(app.simulate_key, key))
        yield SystemCommand(f"{spec.title}: {binding.description}", binding.tooltip, act)


def _once(bindings: Iterable[Binding]) -> Iterator[Binding]:
    """Each action once."""
    known: set[str] = set()
    for binding in bindings:
        if binding.tooltip and binding.action not in known:
            known.add(binding.action)
            yield binding


def _show(app: Shell, spec: ScreenSpec, then: Callable[[], object] | None = None) -> None:
    app.action_show(spec.id)
    if then is not None:
        app.call_after_refresh(then)


def _processes(app: Shell) -> Iterator[SystemCommand]:
    state = app.sync_state
    several = len(state.corporations) > 1
    for process_id in state.process_ids(app.corporation_id):
        status = state.status(process_id)
        name = process_title(status.process_type)
        if several:
            name += f" {_plain(state.corporation(status.corporation_id).ticker)}"
        go = partial(app.show_process, process_id)
        yield SystemCommand(f"Process {name}", "The process on the Sync screen", go)
        sync = partial(app.ask, methodcaller("sync_now", process_id))
        yield SystemCommand(f"Sync {name} now", "Start its run", sync)


def _tables(app: Shell) -> Iterator[SystemCommand]:
    for name, table in app.tables().items():
        go = partial(app.show_table, name)
        yield SystemCommand(f"Table {table.title}", "The table on the Data screen", go)


def _plain(name: str) -> str:
    """A name that others chose, without what Textual would take for markup."""
    return escape(printable(name))


def _boards(app: Shell) -> Iterator[SystemCommand]:
    for name in board_names():
        go = partial(app.show_board, name)
        yield SystemCommand(f"Board {name.capitalize()}", "The board on the Boards screen", go)


def _views(app: Shell) -> Iterator[SystemCommand]:
    for name, view in DataState.restored(app.kept.get("data")).views.items():
        if (table := app.tables().get(view.table)) is not None:
            go = partial(app.show_view, name)
            yield SystemCommand(f"View {_plain(name)}", f"A saved view of {table.title}", go)


def _characters(app: Shell) -> Iterator[SystemCommand]:
    for character in app.esi.characters if app.esi is not None else ():
        if character.character_id is not None:
            name = f"Character {_plain(character.name)}"
            go = partial(app.show_character, character.character_id)
            yield SystemCommand(name, "Its login, scopes and roles on the ESI screen", go)
