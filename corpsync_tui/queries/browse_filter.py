"""The filter of a table: words anywhere, words of one column, comparisons, and what must not be.

`rifter` stands in any column shown, `-jita` in none; `type:rifter` in that column; `type=Rifter` is
all of it; `quantity>1000`, `price<=2.5m` and `date>=2026-11-01` compare; `"two words"` are one. A
moment may be said from now: `date>7d` is later than seven days ago, `date<2d` earlier than two days
ago, `expires<+2d` before two days from now. A word that names no column is a word like any other,
so `12:30` finds a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import compress

from corpsync_tui.format.moments import parse_moment
from corpsync_tui.queries.browse_types import BrowseColumn, BrowseTable, Sql, derived_name, joined
from corpsync_tui.store.columns import NAMED_KINDS
from corpsync_tui.store.presentation import title_of_column
from corpsync_tui.store.schema import listed, quoted

FIGURES = re.compile(r"[\d,]*\.?\d*")
"""What may be part of a number as screens write it."""
TERM = re.compile(
    r'(?P<minus>-?)(?:(?P<column>[^\s":=<>-][^\s":=<>]*)(?P<how><=|>=|[:=<>]))?'
    r'(?:"(?P<quoted>[^"]*)"?|(?P<word>\S*))'
)
NUMBER = re.compile(r"(-?[\d,]*\.?\d+)([kmbt]?)", re.IGNORECASE)
MULTIPLES = {"": 1, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
DATE = re.compile(r"\d{4}(-\d\d?)*([ T][\d:]*)?")
DIGIT = re.compile(r"(?<!\d)\d(?!\d)")
"""A month, day or hour of one digit, which has two where it is stored."""
NUMERIC = frozenset({"isk", "count", "number", "seconds", "days", "id"})
NAMED_BY_EVE_ALONE = NAMED_KINDS - {"corporation", "location"}
"""Kinds whose names stand in `eve_name` and nowhere else: they are looked up the other way
round, from the few names that fit to their ids."""


@dataclass(frozen=True, slots=True)
class Term:
    """One condition of a filter."""

    text: str
    column: str | None = None
    """The column meant; None means any that is searched."""
    how: str = ":"
    """`:` the text is found in it, `=` it is the text, or a comparison."""
    negated: bool = False


def parse_filter(text: str, table: BrowseTable) -> list[Term]:
    """The conditions of a filter, all of which a row must meet; one that is unfinished is none."""
    terms = []
    for found in TERM.finditer(text):
        if not found[0] or found[0] == "-":
            continue
        said = found["quoted"] if found["quoted"] is not None else found["word"]
        negated = bool(found["minus"])
        column = named_column(table, found["column"]) if found["column"] else None
        if column is None:
            whole = said if found["column"] is None else found[0].removeprefix("-")
            terms.append(Term(whole, negated=negated))
        elif said or found["quoted"] is not None:
            how = found["how"] if _compares(column, found["how"], said) else ":"
            terms.append(Term(said, column.name, how, negated))
    return terms


def named_column(table: BrowseTable, word: str) -> BrowseColumn | None:
    """The column meant by a word: its name, its title, or how one of them begins."""
    wanted = _folded(word)
    for column in table.columns:
        if wanted in (_folded(column.name), *_shown_as(column)):
            return column
    begins = (any(name.startswith(wanted) for name in _shown_as(c)) for c in table.columns)
    first, *_ = (*compress(table.columns, begins), None)
    return first


def words_found(terms: Iterable[Term]) -> list[tuple[str | None, str]]:
    """By column, or None for all, the texts that a row was found by."""
    return [(t.column, t.text) for t in terms if not t.negated and t.how in ":=" and t.text]


def _folded(name: str) -> str:
    return name.casefold().replace("_", "").replace(" ", "")


def _shown_as(column: BrowseColumn) -> tuple[str, str]:
    """A column's name without what only says that it is an id, and its title."""
    short = column.name.removesuffix("_id").removesuffix("_name")
    return _folded(short), _folded(title_of_column(column.name))


def _compares(column: BrowseColumn, how: str, said: str) -> bool:
    """Whether the column can be compared with what was said."""
    if how == ":" or how == "=":
        return True
    if column.kind in ("when", "day"):
        return moment_said(said, 0.0) is not None
    return column.kind in NUMERIC and NUMBER.fullmatch(said) is not None


