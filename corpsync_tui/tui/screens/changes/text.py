"""What the Changes and Attention screens write, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from corpsync_tui.catalog_index import process_title
from corpsync_tui.format.amounts import count, plural
from corpsync_tui.format.signs import KIND_SIGNS, LEVEL_SIGNS
from corpsync_tui.format.times import day_and_hour, short_time
from corpsync_tui.settings.attention import attention_keys
from corpsync_tui.text import printable
from corpsync_tui.tui.cells import fit
from corpsync_tui.tui.tones import Line

if TYPE_CHECKING:  # what the first frame stands on imports no data set
    from corpsync_tui.queries.alerts import Action, Level, OpenAlert
    from corpsync_tui.queries.change_list import ChangeLine, RunChanges

KIND_TONES = {"added": "current", "changed": "running", "removed": "error", "bulk": "waiting"}
LEVEL_TONES: dict[Level, str] = {"high": "error", "medium": "waiting", "low": "muted"}
HINTS: dict[Action, str] = {"retry": "  r syncs it", "login": "  l logs in", "open": ""}
NEW = "●"


def run_heading(
    run: RunChanges, now: datetime, ticker: str, *, is_open: bool, is_new: bool
) -> list[Line]:
    """`▸ 14:02 Assets  +12 ~40 −9`."""
    did = " ".join(f"{KIND_SIGNS[k]}{count(run.counts[k])}" for k in KIND_SIGNS if k in run.counts)
    name = f"{process_title(run.process_type)} {ticker}".strip()
    return [
        (NEW if is_new else " ", "title"),
        (f"{'▾' if is_open else '▸'} {day_and_hour(run.when, now)} ", "muted"),
        (f"{name}  ", "strong"),
        (did, "muted"),
    ]


def change_line(change: ChangeLine, mark: int) -> list[Line]:
    """One change below its run."""
    return [
        (f"{NEW if change.id > mark else ' '}    ", "title"),
        (f"{KIND_SIGNS.get(change.kind, ' ')} ", KIND_TONES.get(change.kind, "")),
        (printable(change.sentence), ""),
    ]


def alert_line(alert: OpenAlert, now: datetime, width: int, ticker: str) -> list[Line]:
    """An alert, and at the end of the line the key that deals with it, where enter does not."""
    return _alert_line(alert, alert.sentence, HINTS[alert.action], now, width, ticker)


def rule_line(
    alerts: Sequence[OpenAlert], now: datetime, width: int, ticker: str, *, is_open: bool
) -> list[Line]:
    """A rule's many alerts in one line: `▸ 84 jobs ready at 12 places: Jita 4-4: 12 × …`."""
    first = replace(alerts[0], seen=all(alert.seen for alert in alerts))
    sentence = f"{'▾' if is_open else '▸'} {rule_words(alerts)}"
    if not is_open:
        sentence += f": {first.sentence}, …"
    return _alert_line(first, sentence, "", now, width, ticker)


def rule_words(alerts: Sequence[OpenAlert]) -> str:
    """What several alerts of one rule are called together: `84 jobs ready at 12 places`."""
    key = attention_keys().get(alerts[0].rule)
    places = {alert.sentence.partition(": ")[0] for alert in alerts}
    words = (key.many if key else "").format(places=plural(len(places), "place"))
    return f"{count(len(alerts))} {words}".strip()


def _alert_line(
    alert: OpenAlert, sentence: str, hint: str, now: datetime, width: int, ticker: str
) -> list[Line]:
    since = ""
    if alert.since is not None:
        since = short_time(datetime.fromtimestamp(alert.since, UTC), now)
    room = max(20, width - len(hint) - 12 - (6 if ticker else 0))
    tone = LEVEL_TONES[alert.level]
    line: list[Line] = [
        (f"{' ' if alert.seen else NEW} ", "title"),
        (f"{LEVEL_SIGNS[alert.level]} ", tone),
        (f"{since:>6} ", "muted"),
    ]
    if ticker:
        line.append((fit(ticker, 6), "muted"))
    line.append((fit(printable(sentence), room), "strong" if tone == "error" else ""))
    line.append((hint, "muted"))
    return line


def new_in_words(items: Sequence[OpenAlert]) -> str:
    """One sentence for what is new: the thing itself, or how many and the first of them."""
    first = items[0].sentence
    if len(items) == 1:
        return first
    return f"{count(len(items))} new alerts (6): {first}"


def row_words(table_name: str) -> str:
    """What the history of a single row is called."""
    return f"one row of {table_name.replace('_', ' ')}"
