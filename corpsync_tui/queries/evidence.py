"""What may explain that things came or went: container logs, wallet, orders, contracts, jobs."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpsync_tui.format.amounts import count
from corpsync_tui.format.times import seconds_of
from corpsync_tui.queries.story import Source, Window

COPY_SECONDS = 3_600.0
"""For how long ESI's document lets the answer of `/corporations/{id}/assets` be kept."""
LOGS = "container_logs"
LOG_DAYS = 7 * 86_400.0
"""For how long ESI tells a line of a container's log."""

LINES = """
SELECT row_hash, ordinal, logged_at, action, type_id, quantity, character_id, container_id
FROM container_log WHERE corporation_id = :c
    AND (container_id IN (SELECT value FROM json_each(:boxes)) OR action IN ('add', 'move')
        AND type_id IN (SELECT value FROM json_each(:types)))
ORDER BY logged_at, row_hash, ordinal
"""
TRADES = """
SELECT 'wallet' AS source, 'wallet_transaction' AS name,
    json_object('division', division, 'transaction_id', transaction_id) AS row_key,
    date, type_id, NOT is_buy AS went, quantity, NULL AS character_id, location_id
FROM wallet_transaction
WHERE corporation_id = :c AND type_id IN (SELECT value FROM json_each(:types))
UNION ALL
SELECT 'market', 'market_order', json_object('order_id', order_id), issued, type_id, 1,
    volume_total, issued_by, location_id
FROM market_order
WHERE corporation_id = :c AND NOT IFNULL(is_buy_order, 0)
    AND type_id IN (SELECT value FROM json_each(:types))
UNION ALL
SELECT 'contracts', 'contract', json_object('contract_id', contract_id),
    CASE WHEN own AND is_included THEN date_issued ELSE date_completed END, type_id,
    own = is_included AS went, SUM(quantity), CASE WHEN own THEN issuer_id END, start_location_id
FROM (
    SELECT c.*, i.type_id, i.quantity, i.is_included,
        c.for_corporation AND c.issuer_corporation_id = :c AS own
    FROM contract_item i JOIN contract c USING (corporation_id, contract_id)
    WHERE i.corporation_id = :c AND i.type_id IN (SELECT value FROM json_each(:types))
)
WHERE own OR acceptor_id = :c
GROUP BY contract_id, type_id, is_included
UNION ALL
SELECT 'industry', 'industry_job', json_object('job_id', job_id), completed_date,
    product_type_id, 0, NULL, completed_character_id, output_location_id
FROM industry_job
WHERE corporation_id = :c AND completed_date IS NOT NULL
    AND product_type_id IN (SELECT value FROM json_each(:types))
"""
RUNS = """
SELECT start_time, IFNULL(duration, 0), current_until FROM sync_history
WHERE process_id = :c || '/' || :process AND result = 'success' ORDER BY start_time
"""
WORDS = {
    "wallet": ("as many were sold there meanwhile", "as many were bought there meanwhile"),
    "market": ("as many were put up for sale there meanwhile", ""),
    "contracts": ("as many left by contract meanwhile", "as many came by contract meanwhile"),
    "industry": ("", "a job delivered some there meanwhile"),
}
"""Why things went, and why they came, by source."""


@dataclass(slots=True)
class Evidence:
    """A line of a log that says that things of a type came or went; it explains one change."""

    source: Source
    table: str
    row_key: Mapping[str, Any]
    time: float
    """Unix seconds: to the second, as the game keeps it."""
    type_id: int | None
    went: bool
    quantity: int | None
    """None where it is not known."""
    character_id: int | None
    place: int | None
    """A station, structure or container; None where it is not known."""
    is_move: bool = True
    """Whether things came or went at all: a box is also locked, named and opened."""
    used: bool = False
    told: bool = False
    """Whether the story has a line of it."""


class Copies:
    """When ESI made each copy of the assets, and when the container logs were read."""

    def __init__(self, db: sqlite3.Connection, corporation_id: int) -> None:
        bound = {"c": corporation_id}
        runs = db.execute(RUNS, {**bound, "process": "assets"}).fetchall()
        self._starts = [start for start, _, _ in runs]
        self._made = [
            min(start + lasted, (until or start + COPY_SECONDS) - COPY_SECONDS)
            for start, lasted, until in runs
        ]
        self._logs = [start for start, _, _ in db.execute(RUNS, {**bound, "process": LOGS})]

    def window(self, time: float) -> Window:
        """Between which copies that lies what a run found that stored it at `time`."""
        place = bisect_right(self._starts, time) - 1
        return Window(
            self._made[place - 1] if place > 0 else None, self._made[place] if place >= 0 else time
        )

    def read_logs(self, window: Window) -> bool:
        """Whether the container logs were read while ESI still had all of this time."""
        place = bisect_left(self._logs, window.until)
        return place < len(self._logs) and self._logs[place] <= window.start + LOG_DAYS


