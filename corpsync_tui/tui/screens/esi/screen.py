"""Screen 4: ESI's limits and last requests, and the characters' logins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget

from corpsync_tui.catalog_index import process_title
from corpsync_tui.format.amounts import need
from corpsync_tui.service.esi_status import CharacterStatus, EsiStatus, ProcessAccess
from corpsync_tui.text import printable
from corpsync_tui.tui.dialogs.choices import Choice, ChoiceDialog
from corpsync_tui.tui.screens.base import MainScreen
from corpsync_tui.tui.screens.esi.character_text import access_line, character_line, chart
from corpsync_tui.tui.screens.esi.remove import RemoveDialog
from corpsync_tui.tui.screens.esi.text import (
    bucket_line,
    errors_line,
    reference_line,
    request_line,
    state_line,
)
from corpsync_tui.tui.screens.login.screen import LoginScreen
from corpsync_tui.tui.shell import EsiChanged, Tick
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.line_list import LineList, Row
from corpsync_tui.tui.widgets.lines import Lines
from corpsync_tui.tui.widgets.scroll_box import ScrollBox

MOST_CHARACTERS = 5
"""Characters that are shown without scrolling."""
WHOEVER_FITS = "auto"
NOBODY = "No character is logged in: l logs one in"


class EsiScreen(MainScreen):
    """Characters above; what one of them serves and lacks; limits and requests below."""

    AUTO_FOCUS = "#characters"
    CSS = """
    EsiScreen {
        #esi-state, #reference { height: 1; padding: 0 1; text-wrap: nowrap; }
        #esi-state, #reference { text-overflow: ellipsis; }
        #characters { height: auto; padding: 0 0 0 1; }
        #clinic { height: 9; }
        #access { width: 1fr; padding: 0 0 0 1; }
        #chart { width: 1fr; padding: 0 1; border-left: solid $border-blurred; }
        #limits, #requests { width: 1fr; padding: 0 0 0 1; }
        #requests { border-left: solid $border-blurred; }
        #traffic { height: 1fr; min-height: 3; }
        #characters, #access, #chart, #limits, #requests {
            border-top: solid $border-blurred;
            border-title-color: $foreground;
            scrollbar-size-vertical: 1;
            background: $background;
            &:focus { border-top: solid $accent; border-title-color: $text-accent; }
        }
        &.-wide.-high #clinic { height: 11; }
        &.-narrow #requests, &.-normal #requests { display: none; border-left: none; }
        &.-narrow .-requests #requests, &.-normal .-requests #requests { display: block; }
        &.-narrow .-requests #limits, &.-normal .-requests #limits { display: none; }
        &.-narrow #chart { display: none; border-left: none; }
        &.-narrow .-chart #chart { display: block; }
        &.-narrow .-chart #access { display: none; }
        &.-low #clinic { height: 5; }
        &.-low #reference { display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "L",
            "log_in_again",
            "Log in again",
            id="log_in_again",
            tooltip="Log the character under the cursor in again; all it has synced stays",
        ),
        Binding(
            "r",
            "check",
            "Try again",
            id="check",
            tooltip="Ask ESI for the roles again, and run what is blocked in this corporation",
        ),
        Binding(
            "w",
            "choose",
            "Character",
            id="choose",
            tooltip="Whom a process uses",
        ),
        Binding(
            "u",
            "update_reference",
            "Static data",
            id="update_reference",
            tooltip="Read what things are from CCP (about 60 MB), or stop reading it",
        ),
        Binding(
            "x",
            "remove",
            "Remove",
            id="remove_character",
            tooltip="Log the character under the cursor out; all data stays",
        ),
        Binding("y", "copy", "Copy", id="copy_pane", tooltip="Copy what the pane in focus says"),
        Binding("tab", "pane(1)", "Next pane", show=False, tooltip="To the next pane"),
        Binding("shift+tab", "pane(-1)", "Previous pane", show=False, tooltip="To the pane before"),
        Binding("escape", "back", "Back", show=False, tooltip="To the characters, then go back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._going: Widget | None = None
        """The pane that is about to be shown and focused."""

    def body(self) -> ComposeResult:
        """State, characters, one of them in full, limits beside requests."""
        yield Lines(between="", id="esi-state")
        yield Lines(between="", id="reference")
        yield LineList(id="characters")
        with Horizontal(id="clinic"):
            yield LineList(id="access")
            with ScrollBox(id="chart"):
                yield Lines(id="chart-lines")
        with Horizontal(id="traffic"):
            yield LineList(id="limits")
            yield LineList(id="requests")

    def on_mount(self) -> None:
        """The titles."""
        self._list("characters").border_title = Content("Characters")
        self._list("limits").border_title = Content("Limits")
        self._list("requests").border_title = Content("Last requests")

    def _list(self, name: str) -> LineList:
        return self.query_one(f"#{name}", LineList)

    # Painting

    def on_screen_resume(self) -> None:
        """What changed behind another screen shows now."""
        self.repaint()

    @on(EsiChanged)
    @on(Tick)
    def repaint(self) -> None:
        """Bring every part up to date; each touches only what reads differently."""
        if not self.is_current:
            return
        if (esi := self.corpsync.esi) is None:
            return
        self.query_one("#esi-state", Lines).show(state_line(esi))
        self.query_one("#reference", Lines).show(reference_line(esi.reference))
        self._show_characters(esi.characters)
        self._show_traffic(esi)

    def _show_characters(self, characters: Sequence[CharacterStatus]) -> None:
        width = self.size.width - 2
        shown = self._list("characters")
        shown.styles.height = 1 + max(1, min(MOST_CHARACTERS, len(characters)))
        empty: list[Line] = [(NOBODY, "muted")]
        homes = len({p.corporation_id for p in characters}) > 1
        rows = [Row(_key(p), character_line(p, self.now, width, homes=homes)) for p in characters]
        shown.show(rows or [Row(None, empty)])
        self._show_chart()

    @on(LineList.Highlighted, "#characters")
    def _show_chart(self) -> None:
        character, now = self.character, self.now
        access = self._list("access")
        title = f"{printable(character.name)} is used for" if character else "Used for"
        access.border_title = Content(title)
        width = self.size.width if self.has_class("-narrow") else self.size.width // 2
        rows = (
            [Row(d.process_id, access_line(d, width - 2)) for d in character.processes]
            if character
            else []
        )
        nothing: list[Line] = [("Nothing: its corporation is not synced", "muted")]
        access.show(rows or [Row(None, nothing)])
        self.query_one("#chart", ScrollBox).border_title = Content("Login")
        self.query_one("#chart-lines", Lines).show(chart(character, now) if character else [])

    def _show_traffic(self, esi: EsiStatus) -> None:
        wide = self.has_class("-wide")
        width = (self.size.width // 2 if wide else self.size.width) - 3
        buckets = [Row(("", ""), errors_line(esi, width))]
        several = len({bucket.whose for bucket in esi.buckets if bucket.whose}) > 1
        buckets += [
            Row((b.group, b.whose), bucket_line(b, self.now, width, named=several))
            for b in esi.buckets
        ]
        self._list("limits").show(buckets)
        hint = "" if wide else " · tab: last requests"
        self._list("limits").border_title = Content(f"Rate limits, and what next runs need{hint}")
        asked = [
            Row(esi.sent - place, request_line(request, width))
            for place, request in enumerate(esi.requests)
        ]
        none: list[Line] = [("Nothing was asked since the start", "muted")]
        self._list("requests").show(asked or [Row(None, none)])

    def on_resize(self) -> None:
        """Lines are as long as there is room."""
        self.call_after_refresh(self.repaint)

    def show_character(self, character_id: int) -> None:
        """Go to a character, as soon as the screen is there."""
        self.call_later(lambda: self._list("characters").go_to((character_id, None)))

    # What is under the cursors

    @property
    def characters(self) -> Sequence[CharacterStatus]:
        """Those that are shown."""
        return () if self.corpsync.esi is None else self.corpsync.esi.characters

    @property
    def character(self) -> CharacterStatus | None:
        """The character under the cursor."""
        key = self._list("characters").current
        return next((c for c in self.characters if _key(c) == key), None)

    @property
    def access(self) -> ProcessAccess | None:
        """The process under the cursor, as the character sees it."""
        key, character = self._list("access").current, self.character
        return (
            next((d for d in character.processes if d.process_id == key), None)
            if character
            else None
        )

    def _logged_in(self) -> CharacterStatus | None:
        """The character to act on; None after saying why there is none."""
        character = self.character
        if character is None or character.character_id is None:
            self.tell("No character is under the cursor: l logs one in")
            return None
        return character

    # Moving

    def action_pane(self, by: int) -> None:
        """Go round the panes; where two share a place, show the one gone to."""
        ring: list[Widget] = [
            self._list("characters"),
            self._list("access"),
            self.query_one("#chart"),
            self._list("limits"),
            self._list("requests"),
        ]
        here = self._going or self.focused
        place = ring.index(here) if here in ring else 0
        target = self._going = ring[(place + by) % len(ring)]
        self.query_one("#clinic").set_class(target is ring[2], "-chart")
        self.query_one("#traffic").set_class(target is ring[4], "-requests")
        self.call_after_refresh(self._arrive)

    def _arrive(self) -> None:
        """A pane takes the focus once it is shown."""
        if self._going is not None:
            self._going.focus()
            self._going = None

    def action_back(self) -> None:
        """To the characters first, then to the screen that one came from."""
        if self.focused is self._list("characters"):
            super().action_back()
            return
        self.query_one("#clinic").remove_class("-chart")
        self.query_one("#traffic").remove_class("-requests")
        self._list("characters").focus()

    @on(LineList.Opened, "#characters")
    def _go_to_access(self) -> None:
        self._list("access").focus()

    # Actions

    def action_log_in_again(self) -> None:
        """Log the character in again."""
        if (character := self._logged_in()) is not None:
            self.show_box(LoginScreen(again=character.name))

    def action_check(self) -> None:
        """Ask for the roles again, and run what is blocked."""
        character = self.character
        if character is None:
            self.tell(NOBODY)
            return
        corporation_id = character.corporation_id
        self.ask(lambda service: service.check_access(corporation_id))

    def action_update_reference(self) -> None:
        """Read CCP's static data, or stop reading them."""
        self.ask(lambda service: service.update_reference())

    def action_remove(self) -> None:
        """Log the character out, after asking whether that is meant."""
        if (character := self._logged_in()) is not None:
            self.show_box(RemoveDialog(character), self._removed)

    def _removed(self, character_id: int | None) -> None:
        if character_id is not None:
            self.ask(lambda service: service.log_out(character_id))

    @on(LineList.Opened, "#access")
    def action_choose(self) -> None:
        """Choose who serves the process under the cursor."""
        access = self.access
        if access is None:
            self.tell("No process is under the cursor: enter goes to those of a character")
            return
        name = process_title(access.process_type)
        choices, chosen = _candidates(self.characters, access)
        self.show_box(
            ChoiceDialog(f"Choose the character for {name}", choices, chosen),
            lambda choice: self._chosen(access.process_id, choice),
        )

    def _chosen(self, process_id: str, choice: str | None) -> None:
        if choice is not None:
            character_id = None if choice == WHOEVER_FITS else int(choice)
            self.ask(lambda service: service.choose_character(process_id, character_id))

    def action_copy(self) -> None:
        """Copy what the pane in focus says."""
        pane: LineList | Lines = self.query_one("#chart-lines", Lines)
        if isinstance(self.focused, LineList):
            pane = self.focused
        if pane.text:
            self.corpsync.copy(pane.text)
        else:
            self.tell("There is nothing to copy")


def _key(character: CharacterStatus) -> tuple[int | None, int | None]:
    """A corporation without a character is known by itself."""
    if character.character_id is None:
        return (None, character.corporation_id)
    return (character.character_id, None)


def _candidates(
    characters: Sequence[CharacterStatus], access: ProcessAccess
) -> tuple[list[Choice], str]:
    """Whom one may choose for a process, and who is chosen now."""
    choices = [Choice(WHOEVER_FITS, "automatic", "corpsync chooses")]
    chosen = WHOEVER_FITS
    for character in characters:
        for its in character.processes:
            if its.process_id != access.process_id or character.character_id is None:
                continue
            beside = f"lacks {need(its.lacks)}" if its.lacks else ""
            choices.append(Choice(str(character.character_id), printable(character.name), beside))
            if its.chosen and its.ability == "serves":
                chosen = str(character.character_id)
    return choices, chosen
