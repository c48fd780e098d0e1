"""What a command prints: data on stdout, everything else on stderr, as UTF-8.

A stream may be closed or gone; then there is nobody to tell, and nothing fails.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any

from corpsync_tui.text import printable

WIDTH = 80
"""Columns that a line for a reader may take."""
_TONES = {"good": "32", "bad": "31", "warn": "33", "busy": "36"}
"""What a terminal is sent for each tone: colours of its own palette."""
_quiet = False


class OutputError(OSError):
    """Stdout took no more: a full disk behind it, or a terminal that was closed."""


@contextmanager
def writing() -> Iterator[None]:
    """What fails in here is stdout's fault, and no error of corpsync.

    Raises:
        OutputError: In place of any other but a broken pipe.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(error.errno, error.strerror) from error


def prepare_streams() -> None:
    """Write UTF-8 wherever the output goes, whatever the locale says."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def be_quiet(*, quiet: bool) -> None:
    """Keep `tell` silent from now on, or not."""
    global _quiet  # noqa: PLW0603 - one command line, one voice
    _quiet = quiet


def is_quiet() -> bool:
    """Whether only errors are shown."""
    return _quiet


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether somebody may be looking; a closed stream is no terminal."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def line(text: str, tone: str = "") -> None:
    """Print one line of data: in the tone's colour where somebody looks and wants colour."""
    colour = _TONES.get(tone) if _wants_colour() else None
    put(f"\x1b[{colour}m{printable(text)}\x1b[0m\n" if colour else f"{printable(text)}\n")


def put(text: str) -> None:
    """Print text as it is; a closed stdout swallows it."""
    with writing():
        print(text, end="")


def _wants_colour() -> bool:
    """As no-color.org says, and only on a terminal that knows colours."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not plain and is_terminal(sys.stdout)


def lines(texts: Iterable[str]) -> None:
    """Print lines of data."""
    for text in texts:
        line(text)


def below(text: str) -> list[str]:
    """What is said of the line above, indented, in lines of at most 80 columns."""
    from textwrap import wrap

    return wrap(printable(text), WIDTH, initial_indent="   ", subsequent_indent="   ")


def document(value: object) -> None:
    """Print exactly one JSON document.

    What could steer a terminal stands in it as `\\u….`, which is the same value.
    """
    import json

    text = json.dumps(value, ensure_ascii=False, indent=2)
    put((text if text.replace("\n", "").isprintable() else escaped(text)) + "\n")


def escaped(text: str) -> str:
    """JSON text with each unprintable character of its strings as an escape."""
    return "".join(c if c.isprintable() or c == "\n" else _escape(c) for c in text)


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def tell(text: str) -> None:
    """Say something beside the data, unless asked to be quiet."""
    if not _quiet:
        _on_stderr(printable(text))


def notify_terminal(sequence: str) -> None:
    """Write an escape sequence to the terminal that stderr is."""
    with suppress(OSError, ValueError):
        sys.stderr.write(sequence)
        sys.stderr.flush()


def complain(text: str) -> None:
    """Say what went wrong, in one line."""
    _on_stderr(f"corpsync: {printable(text)}")


def _on_stderr(text: str) -> None:
    try:
        print(text, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        return


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int] = ()
) -> list[str]:
    """Rows as aligned lines below their header; all text passes the border to the terminal.

    `right` numbers the columns that stand right-aligned, from 0.
    """
    cells = [[printable(cell) for cell in row] for row in (header, *rows)]
    widths = [max(_width(row[i]) for row in cells) for i in range(len(header))]
    return [
        "  ".join(_padded(cell, widths[i], right=i in right) for i, cell in enumerate(row)).rstrip()
        for row in cells
    ]


def _padded(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space


def _width(text: str) -> int:
    """Columns the text takes: East Asian wide characters take two."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def flush() -> None:
    """Hand everything over now, so that a broken pipe is met here and not at the exit."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()


def abandon() -> None:
    """Nobody reads any more: send what is still buffered nowhere."""
    target: Any = sys.stdout
    if target is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, target.fileno())
