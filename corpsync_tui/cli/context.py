"""The corporation and the moment that a command is about."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from corpsync_tui.cli import output
from corpsync_tui.cli.command import UsageError
from corpsync_tui.settings import Settings

if TYPE_CHECKING:
    from corpsync_tui.boards.kit.board import BoardContext


@contextmanager
def opened_context(
    options: Namespace, settings: Settings, tables: Sequence[str] = ()
) -> Iterator[BoardContext]:
    """What boards read from, as `--corporation` and `--at` say.

    Empty tables where there is no database yet. `tables` are those whose past `--at` shows.
    """
    from corpsync_tui.boards.kit.board import BoardContext
    from corpsync_tui.clock import Clock
    from corpsync_tui.queries.as_of import show_past
    from corpsync_tui.store.reference import Attached
    from corpsync_tui.upkeep.export import opened, sources

    with opened(settings.database) as db:
        Attached(settings.reference).renew(db)
        known = check_corporation(db, options)
        corporation_id = options.corporation or next(iter(known), 0)
        if len(known) > 1 and options.corporation is None:
            output.tell(f"Of corporation {corporation_id}; --corporation chooses another.")
        now = Clock().time()
        if getattr(options, "at", None) is None:
            yield BoardContext(db, corporation_id, now, settings.boards)
            return
        then = min(now, options.at(now))
        past = [sources()[name].table for name in tables]
        show_past(db, [table for table in past if table is not None], then, corporation_id)
        yield BoardContext(db, corporation_id, then, settings.boards, is_past=True)


def check_corporation(db: Any, options: Namespace) -> Sequence[int]:
    """The corporations that the file holds data of.

    Raises:
        UsageError: `--corporation` names another.
    """
    from corpsync_tui.boards.kit.read import corporations

    known = corporations(db)
    if options.corporation is not None and options.corporation not in known:
        raise UsageError(f"no data of corporation {options.corporation}")
    return known
