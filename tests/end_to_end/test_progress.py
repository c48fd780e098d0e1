"""The steps that a run tells, to the letter."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from corpsync_tui.sync.events import RunRecorded, StatusChanged, SyncEvent
from tests.support.house import House

pytestmark = pytest.mark.anyio

Steps = list[tuple[float, str]]


@contextmanager
def told(house: House) -> Iterator[Steps]:
    """The progress and steps that subscribers hear meanwhile, repetitions left out."""
    steps: Steps = []

    def hear(event: SyncEvent) -> None:
        if isinstance(event, StatusChanged):
            step = (round(event.status.progress, 1), event.status.current_step)
            if step not in steps[-1:]:
                steps.append(step)

    unsubscribe = house.workspace.state.subscribe(hear)
    yield steps
    unsubscribe()


async def test_a_plain_list(house: House) -> None:
    with told(house) as steps:
        run = await house.sync_data("members")
    tracked = round(50 + 40 * (run.items - 1) / run.items, 1)
    assert steps == [
        (0, "Initializing…"),
        (10, "Fetching members from ESI…"),
        (30, "Fetching members from ESI…"),
        (50, "Fetching members from ESI…"),
        (50, "Storing members in database…"),
        (tracked, "Storing members in database…"),
        (90, "Storing members in database…"),
        (90, "Finalizing…"),
        (100, "Completed"),
    ]


async def test_pages(house: House) -> None:
    with told(house) as steps:
        await house.sync_data("assets")
    assert steps == [
        (0, "Initializing…"),
        (10, "Fetching assets from ESI…"),
        (23.3, "Fetching assets from ESI… (page 1 of 3)"),
        (36.7, "Fetching assets from ESI… (page 2 of 3)"),
        (50, "Fetching assets from ESI… (page 3 of 3)"),
        (50, "Storing assets in database…"),
        (90, "Storing assets in database…"),
        (90, "Finalizing…"),
        (100, "Completed"),
    ]


async def test_divisions(house: House) -> None:
    with told(house) as steps:
        await house.sync_data("wallet")
    texts = list(dict.fromkeys(text for _, text in steps))
    assert texts == [
        "Initializing…",
        "Fetching wallet transactions from ESI…",
        *(
            f"Fetching wallet transactions from ESI… (division {number} of 7)"
            for number in range(1, 8)
        ),
        "Storing wallet transactions in database…",
        "Finalizing…",
        "Completed",
    ]
    assert [p for p, _ in steps] == sorted(p for p, _ in steps)
    starts = {text: p for p, text in reversed(steps)}
    divisions = [starts[text] for text in texts if "division" in text]
    assert 10 < divisions[0] < divisions[-1] < 50


@pytest.mark.parametrize(
    ("process_type", "noun"),
    [
        ("manufacturing", "industry jobs"),
        ("market", "market orders"),
        ("mining", "mining ledger"),
        ("killmails", "killmails"),
        ("container_logs", "container logs"),
    ],
)
async def test_every_process_uses_its_noun(house: House, process_type: str, noun: str) -> None:
    with told(house) as steps:
        await house.sync_data(process_type)
    assert steps[0] == (0, "Initializing…")
    assert steps[1] == (10, f"Fetching {noun} from ESI…")
    assert (50, f"Storing {noun} in database…") in steps
    assert steps[-2:] == [(90, "Finalizing…"), (100, "Completed")]
    assert [p for p, _ in steps] == sorted(p for p, _ in steps)


async def test_retries_are_told_and_over(house: House) -> None:
    house.simulator.fault("/corporations/{corporation_id}/membertracking", status=502, count=2)
    with told(house) as steps:
        await house.sync_data("members")
    texts = list(dict.fromkeys(text for _, text in steps))
    assert texts[:4] == [
        "Initializing…",
        "Fetching members from ESI…",
        "Fetching members from ESI… (retry 1 of 4 in 1 s)",
        "Fetching members from ESI… (retry 2 of 4 in 2 s)",
    ]
    assert texts[-1] == "Completed"


async def test_an_error_keeps_the_progress_and_tells_the_sentence(house: House) -> None:
    house.simulator.fault("/corporations/{corporation_id}/industry/jobs", status=404)
    with told(house) as steps:
        run = await house.sync_data("manufacturing")
    assert steps[-1] == (10, run.error_message)


async def test_the_start_and_the_end_of_a_run_are_told(house: House) -> None:
    runs: list[str] = []

    def hear(event: SyncEvent) -> None:
        if isinstance(event, RunRecorded):
            runs.append(event.run.result)

    house.workspace.state.subscribe(hear)
    await house.sync_data("members")
    assert runs == ["running", "success"]
