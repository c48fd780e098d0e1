"""Rules and the database: which facts need attention now. Runs on a database thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from corpsync_tui.alerts.rules import RULES
from corpsync_tui.boards import find_board
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.catalog_index import board_rules
from corpsync_tui.queries.alerts import OpenAlert
from corpsync_tui.settings.boards import check_boards

HOUR = 3_600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was found, and by which rules."""

    alerts: tuple[OpenAlert, ...] = ()
    evaluated: frozenset[tuple[int, str]] = frozenset()
    """Corporation and rule: what such a rule did not find is not there any more."""


@dataclass(frozen=True)
class RuleBook:
    """The rules of all processes and of the syncing itself, and the director's settings."""

    processes: tuple[Process, ...]
    settings: Mapping[str, bool | int]
    """`[attention]` of settings.toml."""
    floors: Mapping[int, int] = field(default_factory=dict)
    """The least ISK per wallet division."""
    boards: Mapping[str, Any] = field(default_factory=lambda: check_boards({}))
    """The tables of settings.toml that boards read."""

    def rules(self) -> Iterator[tuple[Rule, tuple[Process, ...]]]:
        """Every rule that is on, and the processes whose tables it reads, the first its own."""
        for rule, processes in self._all():
            if self.settings.get(rule.name, rule.default) is not False:
                yield rule, processes

    @property
    def off(self) -> frozenset[str]:
        """The rules that are switched off."""
        return frozenset({r.name for r, _ in self._all()} - {r.name for r, _ in self.rules()})

    def _all(self) -> Iterator[tuple[Rule, tuple[Process, ...]]]:
        for rule in RULES:
            yield rule, ()
        for process in self.processes:
            for rule in process.rules:
                yield rule, (process,)
        filled = {dataset.table: p for p in self.processes for dataset in p.datasets}
        for board in map(find_board, board_rules()):
            if filled.keys() >= set(board.tables):
                processes = tuple(dict.fromkeys(filled[table] for table in board.tables))
                for rule in board.rules:
                    yield rule, processes


Wanted = Callable[[Rule, Collection[str]], bool]
"""Whether a rule is to be evaluated that reads of these process ids; of none: of the syncing."""


def evaluate_rules(
    db: Any,
    book: RuleBook,
    now: float,
    *,
    awake_since: float | None = None,
    wanted: Wanted = lambda _rule, _process_ids: True,
) -> Evaluation:
    """Evaluate the wanted rules that are on, for every corporation.

    `db` has the static data attached as `ref`.

    A process that is switched off is left out: its rows are of some other day. A rule that
    raises costs its own alerts only, which stay as they were, and is logged by its name.
    """
    enabled = {p for (p,) in db.execute("SELECT process_id FROM sync_schedule WHERE enabled")}
    tables = {table.name: table for process in book.processes for table in process.logged}
    recent = now - int(book.settings.get("recent", 0)) * HOUR
    alerts: list[OpenAlert] = []
    evaluated: set[tuple[int, str]] = set()
    for corporation_id in _corporations(db):
        memory: dict[Callable[..., Any], Any] = {}
        for rule, processes in book.rules():
            process_ids = [f"{corporation_id}/{process.type}" for process in processes]
            process_id = process_ids[0] if process_ids else None
            if not wanted(rule, process_ids) or not (process_id is None or process_id in enabled):
                continue
            context = RuleContext(
                db,
                corporation_id,
                now,
                int(book.settings.get(rule.name, rule.default)),
                recent,
                book.floors,
                awake_since,
                process_id,
                book.boards,
                memory,
                tables,
            )
            try:
                found = list(rule.find(context))
            except Exception:
                log.exception("the rule %s failed for corporation %d", rule.name, corporation_id)
                continue
            evaluated.add((corporation_id, rule.name))
            own = processes[0].type if processes else None
            alerts += (_open(alert, corporation_id, rule, own, now) for alert in found)
    return Evaluation(tuple(alerts), frozenset(evaluated))


def _corporations(db: Any) -> list[int]:
    ids: Iterable[tuple[str]] = db.execute("SELECT process_id FROM sync_schedule")
    return sorted({int(process_id.partition("/")[0]) for (process_id,) in ids})


def _open(alert: Alert, corporation_id: int, rule: Rule, own: str | None, now: float) -> OpenAlert:
    return OpenAlert(
        corporation_id,
        rule.name,
        alert.dedupe_key,
        alert.level,
        alert.sentence,
        alert.action,
        alert.since,
        alert.process_type or own,
        alert.table_name,
        alert.row_key,
        rule.opens,
        now,
    )
