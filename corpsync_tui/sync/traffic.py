"""What the runs of a day asked of ESI, and what the next ones will want of its buckets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.esi.buckets import USUAL_COST


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the next run of a process wants of one bucket."""

    process_id: str
    process_type: str
    group: str
    tokens: int


def sent_since(db: Any, moment: float) -> tuple[int, int]:
    """Requests, and answers 304, of the runs that began at `moment` (Unix seconds) or later."""
    sent, same = db.execute(
        "SELECT COALESCE(SUM(requests_sent), 0), COALESCE(SUM(not_modified), 0)"
        " FROM sync_history WHERE start_time >= ?",
        (moment,),
    ).fetchone()
    return int(sent), int(same)


def urls_in_hand(db: Any) -> dict[tuple[str, str], int]:
    """By process id and data set, how many URLs its last run read."""
    rows = db.execute(
        "SELECT process_id, dataset, COUNT(*) FROM validator GROUP BY process_id, dataset"
    )
    return {(process_id, dataset): count for process_id, dataset, count in rows}


def wanted(
    process_ids: Iterable[str], process: Process, urls: dict[tuple[str, str], int]
) -> list[Wanted]:
    """What the next runs of a process want: two tokens for each URL that the last one read."""
    found = []
    for process_id in process_ids:
        groups = Counter[str]()
        for dataset in process.datasets:
            if dataset.route.group is not None:  # else the error limit counts, not tokens
                known = urls.get((process_id, dataset.table), 0)
                groups[dataset.route.group] += USUAL_COST * max(1, known)
        found += [Wanted(process_id, process.type, *use) for use in groups.items()]
    return found
