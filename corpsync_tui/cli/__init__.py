"""The commands: parse, call one function of the layers below, print.

Starting must stay cheap: textual, httpx, keyring, logging and the database are imported by the
command that needs them, inside its `run`.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import cast

from corpsync_tui.cli import output
from corpsync_tui.cli.command import UsageError
from corpsync_tui.errors import CorpsyncError, SettingsError
from corpsync_tui.settings import Settings, load_settings

sys.modules.setdefault("httpx._main", cast(ModuleType, None))  # a module that cannot be imported
"""httpx brings a command line of its own, with click and pygments, wherever click is installed:
3 MiB and a thirtieth of each start. It does without where it cannot be had."""

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; return its exit code. Never raises, never prints a traceback."""
    output.prepare_streams()
    code = FAILED
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        output.flush()
    except BrokenPipeError:  # `| head` has read what it wanted
        output.abandon()
        return DONE
    except OSError as error:
        output.abandon()
        if error.errno != errno.EIO:  # else the terminal was closed meanwhile
            output.complain(f"the output is not whole: {error.strerror}")
            return code or FAILED
    return code


def _run(arguments: Sequence[str]) -> int:
    from corpsync_tui.cli.parser import parse

    settings: Settings | None = None
    try:
        command, options = parse(arguments)
        if command is None:
            return DONE
        settings = load_settings(os.environ)
        output.be_quiet(quiet=options.quiet)
        for sentence in settings.retired:
            output.tell(sentence)
        if command.works or options.verbose:
            from corpsync_tui.cli import logs

            logs.start(settings, verbose=options.verbose)
        return command.run(options, settings)
    except (UsageError, SettingsError) as error:
        output.complain(str(error))
        return MISUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except (BrokenPipeError, output.OutputError):
        raise
    except Exception as error:
        return _failed(error, settings)


def _failed(error: Exception, settings: Settings | None) -> int:
    """Say what ended a command, and log it: in full where corpsync cannot explain it."""
    from corpsync_tui.cli import logs

    if settings is not None and not logs.is_started():
        logs.start(settings)
    logs.failure(error)
    if isinstance(error, CorpsyncError):
        output.complain(error.message)
    else:
        output.complain(f"internal error: {_brief(error)}; {logs.whereabouts()}")
    return FAILED


def _brief(error: Exception) -> str:
    """What the system says, else the type alone: a foreign error's text may hold anything."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return type(error).__name__
