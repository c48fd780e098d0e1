"""Kinds of arguments: each turns text into a value, or says what would be right."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path

from corpsync_tui.catalog_index import entries
from corpsync_tui.cli.command import UsageError
from corpsync_tui.cli.suggest import unknown
from corpsync_tui.format.moments import parse_moment
from corpsync_tui.settings.keys import MAX_INTERVAL
from corpsync_tui.text import one_line

MOST = 2**31 - 1
"""The largest count or id of a corporation that can be asked for."""


def process(text: str) -> str:
    """A process type, or a process id such as `98000001/members`."""
    corporation, slash, process_type = text.rpartition("/")
    is_id = corporation.isdecimal() and corporation.isascii()
    if process_type not in entries() or (slash and not is_id):
        raise UsageError(unknown("process", text, (*entries(), "98000001/members")))
    return text


def process_types(text: str) -> list[str]:
    """Process types with commas between them."""
    types = [part.strip() for part in text.split(",")]
    for process_type in types:
        if process_type not in entries():
            raise UsageError(unknown("process", process_type, entries()))
    return types


def count(text: str) -> int:
    """A whole number above zero."""
    number = _number(text)
    if not 0 < number <= MOST:
        raise ArgumentTypeError(f"{_shown(text)} is no whole number from 1 to {MOST:,}")
    return number


def interval(text: str) -> int:
    """Whole minutes that a process's interval may have."""
    number = _number(text)
    if not 0 < number <= MAX_INTERVAL:
        raise ArgumentTypeError(
            f"{_shown(text)} is no interval: whole minutes, 1 to {MAX_INTERVAL:,}"
        )
    return number


def _number(text: str) -> int:
    """A whole number; 0 where the text is none, or more than any that is asked for."""
    digits = text.lstrip("0")
    is_number = digits.isdecimal() and digits.isascii() and len(digits) <= len(f"{MOST}")
    return int(digits) if is_number else 0


def _shown(text: str) -> str:
    """What was typed, as far as anybody reads it."""
    return repr(one_line(text, 40))


def file(text: str) -> Path:
    """A path that ends in a name, as no file can do without: not `/`, `.` or nothing at all."""
    if not Path(text).name:
        raise ArgumentTypeError(f"{text!r} names no file")
    return Path(text)


def moment(text: str) -> Callable[[float], float]:
    """A moment in Unix seconds, asked with the time now, as `parse_moment` reads it."""
    try:
        return parse_moment(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def month(text: str) -> str:
    """A month of EVE time, such as `2026-11`."""
    found = re.fullmatch(r"(2[0-9]{3})-(0[1-9]|1[0-2])", text)
    if found is None:
        raise ArgumentTypeError(f"{text!r} is no month; it must be like 2026-11")
    return text
