"""The commands: parse, call one function of the layers below, print.

Starting must stay cheap: textual, httpx, keyring and the database are imported by the command
that needs them, inside its `run`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from corpsync_tui.cli import logs, output
from corpsync_tui.cli.command import UsageError
from corpsync_tui.errors import CorpsyncError, SettingsError

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; return its exit code. Never raises, never prints a traceback."""
    output.prepare_streams()
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        output.flush()
    except BrokenPipeError:  # `| head` has read what it wanted
        output.abandon()
        return DONE
    return code


def _run(arguments: Sequence[str]) -> int:
    try:
        return _command(arguments)
    except (UsageError, SettingsError) as error:
        output.complain(str(error))
        return MISUSED
    except CorpsyncError as error:
        logs.failure(error)
        output.complain(error.message)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:
        logs.failure(error)
        output.complain(f"internal error: {_brief(error)}; {logs.whereabouts()}")
        return FAILED


def _command(arguments: Sequence[str]) -> int:
    from corpsync_tui.cli.parser import parse

    command, options = parse(arguments)
    if command is None:
        return DONE
    from corpsync_tui.settings import load_settings

    settings = load_settings(os.environ)
    logs.start(settings, verbose=options.verbose)
    output.be_quiet(quiet=options.quiet)
    return command.run(options, settings)


def _brief(error: Exception) -> str:
    """The type alone: the text of a foreign error may hold anything."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return type(error).__name__
