"""What the front ends ask of the rest of corpsync, and what they hear of it.

Screens hold a `SyncService` and nothing else: `LocalService` is one over a workspace of this
process, tests have one of a few lines. What moves by itself comes as an event.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from corpsync_tui.queries.records import RunRecord, SyncConfig, SyncStatus
from corpsync_tui.sync.events import ScheduleStatus

if TYPE_CHECKING:  # the first frame stands on this file, and asks for nothing yet
    from pathlib import Path

    from corpsync_tui.alerts.sink_report import SinkReport
    from corpsync_tui.boards.kit.board import Board, Row
    from corpsync_tui.boards.kit.marks import Mark
    from corpsync_tui.queries.alerts import MuteScope, OpenAlert
    from corpsync_tui.queries.browse import Browser
    from corpsync_tui.queries.browse_types import View
    from corpsync_tui.queries.change_list import ChangeDetail, ChangeList, RunList
    from corpsync_tui.queries.changes import ChangeFilter
    from corpsync_tui.queries.daily import DailyFigures
    from corpsync_tui.queries.difference import DifferenceList
    from corpsync_tui.queries.records import RunFilter
    from corpsync_tui.queries.story import Story
    from corpsync_tui.service.boards import BoardPage
    from corpsync_tui.service.esi_status import EsiStatus, ScopeUse
    from corpsync_tui.service.member_page import MemberPage
    from corpsync_tui.service.month_page import MonthPage
    from corpsync_tui.sync.action import ActionResult
    from corpsync_tui.sync.events import SyncEvent


@dataclass(frozen=True, slots=True)
class Corporation:
    """A corporation whose processes stand on the screen."""

    corporation_id: int
    name: str
    ticker: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the screens hold, as it stands when they open."""

    statuses: Sequence[SyncStatus] = ()
    configs: Sequence[SyncConfig] = ()
    runs: Sequence[RunRecord] = ()
    """The last runs of each process, in any order."""
    corporations: Sequence[Corporation] = ()
    schedule: ScheduleStatus = field(default_factory=ScheduleStatus)
    logged_in: bool = True
    """Whether any character is known."""
    process_types: Sequence[str] = ()
    """What there is to sync, in the order of the Sync screen."""
    watching: str = ""
    """Who holds the data folder, where that is another process."""
    settings: Mapping[str, object] = field(default_factory=dict)
    """What the screens remembered of the last time."""


@dataclass(frozen=True, slots=True)
class LoginFacts:
    """What the Login screen shows before anything is asked of the director."""

    client_id: str
    callback_url: str
    register_url: str
    patience_seconds: float
    """How long the browser is waited for."""
    processes: Mapping[str, Sequence[ScopeUse]] = field(default_factory=dict)
    """By process type the scopes that it takes."""
    always: Sequence[ScopeUse] = ()
    """Those that every login asks for."""
    name: str = "corpsync"
    """What the application may be called; CCP shows it to whoever logs in."""


