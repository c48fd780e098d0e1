"""What the screens ask of the rest of the house, and what they are shown at the start.

The screens know this protocol alone. The workspace fulfils it; tests fulfil it with a few lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the first frame stands on this file, and asks for nothing yet
    from corpsync_tui.sync.status import RunFilter, RunRecord, SyncConfig, SyncEvent, SyncStatus
    from corpsync_tui.tui.browsing import Browsing
    from corpsync_tui.tui.clinic import ClinicVerbs
    from corpsync_tui.tui.newsroom import Newsroom


@dataclass(frozen=True, slots=True)
class Corporation:
    """A corporation whose processes stand on the screen."""

    corporation_id: int
    name: str
    ticker: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What holds for the whole schedule at this moment."""

    paused: bool = False
    waiting: Mapping[str, str] = field(default_factory=dict)
    """Process ids that are queued, and for what: `Queued (2nd)`."""
    esi_down_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the screens hold, as it stands when they open."""

    statuses: Sequence[SyncStatus] = ()
    configs: Sequence[SyncConfig] = ()
    runs: Sequence[RunRecord] = ()
    """The last runs of each process, in any order."""
    corporations: Sequence[Corporation] = ()
    surroundings: Surroundings = field(default_factory=Surroundings)
    logged_in: bool = True
    """Whether any character is known."""
    process_types: Sequence[str] = ()
    """What there is to sync, in the order of the Sync screen."""
    settings: Mapping[str, object] = field(default_factory=dict)
    """What the screens remembered of the last time."""


@dataclass(frozen=True, slots=True)
class LoginFacts:
    """What the Login screen shows before anything is asked of the director."""

    client_id: str
    callback_url: str
    scopes: Sequence[str]
    register_url: str = "https://developers.eveonline.com/applications"
    name: str = "corpsync"
    """What the application may be called; CCP shows it to whoever logs in."""
    patience_seconds: float = 300.0
    """How long the browser is waited for."""


class Told(Protocol):
    """The answer to a verb: one sentence, for the screen as it is."""

    @property
    def sentence(self) -> str:
        """What happened, or why nothing did."""


@dataclass(frozen=True, slots=True)
class Said:
    """The usual answer to a verb."""

    sentence: str


class Verbs(Protocol):
    """The actions of the screens. Each may raise a `CorpsyncError`, whose message is shown."""

    async def snapshot(self) -> Snapshot:
        """Everything there is to show now."""

    def subscribe(self, listener: Callable[[SyncEvent], None]) -> Callable[[], None]:
        """Hear of every change from now on; the answer ends it."""

    def surroundings(self) -> Surroundings:
        """Pause, queue and ESI as they are now; cheap, asked at every repaint."""

    async def start(self) -> None:
        """Let the schedule run."""

    async def sync_now(self, process_id: str) -> Told:
        """Start one process, whatever its schedule says."""

    async def sync_all(self) -> Told:
        """Start every process that is on."""

    async def retry(self) -> Told:
        """Start every process in error or parked."""

    async def toggle(self, process_id: str) -> Told:
        """Switch a process on or off; stored at once."""

    async def set_interval(self, process_id: str, minutes: int) -> Told:
        """Give a process another interval."""

    async def cancel(self, process_id: str) -> Told:
        """End a process's run."""

    async def pause(self) -> Told:
        """Hold the whole schedule, over a restart too."""

    async def resume(self) -> Told:
        """Let the schedule go on."""

    async def count_runs(self, which: RunFilter) -> int:
        """How many runs of the history pass the filter."""

    async def runs(self, which: RunFilter, offset: int, limit: int) -> Sequence[RunRecord]:
        """A window of these runs, newest first."""

    def browse(self) -> Browsing:
        """The tables, for the Data screen."""

    def clinic(self) -> ClinicVerbs:
        """Limits, requests and logins, for the ESI screen."""

    def newsroom(self) -> Newsroom:
        """The change log and what needs a hand, for the Changes and Attention screens."""

    async def save_setting(self, key: str, value: object) -> None:
        """Remember something of the screens for the next time."""

    async def login_facts(self) -> LoginFacts:
        """What is to be registered at CCP, and what is known of it."""

    async def begin_login(self, client_id: str) -> str:
        """Check the client id, keep it, and listen for the callback.

        The answer is the address to open in a browser.
        """

    async def open_browser(self, url: str) -> Told:
        """Open the address in a browser outside of this terminal, or say why not."""

    async def finish_login(self) -> Told:
        """Wait for the callback; the answer names character and corporation."""

    async def paste(self, address: str) -> Told:
        """Finish the login with the address the browser was sent to."""

    async def cancel_login(self) -> None:
        """Stop listening; harmless when nothing listens."""
