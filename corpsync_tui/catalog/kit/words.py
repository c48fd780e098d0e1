"""Amounts and moments as sentences say them."""

from __future__ import annotations

from datetime import datetime

_UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def isk(amount: float | None) -> str:
    """An amount of ISK, short: `1.2 B`, `−340.5 M`, `12.30`."""
    if amount is None:
        return "an unknown sum"
    size, sign = abs(amount), "−" if amount < 0 else ""
    for unit, letter in _UNITS:
        if size >= unit * 0.99995:
            return f"{sign}{size / unit:,.1f} {letter}"
    return f"{sign}{size:,.2f}"


def isk_from_to(before: float | None, after: float | None) -> str:
    """`1.2 B → 1.4 B`; amounts that would read alike are written to the hundredth."""
    texts = isk(before), isk(after)
    if texts[0] == texts[1] and before is not None and after is not None:
        texts = f"{before:,.2f}".replace("-", "−"), f"{after:,.2f}".replace("-", "−")
    return " → ".join(texts)


def signed_isk(amount: float | None) -> str:
    """The same with a plus before what came in."""
    return f"+{isk(amount)}" if amount is not None and amount >= 0 else isk(amount)


def many(number: int | None, thing: str) -> str:
    """`40 × Tritanium`; a single one by its name alone."""
    return thing if number in (None, 1) else f"{number:,} × {thing}"


def seconds_of(when: str | None) -> float:
    """ESI's date-time in Unix seconds; 0 where it is none."""
    try:
        return datetime.fromisoformat(when or "").timestamp()
    except ValueError:
        return 0.0


def moment(when: str | None) -> str:
    """ESI's date-time as a reader wants it: `24 Nov 14:05`."""
    try:
        return f"{datetime.fromisoformat(when or ''):%d %b %H:%M}"
    except ValueError:
        return "an unknown time"


def span(seconds: float) -> str:
    """A length of time in its largest unit: `3 days`, `5 hours`, `40 minutes`."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number:,} {unit}{'s' if number > 1 else ''}"
    return "a minute"


def a(thing: str) -> str:
    """`a Rifter`, `an Incursus`."""
    return f"{'an' if thing[:1].lower() in 'aeiou' else 'a'} {thing}"
