"""A night in the corporation, for the Changes and Attention screens."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import groupby
from typing import Any

from corpsync_tui.queries.alerts import Level, OpenAlert
from corpsync_tui.queries.change_list import (
    FEW,
    LINES,
    ChangeDetail,
    ChangeField,
    ChangeLine,
    ChangeList,
    RunChanges,
    RunList,
)
from corpsync_tui.queries.changes import ChangeFilter
from corpsync_tui.sync.events import AttentionChanged
from tests.tui.scenes import HOSTILE
from tests.tui.stage import HEDU, OTHER, StageApp, ago, both, corporation


def line(id: int, run_id: int, table: str, kind: str, sentence: str) -> ChangeLine:
    process = {"member": "members", "asset": "assets", "wallet_journal": "wallet"}[table]
    return ChangeLine(id, run_id, ago(60 * (40 - run_id)), HEDU, process, table, kind, sentence)


NIGHT = (
    line(9, 39, "member", "added", "Aldra Vex joined"),
    line(8, 39, "member", "removed", "Bero Sand left"),
    line(7, 38, "wallet_journal", "added", "Master wallet −1.2 B to Bero Sand (player donation)"),
    line(6, 37, "asset", "changed", "Jita 4-4 › Hangar 3: 40 Tritanium gone, 60 left"),
    line(5, 37, "asset", "removed", "Jita 4-4 › Hangar 3: 12 × Rifter gone"),
    line(4, 30, "asset", "bulk", "Asset: 12,000 changed; too many to keep one by one"),
)


class StageChanges:
    """A newsroom that holds these lines, and writes down what was asked."""

    def __init__(self, lines: tuple[ChangeLine, ...] = NIGHT) -> None:
        self.lines = lines
        self.at_once = LINES
        """Changes that one answer has."""
        self.asked: list[ChangeFilter] = []
        self.seen = 0

    async def changes(self, which: ChangeFilter, text: str, before_id: int | None) -> ChangeList:
        self.asked.append(which)
        found = [c for c in self.lines if self._passes(c, which, text)]
        found = [c for c in found if before_id is None or c.id < before_id]
        more = len(found) > self.at_once
        lines = tuple(found[: self.at_once])
        return ChangeList(lines, lines[-1].id if more else None)

    async def changed_runs(
        self, which: ChangeFilter, mark: int, before_run: int | None, limit: int
    ) -> RunList:
        self.asked.append(which)
        found = [c for c in self.lines if self._passes(c, which, "")]
        runs = [
            RunChanges(
                run_id,
                changes[0].when,
                changes[0].corporation_id,
                changes[0].process_type,
                Counter(c.kind for c in changes),
                max(c.id for c in changes),
                changes if len(changes) <= FEW else (),
            )
            for run_id, group in groupby(found, key=lambda c: c.run_id)
            if before_run is None or run_id < before_run
            if (changes := list(group))
        ]
        new = sum(c.id > mark for c in self.lines)
        newest = max((c.id for c in self.lines), default=0)
        return RunList(runs[:limit], len(found), new, newest, len(runs) > limit)

    def _passes(self, change: ChangeLine, which: ChangeFilter, text: str) -> bool:
        return (
            (not which.tables or change.table_name in which.tables)
            and which.kind in (None, change.kind)
            and which.run_id in (None, change.run_id)
            and which.corporation_id in (None, change.corporation_id)
            and (which.since is None or change.when.timestamp() >= which.since)
            and (which.after_id is None or change.id > which.after_id)
            and text.casefold() in change.sentence.casefold()
        )

    async def change(self, change_id: int) -> ChangeDetail | None:
        found = next((c for c in self.lines if c.id == change_id), None)
        if found is None:
            return None
        fields = [
            ChangeField("quantity", "100", "60"),
            ChangeField("services", "a", "b", "Market online → offline; Clone Bay new"),
            ChangeField("name", None, HOSTILE),
        ]
        return ChangeDetail(found, "Item 1041700000574", fields)

    async def mark_seen(self) -> None:
        self.seen += 1


def item(rule: str, sentence: str, level: Level, minutes: float, **more: object) -> OpenAlert:
    values: dict[str, Any] = {"action": "open", "dedupe_key": "1", **more}
    return OpenAlert(
        HEDU, rule, level=level, sentence=sentence, since=ago(minutes).timestamp(), **values
    )


ITEMS = (
    item(
        "parked",
        "Wallet: needs role Accountant",
        "high",
        180,
        action="retry",
        process_type="wallet",
    ),
    item("login", "Bero Sand must log in again", "high", 200, action="login", process_type=None),
    item(
        "job_ready",
        "Maurasi - Assembly Line: 12 × Rifter ready to deliver",
        "medium",
        35,
        process_type="manufacturing",
        table_name="industry_job",
        row_key={"job_id": 1},
    ),
    replace(
        item(
            "member",
            "Aldra Vex joined",
            "low",
            60,
            process_type="members",
            table_name="member",
            row_key={"character_id": 7},
        ),
        seen=True,
        opens="changes",
    ),
)


def app_at_night(lines: tuple[ChangeLine, ...] = NIGHT, *, two: bool = False) -> StageApp:
    """The app over this night; nothing needs attention until it is said."""
    app = StageApp(both() if two else corporation())
    app.stage.change_log = StageChanges(lines)
    return app


def say(
    app: StageApp, *items: OpenAlert, new: tuple[OpenAlert, ...] = (), rings: bool = False
) -> None:
    """Have the watch tell its list."""
    app.stage.say(AttentionChanged(items, new, rings=rings))


def hostile() -> tuple[ChangeLine, ...]:
    """Lines that try to do harm."""
    return tuple(replace(change, sentence=HOSTILE, kind="added") for change in NIGHT)


ELSEWHERE = replace(ITEMS[2], corporation_id=OTHER)
