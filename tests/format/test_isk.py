"""Sentences say amounts shortly, and never hide what they tell of."""

import pytest

from corpsync_tui.format.amounts import isk, isk_from_to, signed_isk


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (None, "an unknown sum"),
        (0.0, "0.00"),
        (12.3, "12.30"),
        (999.96, "1.0 k"),
        (3_200_000.0, "3.2 M"),
        (-340_500_000.0, "−340.5 M"),
        (1_234_567_890.12, "1.2 B"),
        (7.1e12, "7.1 T"),
    ],
)
def test_amounts_are_short(amount: float | None, words: str) -> None:
    assert isk(amount) == words


def test_what_came_in_bears_a_plus() -> None:
    assert [signed_isk(5.0), signed_isk(-5.0)] == ["+5.00", "−5.00"]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (3_200_000.0, 3_900_000.0, "3.2 M → 3.9 M"),
        (3_200_000.0, 3_200_000.01, "3,200,000.00 → 3,200,000.01"),
        (-3_210_000.0, -3_200_000.0, "−3,210,000.00 → −3,200,000.00"),
        (None, 5.0, "an unknown sum → 5.00"),
    ],
)
def test_a_change_too_small_for_short_words_is_told_in_full(
    before: float | None, after: float, words: str
) -> None:
    assert isk_from_to(before, after) == words
