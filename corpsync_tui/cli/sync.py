"""`corpsync sync`: run processes once, now."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from corpsync_tui.cli import output
from corpsync_tui.cli.command import UsageError
from corpsync_tui.cli.logout import NOBODY
from corpsync_tui.cli.progress import Progress
from corpsync_tui.cli.signals import ENDING, HANG_UP, on_signals
from corpsync_tui.cli.summary import sentence
from corpsync_tui.errors import AuthError
from corpsync_tui.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from corpsync_tui.queries.records import RunRecord
    from corpsync_tui.workspace import Workspace

PATIENCE = 30.0
"""Seconds to wait for another `corpsync sync`."""
WELL = ("success", "current")


def run(options: Namespace, settings: Settings) -> int:
    """Run what is asked for; exit 0 only if all of it is success or current."""
    if not settings.database.exists():
        raise AuthError(NOBODY)
    runs = asyncio.run(_sync(settings, options.processes))
    if options.json:
        from corpsync_tui.queries.records import as_row

        output.document({"runs": [as_row(run) for run in runs]})
    else:
        output.lines(f"{'✓' if run.result in WELL else '✗'} {sentence(run)}" for run in runs)
    return 0 if all(run.result in WELL for run in runs) else 1


async def _sync(settings: Settings, asked: Sequence[str]) -> list[RunRecord]:
    from corpsync_tui.clock import Clock
    from corpsync_tui.workspace import Workspace

    opening = Workspace.open(
        settings, Clock(), command="corpsync sync", patience=await _patience(settings)
    )
    async with await opening as workspace:
        if not workspace.roster.characters:
            raise AuthError(NOBODY)
        process_ids = chosen(workspace, asked)
        workspace.resume_names()
        with Progress(workspace.state, process_ids):
            ended = await _all(workspace, process_ids)
        return [await _settled(workspace, run) for run in ended]


async def _patience(settings: Settings) -> float:
    """A sync waits for a sync, but not for the app or `run`."""
    from corpsync_tui.store.lock import holder

    other = await asyncio.to_thread(holder, settings.data_dir)
    return PATIENCE if other is not None and other.command == "corpsync sync" else 0.0


def chosen(workspace: Workspace, asked: Sequence[str]) -> list[str]:
    """The process ids that are meant, each once: as asked for, else in the order of the screen.

    Raises:
        UsageError: A process id is of no corporation that is known here.
    """
    types = [*workspace.processes]
    configs = sorted(
        (c for c in workspace.state.get_configs() if c.process_type in types),
        key=lambda c: (c.corporation_id, types.index(c.process_type)),
    )
    here = {character.corporation_id for character in workspace.roster.characters.values()}
    served = [config for config in configs if config.corporation_id in here]
    if not asked:
        return [config.process_id for config in served if config.enabled]
    known = {config.process_id for config in configs}
    wanted: list[str] = []
    for word in asked:
        if "/" in word and word not in known:
            raise UsageError(f"no process {word!r}: there are {', '.join(sorted(known))}")
        of_type = [config.process_id for config in served if config.process_type == word]
        wanted += [word] if "/" in word else of_type
    return list(dict.fromkeys(wanted))


async def _all(workspace: Workspace, process_ids: Sequence[str]) -> list[RunRecord]:
    """Run all of them, then wait for their names; a signal cancels what has not ended."""
    ending = asyncio.Event()
    on_signals((*ENDING, HANG_UP), ending.set)
    runs = asyncio.gather(*(_one(workspace, process_id) for process_id in process_ids))
    signalled: asyncio.Future[Any] = asyncio.ensure_future(ending.wait())
    ended: asyncio.Future[Any] = runs
    await asyncio.wait([ended, signalled], return_when=asyncio.FIRST_COMPLETED)
    if not ended.done():
        await workspace.scheduler.stop()
    records = await runs
    names: asyncio.Future[Any] = asyncio.ensure_future(workspace.names.settled())
    await asyncio.wait([names, signalled], return_when=asyncio.FIRST_COMPLETED)
    names.cancel()
    signalled.cancel()
    return records


async def _one(workspace: Workspace, process_id: str) -> RunRecord:
    asked = await workspace.scheduler.run_process_now(process_id)
    if asked.kind == "current":
        return _not_run(workspace, process_id, "current", asked.current_until)
    run = await workspace.scheduler.finished(process_id)
    return run or _not_run(workspace, process_id, "cancelled", None)


def _not_run(
    workspace: Workspace, process_id: str, result: Any, current_until: datetime | None
) -> RunRecord:
    """The answer for a process that did not run: it has no row in the history."""
    from corpsync_tui.queries.records import RunRecord

    status = workspace.state.get_status(process_id)
    return RunRecord(
        None,
        process_id,
        status.process_type,
        status.corporation_id,
        "manual",
        workspace.clock.now(),
        0.0,
        result,
        current_until=current_until,
    )


async def _settled(workspace: Workspace, run: RunRecord) -> RunRecord:
    """The run as the history has it now: names were asked for after its end."""
    if run.id is None:
        return run
    (last, *_) = await workspace.state.get_sync_history(run.process_id, limit=1)
    return replace(run, requests_sent=last.requests_sent) if last.id == run.id else run
