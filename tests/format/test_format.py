"""Numbers, ages, bars and words as the screens write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rich.cells import cell_len

from corpsync_tui.catalog_index import process_title
from corpsync_tui.format.amounts import bar, bar_with_percent, need
from corpsync_tui.format.markdown import escape_markdown
from corpsync_tui.format.times import lasted, short_time, span, until
from corpsync_tui.tui.cells import fit
from tests.tui.stage import NOW, ago


@pytest.mark.parametrize(
    ("percent", "drawn"),
    [
        (0, "──────────"),
        (4.9, "──────────"),
        (5, "╸─────────"),
        (55, "━━━━━╸────"),
        (99.9, "━━━━━━━━━╸"),
        (100, "━━━━━━━━━━"),
        (250, "━━━━━━━━━━"),
    ],
)
def test_bar_moves_by_half_cells_and_is_full_only_at_the_end(percent: float, drawn: str) -> None:
    assert bar(percent) == drawn


def test_the_figure_never_says_more_than_is_done() -> None:
    assert bar_with_percent(99.99).endswith(" 99%")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "<1m"),
        (59, "<1m"),
        (60, "1m"),
        (99 * 60, "99m"),
        (3600 * 2 + 300, "2h05"),
        (86400 * 2 + 3600 * 4, "2d4h"),
        (86400 * 90, "90d"),
    ],
)
def test_spans_take_five_characters(seconds: float, shown: str) -> None:
    assert span(seconds) == shown
    assert len(shown) <= 5


def test_what_is_due_is_now() -> None:
    assert until(NOW, NOW) == "now"
    assert until(None, NOW) == "–"
    assert until(NOW + timedelta(minutes=48, seconds=10), NOW) == "48m"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(None, "–"), (0.04, "0.0s"), (12.4, "12.4s"), (185, "3m05s")]
)
def test_durations(seconds: float | None, shown: str) -> None:
    assert lasted(seconds) == shown


def test_older_times_show_their_day() -> None:
    assert short_time(ago(12), NOW) == "13:53"
    assert short_time(ago(60 * 24 * 3), NOW) == "11 Mar"


def test_needs_in_words() -> None:
    assert need("role:Accountant") == "role Accountant"
    assert need("login") == "login"


def test_an_unknown_process_has_a_name_too() -> None:
    assert process_title("container_logs") == "Container logs"
    assert process_title("moon_\x1bextractions") == "Moon ␛extractions"


@pytest.mark.parametrize(
    "text", ["short", "much too long for it", "株式会社株式会社", "é\u0301" * 9, ""]
)
@pytest.mark.parametrize("width", [1, 2, 7, 8])
def test_texts_fill_their_cells_exactly(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width
    assert cell_len(fit(text, width, right=True)) == width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1. Jita", r"1\. Jita"),
        ("12. Fleet", r"12\. Fleet"),
        ("2026. Over", r"2026\. Over"),
        ("In 12. Fleet", "In 12. Fleet"),
        ("12 *bold* 3.5", r"12 \*bold\* 3.5"),
        ("- item", r"\- item"),
    ],
)
def test_text_is_no_markdown(text: str, shown: str) -> None:
    assert escape_markdown(text) == shown