@dataclass(frozen=True, slots=True)
class Found:
    """What explains a change, as far as anything does."""

    lines: Sequence[Evidence]
    reason: str
    is_all: bool
    """Whether it explains all of it."""

    @property
    def characters(self) -> tuple[int, ...]:
        """Who did it, each once."""
        who = (line.character_id for line in self.lines)
        return tuple(dict.fromkeys(one for one in who if one is not None))


class Evidences:
    """All lines that can explain changes of some types at some places, each used once."""

    def __init__(
        self,
        db: sqlite3.Connection,
        corporation_id: int,
        types: Collection[int],
        boxes: Collection[int],
    ) -> None:
        bound = {
            "c": corporation_id,
            "types": json.dumps(list(types)),
            "boxes": json.dumps(list(boxes)),
        }
        lines = [_line(row) for row in db.execute(LINES, bound)]
        self.boxes = {line.place for line in lines}
        """The containers whose logs say something."""
        self.logged = [line for line in lines if line.place in boxes]
        """Every line of the logs of the boxes asked for, the oldest first."""
        trades = [
            Evidence(source, table, json.loads(key), seconds_of(when), type_id, bool(went), *rest)
            for source, table, key, when, type_id, went, *rest in db.execute(TRADES, bound)
        ]
        self._by_box = _Timeline([line for line in lines if line.is_move])
        self._trades = _Timeline(trades)

    def from_box(
        self, box: int, type_id: int, window: Window, amount: int, *, went: bool
    ) -> Found | None:
        """Who put so many into a box, or took them out; None where its log says nothing."""
        lines = [
            line for line in self._by_box.lines(type_id, window, went=went) if line.place == box
        ]
        chosen, is_all = _choose(lines, amount)
        if not chosen:
            return None
        total = sum(line.quantity or 0 for line in chosen)
        reason = f"the container log has {count(total)} of these {count(amount)}"
        if is_all:
            reason = f"the container log has the same {count(amount)}"
        return _use(chosen, reason, is_all=is_all)

    def from_trade(
        self, places: Collection[int], type_id: int, window: Window, amount: int, *, went: bool
    ) -> Found | None:
        """The trade, contract or job with as many that came or went; None where there is none."""
        lines = [
            line
            for line in self._trades.lines(type_id, window, went=went)
            if line.place is None or not places or line.place in places
        ]
        by_source: defaultdict[Source, list[Evidence]] = defaultdict(list)
        for line in lines:
            by_source[line.source].append(line)
        for source, found in by_source.items():
            chosen, is_all = _choose(found, amount)
            if is_all:
                return _use(chosen, WORDS[source][0 if went else 1], is_all=True)
        return None


class _Timeline:
    """Lines by type and direction, in the order of time."""

    def __init__(self, lines: Sequence[Evidence]) -> None:
        self._lines: defaultdict[tuple[int | None, bool], list[Evidence]] = defaultdict(list)
        for line in sorted(lines, key=lambda line: line.time):
            self._lines[line.type_id, line.went].append(line)
        self._times = {key: [line.time for line in found] for key, found in self._lines.items()}

    def lines(self, type_id: int, window: Window, *, went: bool) -> list[Evidence]:
        """Those in a window that explain nothing yet."""
        key = (type_id, went)
        if key not in self._times:
            return []
        times = self._times[key]
        first, last = bisect_right(times, window.start), bisect_right(times, window.until)
        return [line for line in self._lines[key][first:last] if not line.used]


def _choose(lines: Sequence[Evidence], amount: int) -> tuple[Sequence[Evidence], bool]:
    """The lines that make up an amount, and whether they do: one, else all of them."""
    for line in lines:
        if line.quantity in (amount, None):
            return [line], True
    return lines, sum(line.quantity or 0 for line in lines) == amount and bool(lines)


def _use(lines: Sequence[Evidence], reason: str, *, is_all: bool) -> Found:
    for line in lines:
        line.used = True
    return Found(lines, reason, is_all)


def _line(row: Sequence[Any]) -> Evidence:
    row_hash, ordinal, when, action, type_id, quantity, character_id, box = row
    return Evidence(
        "container log",
        "container_log",
        {"row_hash": row_hash, "ordinal": ordinal},
        seconds_of(when),
        type_id,
        action == "move",
        quantity,
        character_id,
        box,
        is_move=action in ("add", "move"),
    )
