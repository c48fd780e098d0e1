"""The one sorted list of what needs attention now."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.rules import LEVELS, Alert, Opens, Rule, RuleContext
from corpsync_tui.sync.attention_rules import RULES

HOUR = 3_600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Item:
    """An alert in the list."""

    fact: str
    """The same as long as its cause is; of no other cause, also over restarts."""
    rule: str
    corporation_id: int
    alert: Alert
    seen: bool = False
    opens: Opens = "row"

    @property
    def process_id(self) -> str | None:
        """The process it is about."""
        kind = self.alert.process_type
        return None if kind is None else f"{self.corporation_id}/{kind}"


@dataclass(frozen=True, slots=True)
class Attention:
    """What was looked for, and what was found."""

    items: tuple[Item, ...] = ()
    """The most urgent first; within a level the newest."""
    looked: frozenset[str] = frozenset()
    """What the facts of every rule that was asked begin with."""


def evaluate_rules(
    db: Any,
    processes: Iterable[Process],
    rules: Mapping[str, bool | int],
    floors: Mapping[int, int],
    now: float,
    *,
    awake_since: float | None = None,
) -> Attention:
    """Ask every rule that is on, for every corporation; runs on a database thread.

    A process that is switched off is left out: its rows are of some other day. A rule that
    raises costs its own alerts only, and is logged by its name.
    """
    seen = {fact for (fact,) in db.execute("SELECT fact FROM told WHERE seen")}
    enabled = {p for (p,) in db.execute("SELECT process_id FROM sync_schedule WHERE enabled")}
    recent = now - int(rules.get("recent", 0)) * HOUR
    items, looked = [], set()
    for corporation_id in _corporations(db):
        for rule, process in _rules(processes):
            setting = rules.get(rule.name, rule.default)
            process_id = None if process is None else f"{corporation_id}/{process.type}"
            off = process_id is not None and process_id not in enabled
            if setting is False or off:
                continue
            prefix = f"{rule.name}:{corporation_id}:"
            context = RuleContext(
                db, corporation_id, now, int(setting), recent, floors, awake_since, process_id
            )
            try:
                alerts = list(rule.find(context))
            except Exception:
                log.exception("the rule %s failed for corporation %d", rule.name, corporation_id)
                continue
            looked.add(prefix)
            for alert in alerts:
                fact = prefix + alert.dedupe_key
                mine = _of(alert, process)
                items.append(Item(fact, rule.name, corporation_id, mine, fact in seen, rule.opens))
    items.sort(key=_urgency)
    return Attention(tuple(items), frozenset(looked))


def _corporations(db: Any) -> list[int]:
    ids = db.execute("SELECT process_id FROM sync_schedule")
    return sorted({int(process_id.partition("/")[0]) for (process_id,) in ids})


def _rules(processes: Iterable[Process]) -> Iterator[tuple[Rule, Process | None]]:
    for rule in RULES:
        yield rule, None
    for process in processes:
        for rule in process.rules:
            yield rule, process


def _of(alert: Alert, process: Process | None) -> Alert:
    """The alert with its process, where its rule left that out."""
    if process is None or alert.process_type is not None:
        return alert
    return replace(alert, process_type=process.type)


def _urgency(item: Item) -> tuple[int, float, str]:
    alert = item.alert
    return LEVELS.index(alert.level), -(alert.since or 0.0), item.fact
