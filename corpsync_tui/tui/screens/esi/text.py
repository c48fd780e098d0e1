"""What the ESI screen writes about ESI itself: its state, its limits, the last requests."""

from __future__ import annotations

from datetime import UTC, datetime

from corpsync_tui.catalog_index import process_title
from corpsync_tui.esi.requestlog import SentRequest
from corpsync_tui.format.amounts import bar, bar_with_percent, count, joined, plural
from corpsync_tui.format.times import hour, span
from corpsync_tui.service.esi_status import BucketUsage, EsiStatus, ReferenceStatus
from corpsync_tui.text import printable
from corpsync_tui.tui.cells import fit, fit_middle
from corpsync_tui.tui.tones import Line

LOW = 0.3
"""Share of a bucket below which requests slow down."""


def state_line(esi: EsiStatus) -> list[Line]:
    """The cluster's state, and what was asked today; ESI's own stands in the header."""
    asked = f"{plural(esi.requests_today, 'request')}, {count(esi.unchanged_today)} unchanged"
    return [("cluster ", "muted"), _cluster(esi), ("  today ", "muted"), (asked, "")]


def _cluster(esi: EsiStatus) -> Line:
    if esi.down_since is not None:
        return (f"○ down since {hour(esi.down_since)}", "error")
    if esi.status_asked is None:
        return ("● up", "current")
    online = f", {count(esi.players)}" if esi.players is not None else ""
    return (f"● up{online} at {hour(esi.status_asked)}", "current")


def reference_line(reference: ReferenceStatus) -> list[Line]:
    """What there is of CCP's static data, or how far their reading is; and of market prices."""
    line: list[Line] = [("Reference data ", "muted")]
    if reference.step:
        done = "" if reference.progress is None else f" {bar_with_percent(reference.progress)}"
        return [*line, (f"⟳ {reference.step}{done}", "running"), ("  u: stop", "muted")]
    if reference.updated is None:
        line += [("none yet", "waiting"), ("  u: read them from CCP", "muted")]
    else:
        build = "unknown build" if reference.build is None else f"build {count(reference.build)}"
        day = reference.released or reference.updated
        line += [(f"● {build}, {day:%d %b}", "current")]
    if reference.prices_time is None:
        return [*line, ("  prices ", "muted"), ("none yet", "muted")]
    return [*line, ("  prices of ", "muted"), (hour(reference.prices_time), "")]


def errors_line(esi: EsiStatus, width: int) -> list[Line]:
    """How many errors ESI still bears before it refuses everything."""
    tone = "current" if esi.errors_left > 50 else "waiting"
    if esi.errors_left < 20:
        tone = "error"
    if esi.errors_until is None:
        note = "errors a minute; none now"
    else:
        note = f"errors, resets {esi.errors_until:%H:%M:%S}"
    return _limit_line("error limit", esi.errors_left, 100, note, tone, width)


def bucket_line(bucket: BucketUsage, now: datetime, width: int, *, named: bool) -> list[Line]:
    """One bucket: what is left, and what the next runs want of it.

    `named`: several characters have buckets, so the line says whose this one is.
    """
    wanted = sum(tokens for _, tokens in bucket.uses)
    tone = "current"
    if bucket.stopped_until is not None or bucket.remaining < wanted:
        tone = "error"
    elif bucket.remaining < LOW * bucket.limit:
        tone = "waiting"
    uses = [f"{process_title(kind)} {count(tokens)}" for kind, tokens in bucket.uses]
    note = ", ".join(uses)
    if bucket.stopped_until is not None:
        left = (bucket.stopped_until - now).total_seconds()
        note = f"stopped for {span(left)} by ESI"
    if named and bucket.whose:
        note = joined([printable(bucket.whose), note])
    return _limit_line(bucket.group, bucket.remaining, bucket.limit, note, tone, width)


def _limit_line(group: str, left: int, limit: int, note: str, tone: str, width: int) -> list[Line]:
    figures = f"{count(left)}/{count(limit)}" if limit else "–"
    return [
        (fit(printable(group), 15), ""),
        (f"{bar(100 * left / limit if limit else 0)} ", tone),
        (fit(figures, 15, right=True) + "  ", ""),
        (fit(note, max(0, width - 43)), "muted"),
    ]


def request_line(request: SentRequest, width: int) -> list[Line]:
    """One request: when, status, what it cost, how long it took, and what was asked."""
    sent_at = datetime.fromtimestamp(request.when, UTC)
    status = "none" if request.status is None else str(request.status)
    tone = "current"
    if request.status == 304:
        tone = "muted"
    elif request.status is None or request.status >= 400:
        tone = "error"
    if not request.group:
        paid = plural(request.cost, "error") if request.cost else "–"
    else:
        paid = f"{request.cost} tok"
    method = "" if request.method == "GET" else f"{request.method} "
    return [
        (f"{sent_at:%H:%M:%S} ", "muted"),
        (fit(status, 5), tone),
        (fit(paid, 8), "" if request.group or not request.cost else "error"),
        (fit(f"{request.seconds:.2f}s", 7), "muted"),
        (fit_middle(printable(f"{method}{request.url}"), max(0, width - 29)), ""),
    ]
