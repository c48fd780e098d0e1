"""`corpsync sync`: run processes once, now."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from corpsync_tui.cli import output
from corpsync_tui.cli.command import UsageError
from corpsync_tui.cli.logout import NOBODY
from corpsync_tui.cli.progress import Progress
from corpsync_tui.cli.signals import ENDING, HANG_UP, on_signals
from corpsync_tui.cli.suggest import unknown
from corpsync_tui.cli.summary import sentence
from corpsync_tui.errors import AuthError, CorpsyncError, HeldError, HolderGoneError
from corpsync_tui.settings import Settings

if TYPE_CHECKING:
    from corpsync_tui.queries.records import RunRecord
    from corpsync_tui.service.local import LocalService
    from corpsync_tui.store.lock import Holder
    from corpsync_tui.workspace import Workspace

SYNC = "corpsync sync"
"""What a holder is called that only syncs."""
PATIENCE = 30.0
"""Seconds to wait for another `corpsync sync`."""
NOWHERE = (
    "Whoever is logged in is of no corporation that is known here: corpsync login asks ESI again."
)
ENDING_PATIENCE = 5.0
"""Seconds after a signal in which a holder may say how the runs ended that it has cancelled."""
WELL = ("success", "current")


def run(options: Namespace, settings: Settings) -> int:
    """Run what is asked for; exit 0 only if all of it is success or current."""
    from corpsync_tui.store.connections import is_there

    if not is_there(settings.database):
        raise AuthError(NOBODY)
    runs = asyncio.run(_sync(settings, options.processes))
    if options.json:
        from corpsync_tui.queries.records import as_row

        output.document({"runs": [as_row(run) for run in runs]})
    else:
        output.lines(f"{'✓' if run.result in WELL else '✗'} {sentence(run)}" for run in runs)
    if not runs:
        output.tell("No process is on.")
    return 0 if all(run.result in WELL for run in runs) else 1


async def _sync(settings: Settings, asked: Sequence[str]) -> list[RunRecord]:
    """The runs, of this process or of the one that holds the folder."""
    other = await _other(settings)
    try:
        return await _sync_beside(other, settings, asked)
    except HeldError:
        if other is not None:
            raise
    return await _sync_beside(await _other(settings), settings, asked)  # both began at once


async def _sync_beside(
    other: Holder | None, settings: Settings, asked: Sequence[str]
) -> list[RunRecord]:
    from corpsync_tui.clock import Clock
    from corpsync_tui.service.holder import served
    from corpsync_tui.service.remote import RemoteService
    from corpsync_tui.workspace import Workspace

    clock = Clock()
    if other is not None and other.command != SYNC:
        with suppress(HolderGoneError):
            opening = Workspace.open(settings, clock, command=SYNC, hold=False)
            async with await opening as workspace:
                remote = RemoteService(workspace, other)
                await remote.start()  # for its progress
                try:
                    return await _run_all(workspace, remote, asked)
                finally:
                    await remote.close()
    patience = PATIENCE if other is not None and other.command == SYNC else 0.0
    opening = Workspace.open(settings, clock, command=SYNC, patience=patience)
    async with await opening as workspace, served(workspace) as service:
        workspace.resume_names()
        return await _run_all(workspace, service, asked)


async def _other(settings: Settings) -> Holder | None:
    from corpsync_tui.store.lock import holder

    return await asyncio.to_thread(holder, settings.data_dir)


async def _run_all(
    workspace: Workspace, service: LocalService, asked: Sequence[str]
) -> list[RunRecord]:
    if not workspace.roster.characters:
        raise AuthError(NOBODY)
    process_ids = chosen(workspace, asked)
    with Progress(service, process_ids):
        ended = await _all(workspace, service, process_ids)
    return [await service.recorded(run) for run in ended]


def chosen(workspace: Workspace, asked: Sequence[str]) -> list[str]:
    """The process ids that are meant, each once: as asked for, else in the order of the screen.

    Raises:
        AuthError: Nobody who is logged in serves a type that is asked for.
        UsageError: A process id is of no corporation that is known here.
    """
    types = [*workspace.processes]
    configs = sorted(
        (c for c in workspace.state.get_configs() if c.process_type in types),
        key=lambda c: (c.corporation_id, types.index(c.process_type)),
    )
    here = {character.corporation_id for character in workspace.roster.characters.values()}
    served = [config for config in configs if config.corporation_id in here]
    if not served and not any("/" in word for word in asked):
        raise AuthError(NOWHERE)
    if not asked:
        return [config.process_id for config in served if config.enabled]
    known = {config.process_id for config in configs}
    wanted: list[str] = []
    for word in asked:
        if "/" in word and word not in known:
            raise UsageError(unknown("process", word, sorted(known)))
        of_type = [config.process_id for config in served if config.process_type == word]
        if "/" not in word and not of_type:
            raise AuthError(f"No corporation whose member is logged in has a process {word}.")
        wanted += [word] if "/" in word else of_type
    return list(dict.fromkeys(wanted))


async def _all(
    workspace: Workspace, service: LocalService, process_ids: Sequence[str]
) -> list[RunRecord]:
    """Run all of them, then wait for their names; a signal cancels what has not ended."""
    ending = asyncio.Event()
    on_signals((*ENDING, HANG_UP), ending.set)
    runs = asyncio.gather(*(service.run_to_end(process_id) for process_id in process_ids))
    signalled: asyncio.Future[Any] = asyncio.ensure_future(ending.wait())
    ended: asyncio.Future[Any] = runs
    await asyncio.wait([ended, signalled], return_when=asyncio.FIRST_COMPLETED)
    if not ended.done():
        await workspace.scheduler.stop()
        await asyncio.gather(*(service.cancel(process_id) for process_id in process_ids))
        await asyncio.wait([ended], timeout=ENDING_PATIENCE)
        if not ended.done():
            raise CorpsyncError("How the runs ended is not known: see corpsync history.")
    records = await runs
    names: asyncio.Future[Any] = asyncio.ensure_future(workspace.names.settled())
    await asyncio.wait([names, signalled], return_when=asyncio.FIRST_COMPLETED)
    names.cancel()
    signalled.cancel()
    return records
