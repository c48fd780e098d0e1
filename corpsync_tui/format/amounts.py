"""Numbers, ISK, bars and words as they are read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from corpsync_tui.text import printable

BAR_WIDTH = 10
EIGHTHS = " ▁▂▃▄▅▆▇█"
"""Cells that are filled from below by so many eighths."""
_ISK_UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_TYPED = re.compile(r"(\d[\d,]*(?:\.\d+)?|\.\d+)\s*([tbmk]?)(?:\s*isk)?", re.IGNORECASE)


def count(number: int) -> str:
    """A number with thousands apart: `4,300`."""
    return f"{number:,}"


def plural(number: int, noun: str, several: str = "") -> str:
    """`1 row`, `4,300 rows`; `several` where an s is not enough."""
    return f"{count(number)} {noun if number == 1 else several or f'{noun}s'}"


def changes(added: int, changed: int, removed: int) -> str:
    """What a run did to the rows: `+12 ~40 −9`."""
    return f"+{count(added)} ~{count(changed)} −{count(removed)}"


def isk(amount: float | None) -> str:
    """An amount of ISK, short: `1.2 B`, `−340.5 M`, `12.30`."""
    if amount is None:
        return "an unknown sum"
    size, sign = abs(amount), "−" if amount < 0 else ""
    for unit, letter in _ISK_UNITS:
        if size >= unit * 0.99995:
            return f"{sign}{size / unit:,.1f} {letter}"
    return f"{sign}{size:,.2f}"


def read_isk(text: str) -> float:
    """An amount as somebody types it: `12.5m`, `1,200,000`, `3 B ISK`. Raises ValueError."""
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        raise ValueError("amounts read like 12.5m or 1,200,000")
    units = {letter.casefold(): unit for unit, letter in _ISK_UNITS}
    return round(float(found[1].replace(",", "")) * units.get(found[2].casefold(), 1.0), 2)


def isk_from_to(before: float | None, after: float | None) -> str:
    """`1.2 B → 1.4 B`; amounts that would read alike are written to the hundredth."""
    texts = isk(before), isk(after)
    if texts[0] == texts[1] and before is not None and after is not None:
        texts = f"{before:,.2f}".replace("-", "−"), f"{after:,.2f}".replace("-", "−")
    return " → ".join(texts)


def signed_isk(amount: float | None) -> str:
    """The same with a plus before what came in."""
    return f"+{isk(amount)}" if amount is not None and amount >= 0 else isk(amount)


def signed_count(number: float) -> str:
    """A whole number with its sign: `+4,300`, `−12`."""
    return f"{'+' if number >= 0 else '−'}{abs(number):,.0f}"


def many(number: int | None, thing: str) -> str:
    """`40 × Tritanium`; a single one by its name alone, as a blueprint, of which ESI says -1."""
    return thing if number is None or number == 1 or number < 0 else f"{number:,} × {thing}"


def a(thing: str) -> str:
    """`a Rifter`, `an Incursus`."""
    return f"{'an' if thing[:1].lower() in 'aeiou' else 'a'} {thing}"


def bar(percent: float, width: int = BAR_WIDTH) -> str:
    """A bar of `width` cells, in steps of half a cell: `━━━━━╸────`."""
    width = max(0, width)
    halves = int(max(0.0, min(100.0, percent)) / 100 * width * 2)
    full, half = divmod(halves, 2)
    return "━" * full + "╸" * half + "─" * (width - full - half)


def spark(values: Sequence[float]) -> str:
    """The course of values above zero, one cell each: `▂▃▅█`; nothing where there is none."""
    most = max(values, default=0.0)
    if most <= 0:
        return ""
    return "".join(EIGHTHS[math.ceil(max(0.0, value) / most * 8)] for value in values)


def bar_with_percent(percent: float) -> str:
    """The bar and its figure, always equally wide."""
    return f"{bar(percent)} {int(percent):>3}%"


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
