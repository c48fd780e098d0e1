"""Kinds of arguments: each turns text into a value, or says what would be right."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from contextlib import suppress

from corpsync_tui.catalog_index import entries
from corpsync_tui.cli.command import UsageError
from corpsync_tui.cli.suggest import unknown
from corpsync_tui.settings.keys import MAX_INTERVAL


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
    if not (text.isdecimal() and text.isascii()) or not 0 < int(text) < 2**31:
        raise ArgumentTypeError(f"{text!r} is no whole number above zero")
    return int(text)


def interval(text: str) -> int:
    """Whole minutes that a process's interval may have."""
    if not (text.isdecimal() and text.isascii()) or not 0 < int(text) <= MAX_INTERVAL:
        raise ArgumentTypeError(f"{text!r} is no interval: whole minutes, 1 to {MAX_INTERVAL:,}")
    return int(text)


UNITS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def moment(text: str) -> Callable[[float], float]:
    """A moment in Unix seconds, asked with the time now; all hours are EVE time.

    `7d` before now, `tue 20:00` the last one, `2026-11-24T14:05`, or Unix seconds themselves.
    """
    if found := re.fullmatch(r"([0-9]{1,5})([mhdw])", text):
        seconds = int(found[1]) * UNITS[found[2]]
        return lambda now: now - seconds
    if re.fullmatch(r"[0-9]{9,11}(\.[0-9]+)?", text):
        return lambda _: float(text)
    if found := re.fullmatch(r"([a-z]{3})[a-z]* ([01]?[0-9]|2[0-3]):([0-5][0-9])", text.lower()):
        if found[1] in WEEKDAYS:
            day, minutes = WEEKDAYS.index(found[1]), int(found[2]) * 60 + int(found[3])
            return lambda now: _last(day, minutes, now)
    elif re.match(r"[0-9]{4}-", text):
        from datetime import UTC, datetime

        with suppress(ValueError):
            found_at = datetime.fromisoformat(text)
            stamp = (found_at if found_at.tzinfo else found_at.replace(tzinfo=UTC)).timestamp()
            return lambda _: stamp
    right = "it must be like 12h, 3d, tue 20:00, 2026-11-24, 2026-11-24T14:05 or Unix seconds"
    raise ArgumentTypeError(f"{text!r} is no time; {right}")


def month(text: str) -> str:
    """A month of EVE time, such as `2026-11`."""
    found = re.fullmatch(r"(2[0-9]{3})-(0[1-9]|1[0-2])", text)
    if found is None:
        raise ArgumentTypeError(f"{text!r} is no month; it must be like 2026-11")
    return text


def _last(weekday: int, minutes: int, now: float) -> float:
    """The last moment of this weekday (0 is Monday) at so many minutes after midnight."""
    midnight = now - now % UNITS["d"]
    today = (int(midnight // UNITS["d"]) + 3) % 7  # 1 January 1970 was a Thursday
    found = midnight - (today - weekday) % 7 * UNITS["d"] + minutes * 60
    return found if found <= now else found - UNITS["w"]
