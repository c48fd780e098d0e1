"""The history answers what the director asks it."""

from typing import Any

import pytest

from corpsync_tui.store.database import Store
from corpsync_tui.store.models import SyncHistoryRow
from corpsync_tui.store.queries import find_runs

pytestmark = pytest.mark.anyio

RUNS = [
    ("98000001/assets", "success", 1000.0),
    ("98000002/assets", "error", 2000.0),
    ("98000001/wallet", "success", 3000.0),
    ("98000001/assets", "error", 4000.0),
]


def fill(_: object) -> None:
    for process_id, result, start in RUNS:
        corporation_id, process_type = process_id.split("/")
        SyncHistoryRow.create(
            process_id=process_id,
            process_type=process_type,
            corporation_id=int(corporation_id),
            trigger="schedule",
            start_time=start,
            result=result,
        )


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({}, [4, 3, 2, 1]),
        ({"limit": 2}, [4, 3]),
        ({"limit": 2, "before": 3}, [2, 1]),
        ({"process": "98000001/assets"}, [4, 1]),
        ({"process": "assets"}, [4, 2, 1]),
        ({"process": "assets", "result": "error"}, [4, 2]),
        ({"since": 2000.0, "until": 4000.0}, [3, 2]),
    ],
)
async def test_runs_are_found_newest_first(
    store: Store, asked: dict[str, Any], ids: list[int]
) -> None:
    await store.write(fill)
    found = await store.read(lambda _: find_runs(**asked))
    assert [run["id"] for run in found] == ids
