"""Charts say what they show, in which unit and when, and fit into every room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from corpsync_tui.format.amounts import isk
from corpsync_tui.tui.theme import CORPSYNC
from corpsync_tui.tui.widgets.chart import Chart, Series, chart_lines
from tests.tui.pictures import Compare, look_as_ever

BALANCE = Series(
    "Balance",
    [1_050e6, 1_061e6, 1_065e6, 1_180e6, None, 1_150e6, 1_144e6, 1_201e6, 1_233e6],
    lambda amount: f"{isk(amount)} ISK",
    "6 Mar",
    "14 Mar",
    level=True,
)
INCOME = Series(
    "Income a day", [30e6, 11e6, -120e6, 230e6, 0, 45e6], isk, "9 Mar", "14 Mar", level=False
)


def drawn(series: Series, width: int, height: int) -> list[str]:
    return ["".join(text for text, _ in line) for line in chart_lines(series, width, height)]


def test_a_level_is_drawn_between_its_lowest_and_highest_figure() -> None:
    assert drawn(BALANCE, 44, 6) == [
        "Balance  1.2 B ISK",
        "  1.2 B ISK ┤          ▁▁▁           ▄▄▄ ██ ",
        "            │          ███    ▅▅▅ ▄▄ ███ ██ ",
        "            │   ▁▁▁ ▂▂ ███    ███ ██ ███ ██ ",
        "989.0 M ISK ┤██ ███ ██ ███    ███ ██ ███ ██ ",
        "            └ 6 Mar ───────────────── 14 Mar",
    ]


def test_losses_hang_below_zero() -> None:
    assert drawn(INCOME, 40, 8) == [
        "Income a day  45.0 M",
        " 240.0 M ┤               ▇▇▇▇           ",
        "         │               ████           ",
        "         │               ████           ",
        "    0.00 ┤▄▄▄▄ ▁▁▁▁      ████ ▁▁▁▁ ▆▆▆▆ ",
        "         │          ████                ",
        "−120.0 M ┤          ████                ",
        "         └ 9 Mar ──────────────── 14 Mar",
    ]


@pytest.mark.parametrize("values", [[], [3.0], [None, None, 3.0]])
def test_too_few_figures_are_no_chart(values: list[float | None]) -> None:
    assert drawn(Series("Rows", values, str), 25, 6) == ["Rows: too few figures yet"]


def test_low_room_takes_one_line() -> None:
    assert drawn(BALANCE, 60, 3) == ["Balance ▂▂▂▆ ▅▅▇█ 1.1 B ISK – 1.2 B ISK"]
    assert drawn(BALANCE, 30, 3) == ["Balance 1.1 B ISK – 1.2 B ISK "]


FIGURES = st.lists(st.none() | st.floats(-1e13, 1e13), max_size=300)


@given(FIGURES, st.integers(0, 120), st.integers(0, 20), st.booleans())
def test_charts_fit_into_every_room(
    values: list[float | None], width: int, height: int, level: bool
) -> None:
    series = Series("Balance", values, isk, "6 Mar", "14 Mar", level=level)
    lines = drawn(series, width, height)
    assert len(lines) <= max(1, height)
    assert all(cell_len(line) <= width for line in lines)


class TwoCharts(App[None]):
    CSS = "Chart { height: 1fr; } #line { height: 1; }"

    def compose(self) -> ComposeResult:
        for name, series in {"balance": BALANCE, "income": INCOME, "line": BALANCE}.items():
            chart = Chart(id=name)
            chart.show(series)
            yield chart

    def on_mount(self) -> None:
        self.register_theme(CORPSYNC)
        self.theme = CORPSYNC.name


def test_picture(snap_compare: Compare) -> None:
    look_as_ever(TwoCharts(), snap_compare)