def moment_said(said: str, now: float) -> str | None:
    """The date or time that is meant, to be compared with; None where none is.

    `7d` and `tue 20:00` lie before `now` (Unix seconds), `+7d` as long after it; `2026-3-1` is the
    first of March, and `2026-1` January.
    """
    if DATE.fullmatch(said):
        return DIGIT.sub(r"0\g<0>", said).replace("T", " ")
    with suppress(ValueError, OverflowError):
        at = parse_moment(said.removeprefix("+"))(now)
        if said.startswith("+"):
            at = 2 * now - at
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"
    return None


class Conditions:
    """Terms as SQL over the row `t`; moments are reckoned from `now`, in Unix seconds.

    `prepared` says that the connection has the tables of derived columns.
    """

    def __init__(
        self, table: BrowseTable, searched: Sequence[str], now: float, *, prepared: bool
    ) -> None:
        self._now = now
        self._table = table
        self._searched = [table.column(name) for name in searched]
        self._prepared = prepared

    def of(self, term: Term) -> Sql:
        """The condition that a row meets this term."""
        columns = self._searched if term.column is None else [self._table.column(term.column)]
        found: list[Sql] = []
        for column in columns:
            if term.how == ":":
                found += self._found(column, term.text)
            else:
                found += self._compared(column, term.how, term.text)
        condition = joined(found, " OR ") if found else Sql("false")
        if term.negated:
            return Sql(f"NOT COALESCE({condition.text}, false)", condition.parameters)
        return condition

    def _found(self, column: BrowseColumn, word: str) -> Iterator[Sql]:
        """Conditions under which a column shows the word."""
        like, pattern = "LIKE ? ESCAPE '\\'", f"%{escaped(word)}%"
        if column.of and self._prepared:
            name, of = quoted(derived_name(self._table, column)), listed(column.of)
            ids = f"(SELECT {of} FROM temp.{name} WHERE text {like})"
            yield Sql(f"({listed(column.of, 't.')}) IN {ids}", (pattern,))
        elif column.text is not None:
            if column.kind in NAMED_BY_EVE_ALONE:
                names = f"(SELECT id FROM eve_name WHERE name {like})"
                yield Sql(f"{column.value} IN {names}", (pattern,))
            else:
                yield Sql(f"{column.text} {like}", (pattern,))
            if word.isdecimal() and len(word) < 19:
                yield Sql(f"{column.value} = ?", (int(word),))
        elif not is_text(column.kind):
            yield from _in_figures(column, word)
        elif column.kind in ("when", "day"):
            yield Sql(f"replace({column.value}, 'T', ' ') {like}", (pattern.replace("T", " "),))
        else:
            yield Sql(f"{column.value} {like}", (pattern,))

    def _compared(self, column: BrowseColumn, how: str, said: str) -> Iterator[Sql]:
        """The condition that the whole of a column is as said."""
        if not said:
            yield Sql(f"COALESCE({column.value}, '') = ''")
        elif column.kind == "flag":
            yield Sql(f"{column.value} = ?", (said.casefold() in ("yes", "1", "true"),))
        elif column.kind in ("when", "day"):
            meant = (moment_said(said, self._now) or said)[: 10 if column.kind == "day" else None]
            moment = f"substr(replace({column.value}, 'T', ' '), 1, {len(meant)})"
            yield Sql(f"{moment} {how} ?", (meant,))
        else:
            if column.text is not None:
                yield Sql(f"{column.text} = ? COLLATE NOCASE", (said,))
            elif is_text(column.kind):
                yield Sql(f"{column.value} = ? COLLATE NOCASE", (said,))
            if not is_text(column.kind) and (number := NUMBER.fullmatch(said)) is not None:
                yield Sql(f"{column.value} {how} ?", (_number(number),))


def _number(found: re.Match[str]) -> float | int:
    digits = found[1].replace(",", "")
    if not found[2] and digits.lstrip("-").isdecimal() and len(digits) < 19:
        return int(digits)
    return float(digits) * MULTIPLES[found[2].casefold()]


def _in_figures(column: BrowseColumn, word: str) -> Iterator[Sql]:
    if column.kind == "flag":
        meant = [f for f, shown in ((1, "yes"), (0, "no")) if word.casefold() in shown]
        yield from (Sql(f"{column.value} = ?", (flag,)) for flag in meant)
    elif column.kind != "json" and FIGURES.fullmatch(word):
        shown = f"printf('%.2f', {column.value})" if column.kind == "isk" else column.value
        yield Sql(f"CAST({shown} AS TEXT) LIKE ?", (f"%{word.replace(',', '')}%",))


def is_text(kind: str) -> bool:
    """Whether values of this kind are stored as text."""
    return kind in ("text", "word", "when", "day", "place")


def escaped(word: str) -> str:
    """A word as LIKE takes it, with `\\` before what would stand for anything."""
    return re.sub(r"([%_\\])", r"\\\1", word)
