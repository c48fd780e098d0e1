"""Reading ESI's headers, which may be missing, wrong or absurd."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache

MOST_PAGES = 100_000
"""X-Pages above this is taken for a mistake: no data set is that long."""
LONGEST_CACHE = 86_400
"""Seconds above which an expiry is not believed, unless the route's own cache time is longer."""
CLOCKS_AGREE = 2.0
"""Seconds by which the Date of an answer may differ from this clock unnoticed."""
CLOCKS_DIFFER = 366 * 86_400.0
"""Seconds above which the Date of an answer is taken for a mistake, not for a wrong clock here."""
AHEAD = 300.0
"""Seconds by which a Last-Modified may be ahead of the answer's Date and still be believed."""

_ENTITY_TAG = re.compile(r'(?:W/)?"[!#-~]{0,500}"|[!#-+\--~]{1,500}')
"""One tag as RFC 9110 writes it, or bare; what is beyond ASCII could not be sent back."""
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
    """X-Pages; None where it is missing, 0 where it is no count that a data set can have."""
    if "x-pages" not in headers:
        return None
    count = whole(headers["x-pages"]) or 0
    return count if count <= MOST_PAGES else 0


def entity_tag(text: str | None) -> str | None:
    """An ETag that can be sent back; None where it is missing or absurd."""
    return text if text and _ENTITY_TAG.fullmatch(text) else None


def date(headers: Mapping[str, str], now: float) -> float | None:
    """When ESI answered by its own clock, in Unix seconds; None where it does not say."""
    answered = moment(headers.get("date"))
    return answered if answered is not None and abs(answered - now) <= CLOCKS_DIFFER else None


def last_modified(headers: Mapping[str, str], now: float) -> str | None:
    """Last-Modified; None where it is missing, no date, or later than the answer itself."""
    text = headers.get("last-modified")
    answered = date(headers, now)
    return text if is_believable(text, now if answered is None else answered) else None


def is_believable(text: str | None, now: float) -> bool:
    """Whether a Last-Modified is a date that is not ahead of `now`, but for a few minutes."""
    modified = moment(text)
    return modified is not None and modified <= now + AHEAD


def is_current(expires: float, now: float, cache_seconds: int) -> bool:
    """Whether a copy that expires then need not be asked for; an absurd expiry does not count."""
    return 0 < expires - now <= max(LONGEST_CACHE, cache_seconds)


def expiry(headers: Mapping[str, str], now: float, cache_seconds: int) -> float:
    """Until when the copy is current, in this clock's Unix seconds.

    From Expires, else max-age, else the route's cache time; an Expires that is past already or
    absurdly far away says nothing. A clock that disagrees with the answer's Date is made up for.
    """
    longest = max(LONGEST_CACHE, cache_seconds)
    believed = (seconds for seconds in _lifetimes(headers, now) if 0 < seconds <= longest)
    return now + next(believed, cache_seconds)


def _lifetimes(headers: Mapping[str, str], now: float) -> Iterator[float]:
    answered = date(headers, now)
    if answered is None or abs(answered - now) <= CLOCKS_AGREE:
        answered = now
    expires = moment(headers.get("expires"))
    if expires is not None:
        yield expires - answered
    age = re.search(r"max-age=(\d{1,9})\b", headers.get("cache-control", ""))
    if age:
        yield float(age[1])


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
    """What the X-Ratelimit headers say of a bucket."""

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
    match = _LIMIT.fullmatch(text.strip())
    if match is None:
        return None, None
    return int(match[1]) or None, int(match[2]) * _UNITS[match[3]] or None
