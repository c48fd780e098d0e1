"""Moments and lengths of time as they are read. All hours are EVE time, which is UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NOTHING = "–"
"""In place of a value that there is not."""
_DAYS_AS_DATE = timedelta(hours=20)
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def span(seconds: float) -> str:
    """A length of time in at most five characters, in minutes from one minute on: `2h05`."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return "<1m"
    if minutes < 100:
        return f"{minutes}m"
    if minutes < 24 * 60:
        return f"{minutes // 60}h{minutes % 60:02}"
    days, rest = divmod(minutes, 24 * 60)
    return f"{days}d{rest // 60}h" if days < 10 else f"{days}d"


def span_in_words(seconds: float) -> str:
    """A length of time in its largest unit: `3 days`, `1 hour`, `40 seconds`."""
    size, unit = next((u for u in _UNITS if seconds >= u[0]), _UNITS[-1])
    number = max(0, int(seconds // size))
    return f"{number:,} {unit}{'' if number == 1 else 's'}"


def until(moment: datetime | None, now: datetime) -> str:
    """How long until `moment`: `48m`, `now` when it is reached, a dash when there is none."""
    if moment is None:
        return NOTHING
    return "now" if moment <= now else span((moment - now).total_seconds())


def ago(moment: datetime | None, now: datetime) -> str:
    """How long since `moment`: `48m ago`, a dash when there is none."""
    return NOTHING if moment is None else f"{span((now - moment).total_seconds())} ago"


def lasted(seconds: float | None) -> str:
    """A run's duration: `0.8s`, `12.4s`, `3m05s`, a dash where it is not known."""
    if seconds is None:
        return NOTHING
    if seconds < 99.95:
        return f"{seconds:.1f}s"
    whole = int(seconds)
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02}m"


def minutes(interval: float) -> str:
    """An interval: `60 min`; fractions, which only a hand can set, as they are."""
    return f"{interval:g} min"


def hour(moment: datetime | None) -> str:
    """The hour: `14:05`."""
    return NOTHING if moment is None else f"{moment:%H:%M}"


def short_time(moment: datetime | None, now: datetime) -> str:
    """At most six characters: the hour when it is recent, else the day (`23 Nov`)."""
    if moment is None:
        return NOTHING
    recent = abs(now - moment) < _DAYS_AS_DATE
    return f"{moment:%H:%M}" if recent else f"{moment:%d %b}"


def day_and_hour(moment: datetime | None, now: datetime) -> str:
    """The hour, and the day before it when it is not today's: `23 Nov 14:05`."""
    if moment is None:
        return NOTHING
    return f"{moment:%H:%M}" if moment.date() == now.date() else f"{moment:%d %b %H:%M}"


def in_full(moment: datetime) -> str:
    """A moment to the second, by EVE's clock and this computer's where that is another.

    `2026-11-24 14:05:09 EVE (15:05 here)`
    """
    return f"{moment:%Y-%m-%d %H:%M:%S} EVE{here(moment)}"


def here(moment: datetime) -> str:
    """What this computer's clock showed, where that is no EVE time: ` (15:05 here)`."""
    local = moment.astimezone()
    return f" ({local:%H:%M} here)" if local.utcoffset() else ""


def eve_time(moment: float | None) -> str:
    """A moment in Unix seconds to the second: `2026-11-24 14:05:09`."""
    return NOTHING if moment is None else f"{datetime.fromtimestamp(moment, UTC):%F %T}"


def seconds_of(when: str | None) -> float:
    """ESI's date-time in Unix seconds; 0 where it is none."""
    try:
        return datetime.fromisoformat(when or "").timestamp()
    except ValueError:
        return 0.0


def moment_of(when: str | None) -> str:
    """ESI's date-time as a reader wants it: `24 Nov 14:05`."""
    try:
        return f"{datetime.fromisoformat(when or ''):%d %b %H:%M}"
    except ValueError:
        return "an unknown time"
