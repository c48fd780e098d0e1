"""A row in full, line by line."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from corpsync_tui.queries.browse_types import Detail, DetailField
from corpsync_tui.tui.screens.data.detail_text import detail_lines, detail_text

NOW = datetime(2026, 3, 14, 14, 5, tzinfo=UTC)
NAMES = {4051: "Nitrogen Fuel Block"}


def lines_of(**nested: Any) -> list[str]:
    """What a row says of its JSON columns."""
    fields = [DetailField("structure_id", "structure", 7, "Perimeter")]
    detail = Detail("structure", "Structures", ("structure_id",), (98, 7), fields, nested, NAMES)
    first, *others = detail_text(detail, NOW).splitlines()
    assert first == "Structure: Perimeter  7"
    return others


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        (
            [{"name": "Market", "state": "online"}, {"name": "Clone Bay", "state": "offline"}],
            ["Things (2)", "    Market online", "    Clone Bay offline"],
        ),
        (
            [{"type_id": 4051, "quantity": 1200}],
            ["Things (1)", "    Nitrogen Fuel Block quantity 1,200"],
        ),
        (["Director", "\x1b[31mTrader"], ["Things (2)", "    Director", "    ␛[31mTrader"]),
        ([], ["Things (0)"]),
        (
            {"state": "done", "parts": [{"name": "Hull", "done": True}]},
            ["Things", "  State: done", "Parts (1)", "    Hull done yes"],
        ),
    ],
)
def test_a_nested_list_has_a_line_for_each_element(value: Any, lines: list[str]) -> None:
    assert lines_of(things=value) == lines


def test_a_moment_has_this_computer_s_time_beside_eve_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    fields = [DetailField("end_date", "when", "2026-03-14T15:00:00Z")]
    detail = Detail("industry_job", "Industry jobs", ("job_id",), (98, 7), fields, {}, {})
    ((label, line),) = detail_lines(detail, NOW)
    monkeypatch.undo()
    time.tzset()
    assert (label, line) == ("End date", [("2026-03-14 15:00 (00:00 here)  in 55m", "")])
