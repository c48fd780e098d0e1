"""Who runs, who waits, and in which order."""

from __future__ import annotations

import pytest

from corpsync_tui.sync.queue import Request, RunQueue, ordinal


def ids(queue: RunQueue) -> list[str]:
    taken = []
    while (request := queue.take()) is not None:
        taken.append(request.process_id)
    return taken


def test_no_more_are_taken_than_there_are_slots() -> None:
    queue = RunQueue(2)
    for name in "abcd":
        queue.add(Request(name, "schedule"))

    assert ids(queue) == ["a", "b"]
    assert queue.waiting == ("c", "d")
    queue.release("a")
    assert ids(queue) == ["c"]


def test_manual_requests_go_first_in_the_order_they_came() -> None:
    queue = RunQueue(9)
    for name, trigger in (("a", "schedule"), ("b", "manual"), ("c", "startup"), ("d", "manual")):
        queue.add(Request(name, trigger))  # type: ignore[arg-type]

    assert queue.waiting == ("b", "d", "a", "c")


def test_a_process_waits_once_and_a_manual_request_moves_it_ahead() -> None:
    queue = RunQueue(9)
    for name in "abc":
        queue.add(Request(name, "schedule"))
    queue.add(Request("c", "schedule"))
    queue.add(Request("c", "manual"))
    queue.add(Request("c", "schedule"))

    assert queue.waiting == ("c", "a", "b")
    taken = queue.take()
    assert taken is not None
    assert taken.trigger == "manual"


def test_requests_can_be_taken_back() -> None:
    queue = RunQueue(9)
    queue.add(Request("a", "schedule"))
    queue.add(Request("b", "manual"))

    assert queue.remove(lambda request: not request.manual) == ["a"]
    assert queue.waiting == ("b",)


@pytest.mark.parametrize(
    ("place", "word"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (21, "21st")],
)
def test_ordinals(place: int, word: str) -> None:
    assert ordinal(place) == word
