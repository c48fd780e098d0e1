"""What the ESI screen writes about ESI itself: its state, its limits, the last requests."""

from __future__ import annotations

from datetime import datetime

from corpsync_tui.text import printable
from corpsync_tui.tui.cells import fit, fit_middle
from corpsync_tui.tui.clinic import EsiFacts, Gauge, ShownRequest, Today
from corpsync_tui.tui.format import bar, count, hour, joined, plural, process_name, span
from corpsync_tui.tui.run_text import Line

LATELY = 20
"""Requests by which ESI's state is judged."""
LOW = 0.3
"""Share of a bucket below which requests slow down."""


def state_line(facts: EsiFacts, today: Today) -> list[Line]:
    """ESI's state, the cluster's, and what was asked today."""
    line: list[Line] = [("ESI ", "muted"), _esi(facts), ("  cluster ", "muted"), _cluster(facts)]
    asked = f"{count(today.requests)} asked, {count(today.not_modified)} × 304"
    line += [("  today ", "muted"), (asked, "")]
    return line


def _esi(facts: EsiFacts) -> Line:
    if facts.down_since is not None:
        return (f"○ down since {hour(facts.down_since)}", "error")
    lately = facts.requests[:LATELY]
    failed = sum(r.status is None or r.status >= 500 for r in lately)
    if failed:
        return (f"! {failed} of {len(lately)} failed", "waiting")
    return ("● ok", "current") if lately else ("· not asked yet", "muted")


def _cluster(facts: EsiFacts) -> Line:
    if facts.down_since is not None:
        return (f"○ down since {hour(facts.down_since)}", "error")
    if facts.status_asked is None:
        return ("● up", "current")
    online = f", {count(facts.players)}" if facts.players is not None else ""
    return (f"● up{online} at {hour(facts.status_asked)}", "current")


def errors_line(facts: EsiFacts, width: int) -> list[Line]:
    """How many errors ESI still bears before it refuses everything."""
    tone = "current" if facts.errors_left > 50 else "waiting"
    if facts.errors_left < 20:
        tone = "error"
    if facts.errors_until is None:
        note = "errors a minute; none now"
    else:
        note = f"errors, counted anew {facts.errors_until:%H:%M:%S}"
    return _gauge_line("error limit", facts.errors_left, 100, note, tone, width)


def gauge_line(gauge: Gauge, now: datetime, width: int, *, named: bool) -> list[Line]:
    """One bucket: what is left, and what the next runs want of it.

    `named`: several characters have buckets, so the line says whose this one is.
    """
    wanted = sum(tokens for _, tokens in gauge.uses)
    tone = "current"
    if gauge.stopped_until is not None or gauge.remaining < wanted:
        tone = "error"
    elif gauge.remaining < LOW * gauge.limit:
        tone = "waiting"
    uses = [f"{process_name(kind)} {count(tokens)}" for kind, tokens in gauge.uses]
    note = ", ".join(uses)
    if gauge.stopped_until is not None:
        left = (gauge.stopped_until - now).total_seconds()
        note = f"stopped for {span(left)} by ESI"
    if named and gauge.whose:
        note = joined([printable(gauge.whose), note])
    return _gauge_line(gauge.group, gauge.remaining, gauge.limit, note, tone, width)


def _gauge_line(group: str, left: int, limit: int, note: str, tone: str, width: int) -> list[Line]:
    figures = f"{count(left)}/{count(limit)}" if limit else "–"
    return [
        (fit(printable(group), 15), ""),
        (f"{bar(100 * left / limit if limit else 0)} ", tone),
        (fit(figures, 15, right=True) + "  ", ""),
        (fit(note, max(0, width - 43)), "muted"),
    ]


def request_line(asked: ShownRequest, width: int) -> list[Line]:
    """One request: when, status, what it cost, how long it took, and what was asked."""
    status = "none" if asked.status is None else str(asked.status)
    tone = "current"
    if asked.status == 304:
        tone = "muted"
    elif asked.status is None or asked.status >= 400:
        tone = "error"
    if not asked.group:
        paid = plural(asked.cost, "error") if asked.cost else "–"
    else:
        paid = f"{asked.cost} tok"
    method = "" if asked.method == "GET" else f"{asked.method} "
    return [
        (f"{asked.when:%H:%M:%S} ", "muted"),
        (fit(status, 5), tone),
        (fit(paid, 8), "" if asked.group or not asked.cost else "error"),
        (fit(f"{asked.seconds:.2f}s", 7), "muted"),
        (fit_middle(printable(f"{method}{asked.url}"), max(0, width - 29)), ""),
    ]
