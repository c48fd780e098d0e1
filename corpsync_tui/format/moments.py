"""Moments as directors write them: `7d`, `tue 20:00`, a date. All hours are EVE time."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

UNITS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EXAMPLES = "12h, 3d, tue 20:00, 2026-11-24, 2026-11-24T14:05 or Unix seconds"


def parse_moment(text: str) -> Callable[[float], float]:
    """A moment in Unix seconds, asked with the time now.

    `7d` before now, `tue 20:00` the last one, `2026-11-24T14:05`, or Unix seconds themselves.
    Raises ValueError, whose text says what would be right.
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
    raise ValueError(f"{text!r} is no time; it must be like {EXAMPLES}")


def _last(weekday: int, minutes: int, now: float) -> float:
    """The last moment of this weekday (0 is Monday) at so many minutes after midnight."""
    midnight = now - now % UNITS["d"]
    today = (int(midnight // UNITS["d"]) + 3) % 7  # 1 January 1970 was a Thursday
    found = midnight - (today - weekday) % 7 * UNITS["d"] + minutes * 60
    return found if found <= now else found - UNITS["w"]
