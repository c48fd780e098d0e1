"""Reading ESI's headers, which may be missing, wrong or absurd."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache

MOST_PAGES = 10_000
"""X-Pages above this is taken for a mistake: no data set is that long."""
LONGEST_CACHE = 86_400
"""Seconds to which an expiry is cut, unless the route's own cache time is longer."""
CLOCKS_AGREE = 2.0
"""Seconds by which the Date of an answer may differ from this clock unnoticed."""

_LIMIT = re.compile(r"(\d{1,9})/(\d{1,6})([smhd]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def plain(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by their names in lower case; one that came several times is joined by commas."""
    found: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


@lru_cache(maxsize=256)
def moment(text: str | None) -> float | None:
    """An HTTP date as Unix seconds; None where it is none."""
    if not text:
        return None
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def whole(text: str | None) -> int | None:
    """A whole number, not negative; None where it is none."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def pages(headers: Mapping[str, str]) -> int | None:
    """X-Pages; None where it is missing, or no count that a data set can have."""
    count = whole(headers.get("x-pages"))
    return count if count and count <= MOST_PAGES else None


def expiry(headers: Mapping[str, str], now: float, cache_seconds: int) -> float:
    """Until when the copy is current, in this clock's Unix seconds.

    From Expires, else max-age, else the route's cache time; an Expires that is past already
    says nothing. A clock that disagrees with the Date of the answer is made up for.
    """
    seconds = _lifetime(headers, now)
    if seconds is None:
        seconds = cache_seconds
    return now + min(seconds, max(LONGEST_CACHE, cache_seconds))


def _lifetime(headers: Mapping[str, str], now: float) -> float | None:
    date = moment(headers.get("date"))
    if date is None or abs(date - now) <= CLOCKS_AGREE:
        date = now
    expires = moment(headers.get("expires"))
    if expires is not None and expires > date:
        return expires - date
    age = re.search(r"max-age=(\d{1,9})\b", headers.get("cache-control", ""))
    return float(age[1]) if age and int(age[1]) > 0 else None


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that the server names, from a number or a date; None where it names none."""
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        until = moment(text)
        seconds = math.nan if until is None else until - (moment(headers.get("date")) or now)
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What the X-Ratelimit headers tell of a bucket."""

    group: str | None
    limit: int | None
    window: int | None
    """Seconds."""
    remaining: int | None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> RateLimit:
        """Read the headers; what is missing or absurd is None."""
        limit, window = _limit_and_window(headers.get("x-ratelimit-limit", ""))
        remaining = whole(headers.get("x-ratelimit-remaining"))
        used = whole(headers.get("x-ratelimit-used"))
        if remaining is None and used is not None and limit is not None:
            remaining = max(0, limit - used)
        return cls(headers.get("x-ratelimit-group") or None, limit, window, remaining)


@lru_cache(maxsize=256)
def _limit_and_window(text: str) -> tuple[int | None, int | None]:
    """`600/15m` as tokens and seconds; the same words come with every answer."""
    told = _LIMIT.fullmatch(text.strip())
    if told is None:
        return None, None
    return int(told[1]) or None, int(told[2]) * _UNITS[told[3]] or None
