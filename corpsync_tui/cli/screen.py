"""The app on a terminal: what may keep it from one, and how it is shown."""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from corpsync_tui.cli import output
from corpsync_tui.cli.command import UsageError
from corpsync_tui.errors import HeldError
from corpsync_tui.settings import Settings, create_folders

if TYPE_CHECKING:
    from corpsync_tui.tui.app import CorpsyncApp

MALLOC = {-8: 1, -3: 128 * 1024, -1: 128 * 1024}
"""`M_ARENA_MAX`, `M_MMAP_THRESHOLD` and `M_TRIM_THRESHOLD`, in bytes."""
NO_TERMINAL = "the app needs a terminal; to keep everything current without one: corpsync run"


def require_terminal(*streams: TextIO | None) -> None:
    """Raise `UsageError` unless all of these streams are a terminal."""
    if not all(output.is_terminal(stream) for stream in streams):
        raise UsageError(NO_TERMINAL)


def show(settings: Settings, *, watch: bool = False, demo: bool = False) -> tuple[int, str | None]:
    """Show the app on a data folder until it is left; its exit code and result.

    Raises:
        HeldError: Another corpsync holds the folder, and `watch` does not say to watch it.
        DatabaseError: The folder cannot be written to.
        UsageError: Textual's output, which is stderr, is no terminal.
    """
    from corpsync_tui.store.connections import is_there

    if watch and is_there(settings.database):
        refuse_version(settings)
    else:
        refuse_second(settings)
    require_terminal(sys.stderr)
    create_folders(settings)
    save_memory()
    gc.disable()  # until the app is open: what starting makes is there to stay
    from corpsync_tui.cli import logs
    from corpsync_tui.clock import Clock
    from corpsync_tui.tui.app import CorpsyncApp
    from corpsync_tui.tui.opening import open_later

    logs.leave_stderr()
    clock = Clock()
    app = CorpsyncApp(open_later(settings, clock), clock=clock, demo=demo)
    result = app.run()
    return exit_code(app), result


def save_memory() -> None:
    """Let all threads share one heap, and give large blocks back at once, where glibc is.

    Each thread else keeps a heap of its own, with what one answer or one sorting took: 14 MiB
    more once half a million rows were sorted (mallopt(3); `tests.benchmarks data_screen`).
    """
    import ctypes

    with suppress(OSError, AttributeError, TypeError):  # no glibc
        mallopt = ctypes.CDLL(None).mallopt
        for option, value in MALLOC.items():
            mallopt(option, value)


def exit_code(app: CorpsyncApp) -> int:
    """What the app left with; 1 where it ended without having been left."""
    return 1 if app.return_code is None else app.return_code


def refuse_version(settings: Settings) -> None:
    """Raise `DatabaseError` where another corpsync holds a database of another version."""
    from corpsync_tui.store.lock import HOLDER_NAME, holder

    if (settings.data_dir / HOLDER_NAME).exists() and holder(settings.data_dir) is not None:
        from corpsync_tui.store.opening import check_readable

        check_readable(settings.database)


def refuse_second(settings: Settings) -> None:
    """Raise `HeldError` where another corpsync holds the folder, before anything is painted.

    One that has left no word yet is met when the workspace takes the lock.
    """
    from corpsync_tui.store.lock import HOLDER_NAME, holder

    if not (settings.data_dir / HOLDER_NAME).exists():
        return
    other = holder(settings.data_dir)
    if other is not None:
        raise HeldError(other.sentence())
