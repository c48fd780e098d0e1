"""Kinds of arguments: each turns text into a value, or says what would be right."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from collections.abc import Callable

from corpsync_tui.settings.keys import PROCESS_TYPES


def process(text: str) -> str:
    """A process type, or a process id such as `98000001/members`."""
    corporation, slash, process_type = text.rpartition("/")
    is_id = corporation.isdecimal() and corporation.isascii()
    if process_type not in PROCESS_TYPES or (slash and not is_id):
        known = ", ".join(PROCESS_TYPES)
        raise ArgumentTypeError(f"no process {text!r}: there are {known}, or 98000001/members")
    return text


def count(text: str) -> int:
    """A whole number above zero."""
    if not (text.isdecimal() and text.isascii()) or not 0 < int(text) < 2**31:
        raise ArgumentTypeError(f"{text!r} is no whole number above zero")
    return int(text)


UNITS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def since(text: str) -> Callable[[float], float]:
    """A moment: some time before now, or a date and hour in EVE time; asked with the time now."""
    found = re.fullmatch(r"([0-9]{1,5})([mhdw])", text)
    if found:
        seconds = int(found[1]) * UNITS[found[2]]
        return lambda now: now - seconds
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        right = "it must be like 12h, 3d, 2026-11-24 or 2026-11-24T14:05"
        raise ArgumentTypeError(f"{text!r} is no time; {right}") from None
    stamp = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return lambda _: stamp
