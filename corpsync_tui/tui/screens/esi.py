"""Screen 4: ESI's limits and last requests, and the clinic of the logins."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget

from corpsync_tui.errors import CorpsyncError
from corpsync_tui.text import printable
from corpsync_tui.tui.clinic import ClinicVerbs, Duty, EsiFacts, Patient, Today
from corpsync_tui.tui.clinic_text import chart, duty_line, patient_line
from corpsync_tui.tui.esi_text import errors_line, gauge_line, request_line, state_line
from corpsync_tui.tui.format import need, process_name
from corpsync_tui.tui.run_text import Line
from corpsync_tui.tui.screens.base import MainScreen, Tick
from corpsync_tui.tui.screens.choices import Choice, ChoiceDialog
from corpsync_tui.tui.screens.login import LoginScreen
from corpsync_tui.tui.screens.remove import RemoveDialog
from corpsync_tui.tui.sync_state import RunRecorded, SyncStatusChanged
from corpsync_tui.tui.widgets.footer import KeyFooter
from corpsync_tui.tui.widgets.header import HeaderLine
from corpsync_tui.tui.widgets.line_list import LineList, Row
from corpsync_tui.tui.widgets.lines import Lines
from corpsync_tui.tui.widgets.scroll_box import ScrollBox

MOST_PATIENTS = 5
"""Characters that are shown without scrolling."""
WHOEVER_FITS = "auto"
NOBODY = "No character is logged in: l logs one in"


class EsiScreen(MainScreen):
    """Characters above; what one of them serves and lacks; limits and requests below."""

    AUTO_FOCUS = "#patients"
    SCOPED_CSS = False  # the classes for widths are the screen's own
    CSS = """
    #esi-state { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    #patients { height: auto; padding: 0 0 0 1; }
    #clinic { height: 9; }
    #duties { width: 1fr; padding: 0 0 0 1; }
    #chart { width: 1fr; padding: 0 1; border-left: solid $border-blurred; }
    #limits, #requests { width: 1fr; padding: 0 0 0 1; }
    #requests { border-left: solid $border-blurred; }
    #traffic { height: 1fr; min-height: 3; }
    #patients, #duties, #chart, #limits, #requests {
        border-top: solid $border-blurred;
        border-title-color: $foreground;
        scrollbar-size-vertical: 1;
        background: $background;
        &:focus { border-top: solid $accent; border-title-color: $text-accent; }
    }
    .-wide.-high #clinic { height: 11; }
    .-narrow #traffic #requests, .-normal #traffic #requests { display: none; border-left: none; }
    .-narrow #traffic.-requests #requests, .-normal #traffic.-requests #requests {
        display: block;
    }
    .-narrow #traffic.-requests #limits, .-normal #traffic.-requests #limits { display: none; }
    .-narrow #clinic #chart { display: none; border-left: none; }
    .-narrow #clinic.-chart #chart { display: block; }
    .-narrow #clinic.-chart #duties { display: none; }
    .-low #clinic { height: 5; }
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
            tooltip="Ask for roles anew, and run what is parked in this corporation",
        ),
        Binding(
            "w", "choose", "Who serves", id="choose", tooltip="Choose who serves the process below"
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
        Binding("shift+tab", "pane(-1)", "Last pane", show=False, tooltip="To the pane before"),
        Binding("escape", "back", "Back", show=False, tooltip="To the characters, then Sync"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._clinic: ClinicVerbs | None = None
        self._today = Today()
        self._patients: list[Patient] = []
        self._asking = False
        self._going: Widget | None = None
        """The pane that is about to be shown and focused."""

    def compose(self) -> ComposeResult:
        """Header, state, characters, the clinic of one, limits beside requests."""
        yield HeaderLine()
        yield Lines(between="", id="esi-state")
        yield LineList(id="patients")
        with Horizontal(id="clinic"):
            yield LineList(id="duties")
            with ScrollBox(id="chart"):
                yield Lines(id="chart-lines")
        with Horizontal(id="traffic"):
            yield LineList(id="limits")
            yield LineList(id="requests")
        yield KeyFooter()
        yield Lines(id="too-small")

    def on_mount(self) -> None:
        """The titles, and the first question."""
        self._list("patients").border_title = Content("Characters")
        self._list("limits").border_title = Content("Limits")
        self._list("requests").border_title = Content("Last requests")
        self._ask_today()

    def _list(self, name: str) -> LineList:
        return self.query_one(f"#{name}", LineList)

    # Painting

    def on_screen_resume(self) -> None:
        """What changed behind another screen shows now."""
        self._ask_today()
        self.repaint()

    @on(RunRecorded)
    def _ask_today(self) -> None:
        if not self._asking:
            self._asking = True
            self.run_worker(self._take_today(), group="clinic", exit_on_error=False)

    async def _take_today(self) -> None:
        verbs = await self.corpsync.opened()
        self._clinic, self._asking = verbs.clinic(), False
        try:
            self._today = await self._clinic.today()
        except CorpsyncError as error:
            self.corpsync.tell(error.message, severity="error")
        self.repaint()

    @on(SyncStatusChanged)
    @on(Tick)
    def repaint(self) -> None:
        """Bring every part up to date; each touches only what reads differently."""
        if not self.is_current:
            return
        self.query_one(HeaderLine).show(self.sync_state, self.corpsync.corporation_id, self.now)
        if self._clinic is None:
            return
        facts = self._clinic.esi(self._today)
        self.query_one("#esi-state", Lines).show(state_line(facts, self._today))
        self._show_patients(list(self._clinic.patients(self._today)))
        self._show_traffic(facts)

    def _show_patients(self, patients: list[Patient]) -> None:
        self._patients = patients
        width = self.size.width - 2
        shown = self._list("patients")
        shown.styles.height = 1 + max(1, min(MOST_PATIENTS, len(patients)))
        empty: list[Line] = [(NOBODY, "muted")]
        homes = len({p.corporation_id for p in patients}) > 1
        rows = [Row(_key(p), patient_line(p, self.now, width, homes=homes)) for p in patients]
        shown.show(rows or [Row(None, empty)])
        self._show_chart()

    @on(LineList.Highlighted, "#patients")
    def _show_chart(self) -> None:
        patient, now = self.patient, self.now
        duties = self._list("duties")
        title = f"What {printable(patient.name)} serves" if patient else "What it serves"
        duties.border_title = Content(title)
        width = self.size.width if self.has_class("-narrow") else self.size.width // 2
        rows = (
            [Row(d.process_id, duty_line(d, width - 2)) for d in patient.duties] if patient else []
        )
        nothing: list[Line] = [("Nothing: its corporation is not synced", "muted")]
        duties.show(rows or [Row(None, nothing)])
        self.query_one("#chart", ScrollBox).border_title = Content("Login")
        self.query_one("#chart-lines", Lines).show(chart(patient, now) if patient else [])

    def _show_traffic(self, facts: EsiFacts) -> None:
        wide = self.has_class("-wide")
        width = (self.size.width // 2 if wide else self.size.width) - 3
        gauges = [Row(("", ""), errors_line(facts, width))]
        several = len({gauge.whose for gauge in facts.gauges if gauge.whose}) > 1
        gauges += [
            Row((g.group, g.whose), gauge_line(g, self.now, width, named=several))
            for g in facts.gauges
        ]
        self._list("limits").show(gauges)
        hint = "" if wide else " · tab: last requests"
        self._list("limits").border_title = Content(f"Limits, and what the next runs need{hint}")
        asked = [
            Row(facts.sent - place, request_line(request, width))
            for place, request in enumerate(facts.requests)
        ]
        none: list[Line] = [("Nothing was asked since the start", "muted")]
        self._list("requests").show(asked or [Row(None, none)])

    def on_resize(self) -> None:
        """Lines are as long as there is room."""
        self.call_after_refresh(self.repaint)

    # What is under the cursors

    @property
    def patient(self) -> Patient | None:
        """The character under the cursor."""
        key = self._list("patients").current
        return next((p for p in self._patients if _key(p) == key), None)

    @property
    def duty(self) -> Duty | None:
        """The process under the cursor, as the character sees it."""
        key, patient = self._list("duties").current, self.patient
        return next((d for d in patient.duties if d.process_id == key), None) if patient else None

    def _character(self) -> Patient | None:
        """The character to act on; None after saying why there is none."""
        patient = self.patient
        if patient is None or patient.character_id is None:
            self.tell("No character is under the cursor: l logs one in")
            return None
        return patient

    # Moving

    def action_pane(self, by: int) -> None:
        """Go round the panes; where two share a place, show the one gone to."""
        ring: list[Widget] = [
            self._list("patients"),
            self._list("duties"),
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
        """To the characters first, then to the Sync screen."""
        if self.focused is self._list("patients"):
            self.corpsync.action_show("sync")
            return
        self.query_one("#clinic").remove_class("-chart")
        self.query_one("#traffic").remove_class("-requests")
        self._list("patients").focus()

    @on(LineList.Opened, "#patients")
    def _open_duties(self) -> None:
        self._list("duties").focus()

    # Actions

    def action_log_in_again(self) -> None:
        """Log the character in again."""
        if (patient := self._character()) is not None:
            self.app.push_screen(LoginScreen(again=patient.name))

    def action_check(self) -> None:
        """Ask for roles anew, and run what is parked."""
        patient = self.patient
        if patient is None:
            self.tell(NOBODY)
            return
        corporation_id = patient.corporation_id
        self.ask(lambda verbs: verbs.clinic().check(corporation_id))

    def action_remove(self) -> None:
        """Log the character out, after asking whether that is meant."""
        if (patient := self._character()) is not None:
            self.app.push_screen(RemoveDialog(patient), self._removed)

    def _removed(self, character_id: int | None) -> None:
        if character_id is not None:
            self.ask(lambda verbs: verbs.clinic().remove(character_id))

    @on(LineList.Opened, "#duties")
    def action_choose(self) -> None:
        """Choose who serves the process under the cursor."""
        duty = self.duty
        if duty is None:
            self.tell("No process is under the cursor: enter goes to those of a character")
            return
        name = process_name(duty.process_type)
        choices, chosen = _candidates(self._patients, duty)
        self.app.push_screen(
            ChoiceDialog(f"Who serves {name}", choices, chosen),
            lambda choice: self._chosen(duty.process_id, choice),
        )

    def _chosen(self, process_id: str, choice: str | None) -> None:
        if choice is not None:
            character_id = None if choice == WHOEVER_FITS else int(choice)
            self.ask(lambda verbs: verbs.clinic().choose(process_id, character_id))

    def action_copy(self) -> None:
        """Copy what the pane in focus says."""
        if isinstance(self.focused, LineList):
            self.corpsync.copy(self.focused.text)
        else:
            self.corpsync.copy(self.query_one("#chart-lines", Lines).text)


def _key(patient: Patient) -> tuple[int | None, int | None]:
    """A corporation without a character is known by itself."""
    if patient.character_id is None:
        return (None, patient.corporation_id)
    return (patient.character_id, None)


def _candidates(patients: list[Patient], duty: Duty) -> tuple[list[Choice], str]:
    """Whom one may choose for a process, and who is chosen now."""
    choices = [Choice(WHOEVER_FITS, "whoever fits", "corpsync chooses")]
    chosen = WHOEVER_FITS
    for patient in patients:
        for its in patient.duties:
            if its.process_id != duty.process_id or patient.character_id is None:
                continue
            beside = f"lacks {need(its.lacks)}" if its.lacks else ""
            choices.append(Choice(str(patient.character_id), printable(patient.name), beside))
            if its.chosen and its.ability == "serves":
                chosen = str(patient.character_id)
    return choices, chosen
