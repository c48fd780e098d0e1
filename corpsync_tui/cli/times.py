"""Times and amounts as the commands say them."""

from __future__ import annotations

from datetime import datetime

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def span(seconds: float) -> str:
    """A length of time in its largest unit: `48m`, `3h`; never negative."""
    whole = max(0, int(seconds))
    for size, unit in _UNITS:
        if whole >= size:
            return f"{whole // size}{unit}"
    return "0s"


def ago(moment: float | None, now: datetime) -> str:
    """How long since a moment in Unix seconds; `–` where there is none."""
    return "–" if moment is None else f"{span(now.timestamp() - moment)} ago"


def until(moment: float | None, now: datetime) -> str:
    """How long to a moment in Unix seconds."""
    if moment is None:
        return "–"
    left = moment - now.timestamp()
    return f"in {span(left)}" if left > 0 else "due"


def eve_time(moment: float | None) -> str:
    """A moment in Unix seconds as EVE time, which is UTC."""
    if moment is None:
        return "–"
    from corpsync_tui.clock import to_datetime

    found = to_datetime(moment)
    return "–" if found is None else f"{found:%Y-%m-%d %H:%M:%S}"