class SyncService(Protocol):
    """Questions and actions of the front ends.

    Each may raise a `CorpsyncError`, whose message is shown. `corporation_id` None means all
    corporations.
    """

    async def snapshot(self) -> Snapshot:
        """Everything there is to show now."""

    def subscribe(self, listener: Callable[[SyncEvent], None]) -> Callable[[], None]:
        """Hear of every change from now on; the answer ends it."""

    async def start(self) -> None:
        """Let the schedule run."""

    async def take_over(self) -> ActionResult:
        """Follow the schedule in this process, where the one that did has ended."""

    # Running

    async def sync_now(self, process_id: str) -> ActionResult:
        """Start one process, whatever its schedule says."""

    async def sync_all(self, corporation_id: int | None) -> ActionResult:
        """Start every process that is on."""

    async def retry(self, corporation_id: int | None) -> ActionResult:
        """Start every process that is on and has failed or is blocked."""

    async def toggle(self, process_id: str, *, enabled: bool | None = None) -> ActionResult:
        """Switch a process on or off, or to the other of both; stored at once."""

    async def set_interval(self, process_id: str, minutes: int) -> ActionResult:
        """Give a process another interval."""

    async def cancel(self, process_id: str) -> ActionResult:
        """End a process's run."""

    async def pause(self) -> ActionResult:
        """Pause the whole schedule, over a restart too."""

    async def resume(self) -> ActionResult:
        """Let the schedule go on."""

    # What the database holds

    @property
    def browser(self) -> Browser:
        """The tables, for the Data screen."""

    async def export(self, view: View, columns: Sequence[str], file: Path) -> int:
        """Write the rows to a new file in the format that its name says; their number."""

    async def difference(
        self, table: str, start: float, end: float | None, corporation_id: int | None
    ) -> DifferenceList:
        """What happened to a table from `start` to `end`, in Unix seconds; None means now."""

    async def boards(self) -> Sequence[Board]:
        """Every board, in the order of the screen."""

    async def read_board(
        self, name: str, corporation_id: int, variant: str, at: float | None = None
    ) -> BoardPage:
        """A board of one corporation (0: none is known yet), or another set of its rows.

        `at`: as of a moment in Unix seconds.

        Whoever asks for another one before it is read ends the work on it.
        """

    async def mark_losses(self, corporation_id: int, marks: Sequence[Mark]) -> ActionResult:
        """Decide on losses of a corporation, all of them alike: to be paid, paid, refused."""

    async def read_member(self, character_id: int, corporation_id: int) -> MemberPage:
        """What there is to know of a member of a corporation, or of somebody who left."""

    async def read_movements(
        self, table: str, corporation_id: int, row_key: Mapping[str, Any]
    ) -> Story:
        """What became of what a row stands for: a thing, a container, or a fuel bay."""

    async def read_month(self, month: str, corporation_id: int) -> MonthPage:
        """The report of a corporation's month (`2026-11`), empty for the present one."""

    async def export_month(self, page: MonthPage, file: Path) -> int:
        """Write a report to a new file as its name says; the number of its figures."""

    async def export_board(self, page: BoardPage, rows: Sequence[Row], file: Path) -> int:
        """Write rows of a board to a new file in the format that its name says; their number."""

    async def count_runs(self, which: RunFilter) -> int:
        """How many runs of the history pass the filter."""

    async def runs(self, which: RunFilter, offset: int, limit: int) -> Sequence[RunRecord]:
        """A window of these runs, newest first."""

    async def daily(self, process_id: str) -> Sequence[DailyFigures]:
        """What a process declared to be drawn day by day."""

    async def count_changes(self, which: ChangeFilter) -> int:
        """How many changes pass the filter."""

    async def changed_runs(
        self, which: ChangeFilter, mark: int, before_run: int | None, limit: int
    ) -> RunList:
        """The runs that did the changes which pass the filter, newest first.

        `mark` is the id of the last change that was seen; `before_run` goes on behind a run.
        """

    async def changes(self, which: ChangeFilter, text: str, before_id: int | None) -> ChangeList:
        """Changes that pass the filter and whose sentence has the text, in any case.

        Some of them, newest first; `before_id` goes on where the last answer ended.
        """

    async def change(self, change_id: int) -> ChangeDetail | None:
        """One change in full; None where it was trimmed."""

    async def mark_seen(self) -> None:
        """Remember that everything that needs attention was seen."""

    async def mute(self, alert: OpenAlert, scope: MuteScope, seconds: float | None) -> ActionResult:
        """Show this alert, its rule's or its row's no more for so long; None: for ever."""

    async def unmute_all(self) -> ActionResult:
        """Show again whatever was muted."""

    async def alert_sinks(self, alert: OpenAlert | None) -> Sequence[SinkReport]:
        """Where alerts are sent, and what became of this one there."""

    async def test_alerts(self, sink: str) -> ActionResult:
        """Send a test to a sink; the answer is what came back."""

    async def log_lines(self) -> Sequence[str]:
        """The last lines of the log file, without secrets."""

    async def save_setting(self, key: str, value: object) -> None:
        """Remember something of the screens for the next time."""

    # ESI and characters

    def watch_esi(self) -> AsyncIterator[EsiStatus]:
        """ESI and the characters as they are now, then at most once a second as they change."""

    async def update_reference(self) -> ActionResult:
        """Read CCP's newest static data; where that is under way, stop it."""

    async def check_access(self, corporation_id: int | None) -> ActionResult:
        """Ask for roles again where ESI allows it, and run the corporation's blocked processes."""

    async def log_out(self, character_id: int) -> ActionResult:
        """Log a character out; its corporation's data stays."""

    async def choose_character(self, process_id: str, character_id: int | None) -> ActionResult:
        """Use this character for a process; None: whichever can."""

    # Login

    async def login_facts(self) -> LoginFacts:
        """What is to be registered at CCP, and what is known of it."""

    async def begin_login(
        self, client_id: str, process_types: Collection[str] | None = None
    ) -> str:
        """Check the client id, keep it, and listen for the callback.

        The login asks for the scopes of these processes, None: of all. The answer is the address
        to open in a browser.
        """

    async def open_browser(self, url: str) -> ActionResult:
        """Open the address in a browser outside of this terminal, or say why not."""

    async def finish_login(self) -> ActionResult:
        """Wait for the callback; the answer names character and corporation."""

    async def paste(self, address: str) -> ActionResult:
        """Finish the login with the address the browser was sent to."""

    async def cancel_login(self) -> None:
        """Stop listening; harmless when nothing listens."""
