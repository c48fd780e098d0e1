"""The states in which a director meets the screens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from corpsync_tui.queries.records import SyncConfig, SyncStatus
from corpsync_tui.service.api import Corporation, Snapshot
from corpsync_tui.sync.events import ScheduleStatus
from tests.support.cast import CAST
from tests.tui.stage import HEDU, NOW, ago, both, config, corporation, run, status

HOSTILE = "[/b]␛[31m[HELD] \x1b]0;owned\x07\x1b[2J \u202egnp.exe 株式会社 ﷽ é\u0301"
"""Markup, escape sequences, a bidi override, wide and stacked characters."""


def empty() -> Snapshot:
    """Before the first login."""
    return Snapshot(logged_in=False, process_types=CAST)


def idle() -> Snapshot:
    """Everything is current."""
    return corporation()


def filled_to(number: int, scene: Snapshot) -> Snapshot:
    """The scene with further processes, all current, until there are so many."""
    names = [f"x{n}" for n in range(number - len(scene.statuses))]
    more = [SyncStatus(f"{HEDU}/{name}", name, HEDU, status="success") for name in names]
    return replace(scene, statuses=[*scene.statuses, *more])


def never_synced() -> Snapshot:
    """Logged in a moment ago."""
    fresh = [
        replace(
            status(t),
            status="idle",
            progress=0.0,
            current_step="",
            last_run_time=None,
            last_success_time=None,
            current_until=None,
            items_processed=0,
        )
        for t in CAST
    ]
    due = [config(t, next_run_time=NOW) for t in CAST]
    return replace(corporation(), statuses=fresh, configs=due, runs=[])


def running() -> Snapshot:
    """Two processes at work, one of them for the first time in a while."""
    return corporation(
        members=status(
            "members",
            status="running",
            progress=55.0,
            current_step="Storing members in database… (row 117)",
            items_processed=117,
            total_items=212,
            last_run_time=ago(0.2),
        ),
        assets=status(
            "assets",
            status="running",
            progress=34.0,
            current_step="Fetching assets from ESI… (page 3 of 5)",
            items_processed=2600,
            last_run_time=ago(0.1),
        ),
    )


def failing() -> Snapshot:
    """ESI has trouble with one process, for an hour now."""
    message = "Market: ESI fails at page 3 with status 502 (request id 5f2a)."
    scene = corporation(
        market=status(
            "market",
            status="error",
            progress=30.0,
            current_step="Fetching market orders from ESI…",
            error_kind="esi",
            error_message=message,
            error_count=3,
            failing_since=ago(63),
            last_success_time=ago(83),
        )
    )
    failed = run(
        0,
        "market",
        start_time=ago(3),
        result="error",
        items=0,
        rows_added=0,
        rows_changed=0,
        rows_removed=0,
        error_kind="esi",
        error_message=message,
    )
    return replace(scene, runs=[*scene.runs, failed])


def off() -> Snapshot:
    """Mining was switched off."""
    return _with_config("mining", enabled=False, next_run_time=None)


def blocked() -> Snapshot:
    """The wallet cannot be read without a role."""
    scene = _with_config("wallet", next_run_time=None)
    wallet = status(
        "wallet",
        status="error",
        progress=10.0,
        current_step="Needs role Accountant",
        error_kind="auth",
        error_message="The wallet needs the role Accountant, which Aldra Vex has not.",
        error_count=3,
        failing_since=ago(180),
        needs="role:Accountant",
    )
    statuses = [wallet if s.process_type == "wallet" else s for s in scene.statuses]
    return replace(scene, statuses=statuses)


def paused() -> Snapshot:
    """The whole schedule is held."""
    return replace(corporation(), schedule=ScheduleStatus(paused=True))


def waiting() -> Snapshot:
    """All places are taken: others queue."""
    queued = {f"{HEDU}/killmails": "Queued (1st)", f"{HEDU}/mining": "Queued (2nd)"}
    scene = running()
    return replace(scene, schedule=ScheduleStatus(waiting=queued))


def downtime() -> Snapshot:
    """ESI is down."""
    since = datetime(2026, 3, 14, 11, 2, tzinfo=UTC)
    return replace(corporation(), schedule=ScheduleStatus(esi_down_since=since))


def interrupted() -> Snapshot:
    """The last time ended in the middle of a run."""
    scene = corporation(members=status("members", status="idle", current_step="Interrupted"))
    broken = run(0, "members", start_time=ago(7), result="interrupted", duration=None)
    return replace(scene, runs=[*scene.runs, broken])


def hostile() -> Snapshot:
    """Every text that comes from outside tries to do harm."""
    bad = status(
        "assets",
        status="error",
        error_kind="validation",
        error_message=HOSTILE,
        error_count=1,
        current_step=HOSTILE,
    )
    working = status("members", status="running", progress=20.0, current_step=HOSTILE)
    scene = corporation(assets=bad, members=working)
    failed = run(
        0, "assets", start_time=ago(1), result="error", error_kind="esi", error_message=HOSTILE
    )
    noted = run(0, "market", start_time=ago(1), note=HOSTILE)
    return replace(
        scene,
        runs=[*scene.runs, failed, noted],
        corporations=[Corporation(HEDU, HOSTILE, HOSTILE)],
        schedule=ScheduleStatus(waiting={f"{HEDU}/mining": HOSTILE}),
    )


def _with_config(process_type: str, **changes: object) -> Snapshot:
    scene = corporation()
    configs: list[SyncConfig] = [
        replace(c, **changes) if c.process_type == process_type else c  # type: ignore[arg-type]
        for c in scene.configs
    ]
    return replace(scene, configs=configs)


SCENES = {
    "empty": empty,
    "never_synced": never_synced,
    "idle": idle,
    "running": running,
    "error": failing,
    "off": off,
    "blocked": blocked,
    "paused": paused,
    "waiting": waiting,
    "downtime": downtime,
    "interrupted": interrupted,
    "both": both,
    "hostile": hostile,
}
