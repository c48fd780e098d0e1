"""The log: one rotating file, without secrets, made when there is something to write."""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from copy import copy
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from corpsync_tui.errors import CorpsyncError
from corpsync_tui.settings import Settings, private_folder
from corpsync_tui.text import printable

FILE_SIZE = 2_000_000
"""Bytes of one log file before a new one is begun."""
KEPT_FILES = 4
"""Older log files that are kept."""

_log = logging.getLogger("corpsync_tui")
_file: Path | None = None
_verbose = False

_SECRETS = re.compile(
    r"(?i)(?:(?<=bearer )|(?<=basic )|(?<=\bcode=)|(?<=\bstate=)|(?<=_verifier=)"
    r"|(?<=_challenge=)|(?<=_token=))[^&\s'\",;]+"
)
"""What stands behind the words that introduce a secret."""


def redacted(text: str) -> str:
    """The text with everything that looks like a token, code or verifier struck out."""
    from corpsync_tui.esi.secret import STRUCK_OUT, conceal  # late: only where something is logged

    return _SECRETS.sub(STRUCK_OUT, conceal(text))


class Formatter(logging.Formatter):
    """One event a line, in UTC; tracebacks follow. Neither secrets nor control characters."""

    @staticmethod
    def converter(seconds: float | None) -> time.struct_time:
        """The time in UTC."""
        return time.gmtime(seconds)

    def __init__(self, *, tracebacks: bool = True) -> None:
        super().__init__(
            "%(asctime)s %(levelname)-7s %(name)s: %(message)s", datefmt="%Y-%m-%dT%H:%M:%SZ"
        )
        self._tracebacks = tracebacks

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """The first line, which stays one line whatever it holds."""
        return printable(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        """Format, strike out secrets, and make every line harmless to look at."""
        if not self._tracebacks:
            record = copy(record)
            record.exc_info = record.exc_text = record.stack_info = None
        return "\n".join(map(printable, redacted(super().format(record)).split("\n")))


class LogFile(RotatingFileHandler):
    """The file and its folder are made at the first record, for their owner alone."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            file, maxBytes=FILE_SIZE, backupCount=KEPT_FILES, encoding="utf-8", delay=True
        )

    def _open(self) -> TextIOWrapper:
        file = Path(self.baseFilename)
        private_folder(file.parent)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record; a log that cannot be written never stops corpsync."""
        try:
            super().emit(record)
        except Exception:  # the folder is gone or full: there is no place left to tell it
            self.stream = None  # opened anew at the next record


def start(settings: Settings, *, verbose: bool = False) -> None:
    """Send the log to its file, and to stderr where the command is to be verbose."""
    global _file, _verbose  # noqa: PLW0603 - one process, one log
    if _file == settings.log_file:
        return
    _file = settings.log_file
    logging.raiseExceptions = False  # a log that cannot be written is no fault of the command
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    file = LogFile(_file)
    file.setFormatter(Formatter())
    root.addHandler(file)
    root.setLevel(logging.WARNING)
    _verbose = verbose
    set_level(settings)
    if verbose:
        to_stderr()


def is_started() -> bool:
    """Whether the log has its file."""
    return _file is not None


def set_level(settings: Settings) -> None:
    """Log as much as the settings say, or everything where the command is to be verbose."""
    _log.setLevel("DEBUG" if _verbose else settings.log_level.upper())


def to_stderr() -> None:
    """Show log lines on stderr as well, without tracebacks."""
    root = logging.getLogger()
    if not _on_stderr(root):
        stream = logging.StreamHandler(sys.stderr)
        stream.setFormatter(Formatter(tracebacks=False))
        root.addHandler(stream)


def _on_stderr(root: logging.Logger) -> list[logging.Handler]:
    return [handler for handler in root.handlers if type(handler) is logging.StreamHandler]


def leave_stderr() -> None:
    """Show no more log lines on stderr: it is told otherwise, or painted on."""
    for handler in _on_stderr(root := logging.getLogger()):
        root.removeHandler(handler)


def failure(error: Exception) -> None:
    """Log what ended a command, in full where corpsync cannot explain it; stderr is told apart."""
    leave_stderr()
    if not is_started():
        return  # logging's own last resort would print it
    if isinstance(error, CorpsyncError):
        _log.info("%s: %s", type(error).__name__, error.message)
        _log.debug("in full:", exc_info=error)
    else:
        _log.error("%s", type(error).__name__, exc_info=error)


def whereabouts() -> str:
    """Where the log is, for a sentence."""
    return f"the log tells more: {_file}" if _file is not None else "there is no log yet"
