"""Statements that every Python takes: from 3.14 on sqlite3 refuses `?1` and parameters in a row."""

import re
from pathlib import Path

import corpsync_tui

NUMBERED = re.compile(r"[=<>(, ]\?\d")


def test_no_statement_numbers_its_parameters() -> None:
    files = list(Path(corpsync_tui.__file__).parent.rglob("*.py"))
    assert len(files) > 100
    assert [file.name for file in files if NUMBERED.search(file.read_text("utf-8"))] == []
