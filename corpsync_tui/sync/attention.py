"""The one sorted list of what needs a hand now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.rules import LEVELS, Finding, Look, Rule
from corpsync_tui.sync.attention_rules import RULES

HOUR = 3_600.0


@dataclass(frozen=True, slots=True)
class Item:
    """Something that needs a hand."""

    fact: str
    """The same as long as its cause is; of no other cause, also over restarts."""
    rule: str
    corporation_id: int
    finding: Finding
    seen: bool = False

    @property
    def process_id(self) -> str | None:
        """The process it is about."""
        kind = self.finding.process_type
        return None if kind is None else f"{self.corporation_id}/{kind}"


@dataclass(frozen=True, slots=True)
class Attention:
    """What was looked for, and what was found."""

    items: tuple[Item, ...] = ()
    """The most urgent first; within a level the newest."""
    looked: frozenset[str] = frozenset()
    """What the facts of every rule that was asked begin with."""


def look_around(
    db: Any,
    processes: Iterable[Process],
    rules: Mapping[str, bool | int],
    floors: Mapping[int, int],
    now: float,
    *,
    awake_since: float | None = None,
) -> Attention:
    """Ask every rule that is on, for every corporation; runs on a database thread.

    A process that is switched off is not looked at: its rows are of some other day.
    """
    seen = {fact for (fact,) in db.execute("SELECT fact FROM told WHERE seen")}
    enabled = {p for (p,) in db.execute("SELECT process_id FROM sync_schedule WHERE enabled")}
    items, looked = [], set()
    for corporation_id in _corporations(db):
        for rule, process in _rules(processes):
            setting = rules.get(rule.name, True)
            off = process is not None and f"{corporation_id}/{process.type}" not in enabled
            if setting is False or off:
                continue
            prefix = f"{rule.name}:{corporation_id}:"
            looked.add(prefix)
            recent = now - int(rules.get("recent", 0)) * HOUR
            look = Look(db, corporation_id, now, int(setting), recent, floors, awake_since)
            for finding in rule.find(look):
                fact = prefix + finding.fact
                items.append(
                    Item(fact, rule.name, corporation_id, _of(finding, process), fact in seen)
                )
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


def _of(finding: Finding, process: Process | None) -> Finding:
    """The finding with its process, where its rule left that out."""
    if process is None or finding.process_type is not None:
        return finding
    return Finding(
        finding.fact,
        finding.sentence,
        finding.level,
        finding.since,
        finding.action,
        process.type,
        finding.table_name,
        finding.row_key,
    )


def _urgency(item: Item) -> tuple[int, float, str]:
    finding = item.finding
    return LEVELS.index(finding.level), -(finding.since or 0.0), item.fact
