"""A run on one line: as much as fits, nothing cut in the middle of a word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corpsync_tui.tui.screens.history.run_line import run_line
from tests.tui.stage import NOW, run


def read(width: int, **changes: object) -> str:
    shown = replace(run(1, "assets"), **changes)  # type: ignore[arg-type]
    return "".join(text for text, _ in run_line(shown, NOW, width, with_process=False)).rstrip()


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (47, " 12:53 ✓  4,297  11.6s  +12 ~40 −8"),
        (72, "14 Mar 12:53 ✓ success         4,297  11.6s  +12 ~40 −8"),
        (82, "14 Mar 12:53 ✓ success         4,297  11.6s  +12 ~40 −8        5 req, 3 unchanged"),
        (
            100,
            "14 Mar 12:53 ✓ success         4,297  11.6s  "
            "+12 ~40 −8        5 req, 3 unchanged     schedule",
        ),
    ],
)
def test_wider_lines_say_more(width: int, line: str) -> None:
    assert read(width) == line


def test_a_failed_run_says_why_in_place_of_its_counts() -> None:
    failed = {"result": "error", "error_message": "ESI fails [b]at page 3\x1b[0m", "items": 0}
    assert read(60, **failed) == " 12:53 ✗      –  11.6s  ESI fails [b]at page 3␛[0m"
