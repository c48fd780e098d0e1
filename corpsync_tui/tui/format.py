"""How values look on the screens: numbers, ages, bars, signs and words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from corpsync_tui.catalog_index import process_title
from corpsync_tui.queries.records import DisplayState
from corpsync_tui.text import printable

STATE_SIGNS: dict[DisplayState, str] = {
    "running": "↻",
    "off": "○",
    "parked": "✗",
    "waiting": "◔",
    "error": "!",
    "due": "›",
    "current": "✓",
}
RESULT_SIGNS = {
    "running": "↻",
    "success": "✓",
    "error": "✗",
    "cancelled": "■",
    "interrupted": "↯",
    "current": "✓",
}
NOTHING = "–"
BAR_WIDTH = 10
_BLOCKS = "▁▂▃▄▅▆▇█"
_DAYS_AS_DATE = timedelta(hours=20)


def process_name(process_type: str) -> str:
    """The name of a process on every screen."""
    return printable(process_title(process_type))


def bar(percent: float, width: int = BAR_WIDTH) -> str:
    """A bar of `width` cells, in steps of half a cell: `━━━━━╸────`."""
    width = max(0, width)
    halves = int(max(0.0, min(100.0, percent)) / 100 * width * 2)
    full, half = divmod(halves, 2)
    return "━" * full + "╸" * half + "─" * (width - full - half)


def bar_with_percent(percent: float) -> str:
    """The bar and its figure, always equally wide."""
    return f"{bar(percent)} {int(percent):>3}%"


def count(number: int) -> str:
    """A number with thousands apart: `4,300`."""
    return f"{number:,}"


def plural(number: int, noun: str) -> str:
    """`1 row`, `4,300 rows`."""
    return f"{count(number)} {noun}" + ("" if number == 1 else "s")


def changes(added: int, changed: int, removed: int) -> str:
    """What a run did to the rows: `+12 ~40 −9`."""
    return f"+{count(added)} ~{count(changed)} −{count(removed)}"


def span(seconds: float) -> str:
    """A length of time in at most five characters, in minutes from one minute on."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return "<1m"
    if minutes < 100:
        return f"{minutes}m"
    if minutes < 24 * 60:
        return f"{minutes // 60}h{minutes % 60:02}"
    days, rest = divmod(minutes, 24 * 60)
    return f"{days}d{rest // 60}h" if days < 10 else f"{days}d"


def until(moment: datetime | None, now: datetime) -> str:
    """How long until `moment`: `48m`, `now` when it is reached, a dash when there is none."""
    if moment is None:
        return NOTHING
    return "now" if moment <= now else span((moment - now).total_seconds())


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
    """The hour in EVE time (UTC): `14:05`."""
    return NOTHING if moment is None else f"{moment:%H:%M}"


def short_time(moment: datetime | None, now: datetime) -> str:
    """Five characters: the hour when it is recent, else the day (`23Nov`)."""
    if moment is None:
        return NOTHING
    recent = abs(now - moment) < _DAYS_AS_DATE
    return f"{moment:%H:%M}" if recent else f"{moment:%d%b}"


def day_and_hour(moment: datetime | None, now: datetime) -> str:
    """The hour, and the day before it when it is not today's: `23 Nov 14:05`."""
    if moment is None:
        return NOTHING
    return f"{moment:%H:%M}" if moment.date() == now.date() else f"{moment:%d %b %H:%M}"


def sparkline(values: Sequence[float]) -> str:
    """One block per value, the highest as tall as the line."""
    top = max(values, default=0.0)
    if top <= 0:
        return "▁" * len(values)
    return "".join(_BLOCKS[round(max(0.0, v) / top * (len(_BLOCKS) - 1))] for v in values)


def joined(parts: Iterable[str]) -> str:
    """The parts that say something, with a dot between them."""
    return " · ".join(part for part in parts if part)


def need(needs: str) -> str:
    """What only the director can give, in words: `role Accountant`, `login`."""
    kind, _, what = needs.partition(":")
    return printable(f"{kind} {what}".strip())


def title_of(corporation_name: str, ticker: str) -> str:
    """A corporation as the header shows it: `Hedion Freight Union [HEDU]`."""
    return printable(f"{corporation_name} [{ticker}]" if ticker else corporation_name)
