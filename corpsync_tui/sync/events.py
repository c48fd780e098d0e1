"""What the services tell whoever listens: frozen records, each event whole in itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from corpsync_tui.queries.alerts import OpenAlert
from corpsync_tui.queries.records import RunRecord, SyncConfig, SyncStatus


@dataclass(frozen=True, slots=True)
class ScheduleStatus:
    """What holds for the whole schedule; an event wherever it differs."""

    paused: bool = False
    waiting: Mapping[str, str] = field(default_factory=dict)
    """Process ids that wait for a slot or for ESI, and for what: `Queued (2nd)`."""
    esi_down_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """A process moved: a step, a start, an end."""

    status: SyncStatus


@dataclass(frozen=True, slots=True)
class RunRecorded:
    """A run began or ended: its history row was written."""

    run: RunRecord


@dataclass(frozen=True, slots=True)
class ScheduleChanged:
    """A process was switched, given another interval, or another next run."""

    config: SyncConfig


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something happened that concerns no single run: the clock was set, a value repaired."""

    sentence: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class AttentionChanged:
    """The list of what needs attention differs."""

    items: tuple[OpenAlert, ...]
    new: tuple[OpenAlert, ...]
    """Those of them that are new."""
    rings: bool = False
    """Whether the director wants to hear the terminal's bell."""


@dataclass(frozen=True, slots=True)
class TerminalNotified:
    """The terminal is to be sent a desktop notification."""

    sequence: str
    """What to write, escape sequences included."""


@dataclass(frozen=True, slots=True)
class Watching:
    """Another process holds the data folder, has ended, or this one took over."""

    words: str
    """Who holds it; empty where this process does."""


SyncEvent = (
    StatusChanged
    | RunRecorded
    | ScheduleChanged
    | ScheduleStatus
    | Noticed
    | AttentionChanged
    | TerminalNotified
    | Watching
)
