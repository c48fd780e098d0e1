"""`corpsync stock`: what should be there, from a list of the game or a fitting program."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Collection
from typing import Any

from corpsync_tui.cli import output
from corpsync_tui.cli.command import UsageError
from corpsync_tui.format.amounts import plural
from corpsync_tui.settings import Settings, create_folders
from corpsync_tui.text import printable

FIT = re.compile(r"\[(?P<ship>[^,\[\]]+),[^\[\]]*\]")
"""The first line of a fit in EFT's form: `[Rifter, Scout]`."""
TIMES = re.compile(r"(?P<item>.+?)\s+x(?P<count>\d+)")
COUNTED = re.compile(r"(?P<item>.+?)\s+x?(?P<count>\d[\d,.]*)")
BEFORE = re.compile(r"(?P<count>\d[\d,.]*)\s*x?\s+(?P<item>.+)")

MOST_DIGITS = 20
"""More than `want` may have; Python refuses to read thousands."""


def run(options: Namespace, settings: Settings) -> int:
    """Write the targets to settings.toml; 2 where the text names nothing, or what nobody knows."""
    from corpsync_tui.settings.edit import store_targets

    known = _known_names(settings)
    counts = parse_items(_read(options), known)
    if not counts:
        raise UsageError("no item is named there: multibuy lines, or a fit in EFT's form")
    strange = [item for item in counts if known and item.casefold() not in known]
    if strange:
        raise UsageError(f"no item is called {', '.join(map(printable, strange))}")
    where: dict[str, Any] = {"place": options.place, "division": options.division}
    targets = [
        {"item": item, "want": count * options.times, **where} for item, count in counts.items()
    ]
    create_folders(settings)
    try:
        store_targets(settings.config_file, targets)
    except ValueError as error:
        raise UsageError(str(error)) from None
    output.lines([f"{target['item']} {target['want']:,}" for target in targets])
    kept = plural(len(targets), "target")
    output.tell(f"{kept} in settings.toml; corpsync board stock --missing")
    return 0


def parse_items(text: str, known: Collection[str] = ()) -> Counter[str]:
    """How many of which item a text names: lines for multibuy, or fits in EFT's form.

    `known`: names in lower case, so that `Cap Booster 800` is no 800 of anything.
    """
    counts: Counter[str] = Counter()
    in_fit = False
    for line in map(str.strip, text.splitlines()):
        if found := FIT.fullmatch(line):
            in_fit = True
            counts[found["ship"].strip()] += 1
        elif line and not line.startswith("[") and not line.casefold().startswith("total:"):
            for item, count in _fitted(line) if in_fit else [_listed(line, known)]:
                counts[item] += count
    return counts


def _fitted(line: str) -> list[tuple[str, int]]:
    """A module and its charge, or what lies in a bay: `Hobgoblin II x5`."""
    line = re.sub(r"\s*/offline$", "", line, flags=re.IGNORECASE)
    if found := TIMES.fullmatch(line):
        return [(found["item"], _number(found["count"]))]
    return [(part.strip(), 1) for part in line.split(",") if part.strip()]


def _listed(line: str, known: Collection[str]) -> tuple[str, int]:
    """`Tritanium 100`, `100 x Tritanium`, or columns with a tab between them."""
    item, *columns = re.split(r"\s*\t\s*", line)
    if columns:
        return item, _number(columns[0]) if columns[0][:1].isdecimal() else 1
    if line.casefold() in known:
        return line, 1
    found = COUNTED.fullmatch(line) or BEFORE.fullmatch(line)
    return (line, 1) if found is None else (found["item"], _number(found["count"]))


def _number(text: str) -> int:
    """The number without its marks; of one longer than any target may be, its beginning."""
    return int(re.sub(r"\D", "", text)[:MOST_DIGITS])


def _read(options: Namespace) -> str:
    """The file, or stdin where none is named."""
    try:
        if options.file is not None:
            return str(options.file.read_text("utf-8", errors="replace"))
        return sys.stdin.read() if sys.stdin is not None else ""
    except OSError as error:
        raise UsageError(f"{options.file} cannot be read: {error.strerror}") from None


def _known_names(settings: Settings) -> Collection[str]:
    """The names of all types in lower case; nothing without static data."""
    from contextlib import closing

    from corpsync_tui.store.reference import open_reference

    with closing(open_reference(settings.reference)) as db:
        return {name.casefold() for (name,) in db.execute("SELECT name FROM ref.type")}
