"""Ways through the screens: by digit, by tab, back, and straight to a row, a process, a change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual.actions import ActionParseResult
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen

from corpsync_tui.tui.screens import ALL_SCREENS, SCREENS
from corpsync_tui.tui.supervised import SupervisedApp
from corpsync_tui.tui.way import Way

if TYPE_CHECKING:
    from corpsync_tui.queries.changes import ChangeFilter

HOME = SCREENS[0].id


class NavigatedApp(SupervisedApp):
    """An app of main screens, each a mode with a digit of its own."""

    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        spec.id: spec.make for spec in ALL_SCREENS if spec.id != HOME
    }
    DEFAULT_MODE = HOME
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            spec.key,
            f"show('{spec.id}')",
            spec.title,
            id=f"show_{spec.id}",
            show=False,
            tooltip=f"The {spec.title} screen: {spec.tooltip[:1].lower()}{spec.tooltip[1:]}",
        )
        for spec in SCREENS
    ]

    def __init__(self) -> None:
        super().__init__()
        self._way = Way()

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key asks for; one that was typed ahead waits until its screen is there."""
        where = default_namespace
        if isinstance(where, Screen) and not where.is_mounted:
            where.call_later(self.run_action, action, where, namespaces)
            return True
        return await super().run_action(action, where, namespaces)

    def save(self, key: str, value: object) -> None:
        """Remember something of the screens."""
        raise NotImplementedError

    def action_show(self, mode: str) -> None:
        """Show one of the main screens, and open with it the next time.

        Not while a box is open: it could not be closed from another screen.
        """
        if not self.screen.is_modal:
            self._way.go(self.current_mode, mode)
            self._switch(mode)

    def go_back(self) -> None:
        """Back to the screen that one came from; at the beginning of the way, home."""
        if not self.screen.is_modal:
            self._switch(self._way.back() or HOME)

    def _switch(self, mode: str) -> None:
        if self.current_mode != mode:
            self.switch_mode(mode)
            self.save("screen", mode)

    # Straight to something

    def open_table(self, process_type: str) -> None:
        """Show the rows of a process on the Data screen."""
        self._jump("data", lambda screen: screen.show_process(process_type))

    def show_table(self, name: str) -> None:
        """Show a table on the Data screen."""
        self._jump("data", lambda screen: screen.show_table(name))

    def show_board(self, name: str) -> None:
        """Show a board on the Boards screen."""
        self._jump("boards", lambda screen: screen.show_board(name))

    def show_member(self, corporation_id: int, character_id: int) -> None:
        """Show all that is known of a member, over the board of members."""
        self._jump("boards", lambda screen: screen.show_member(corporation_id, character_id))

    def show_view(self, name: str) -> None:
        """Show a table on the Data screen as it was saved under this name."""
        self._jump("data", lambda screen: screen.show_view(name))

    def show_row(self, table: str, corporation_id: int, row_key: Mapping[str, Any]) -> None:
        """Show one row on the Data screen, where it stands in its table."""
        self._jump("data", lambda screen: screen.show_row(table, corporation_id, row_key))

    def show_changes(self, words: str, which: ChangeFilter) -> None:
        """Show some changes alone on the Changes screen; `words` say which."""
        self._jump("changes", lambda screen: screen.show_only(words, which))

    def show_process(self, process_id: str) -> None:
        """Show a process on the Sync screen."""
        self._jump("sync", lambda screen: screen.show_process(process_id))

    def show_character(self, character_id: int) -> None:
        """Show a character on the ESI screen."""
        self._jump("esi", lambda screen: screen.show_character(character_id))

    def _jump(self, mode: str, show: Callable[[Any], None]) -> None:
        """Go to a screen and show something on it, which going back takes back.

        Not while a box is open, as with `action_show`.
        """
        if self.screen.is_modal:
            return
        before, left = self.current_mode, self._screens().get(mode)
        place = None if left is None else left.place()
        self._way.jump(before, lambda: self._screens()[mode].restore(place))
        self._switch(mode)
        screen = self._screens()[mode]  # on which the Login screen may stand
        if screen.is_mounted:
            show(screen)
        else:  # it is shown for the first time
            screen.call_later(show, screen)

    def _screens(self) -> Mapping[str, Any]:
        """The main screens that were shown so far."""
        return {mode: stack[0] for mode, stack in self._screen_stacks.items() if stack}
