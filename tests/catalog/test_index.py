"""What a process's file must say, so that it can be listed without being imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.rules import Rule
from corpsync_tui.catalog_index import (
    FOLDER,
    RuleEntry,
    entries,
    process_place,
    process_title,
    read_entries,
)
from corpsync_tui.errors import DeclarationError

GOOD = """
PROCESS = Process(
    "standings", title="Standings", noun="standings", order=85, interval_minutes=120,
    demo_minutes=2, datasets=[],
)
"""


def test_it_says_what_the_processes_say() -> None:
    assert [(e.type, e.title, e.order, e.interval_minutes) for e in entries().values()] == [
        (p.type, p.title, p.order, p.interval_minutes) for p in ALL
    ]
    assert sorted([*entries(), "__init__"]) == sorted(file.stem for file in FOLDER.glob("*.py"))


def test_a_file_is_read_without_being_run(tmp_path: Path) -> None:
    (tmp_path / "standings.py").write_text(f"raise SystemExit\n{GOOD}")

    assert read_entries(tmp_path)["standings"].demo_minutes == 2


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        ('"standings",', '"standing",', "standings.py declares the process 'standing'"),
        ("order=85,", "", "must have a title, an order"),
        ('title="Standings",', "", "must have a title"),
        ("order=85", "order=NEXT", "written out"),
        ("PROCESS =", "process =", "does not end in PROCESS = Process"),
        ("Process(", "Process[", "does not end in PROCESS = Process"),
    ],
)
def test_what_cannot_be_listed_is_refused(tmp_path: Path, good: str, bad: str, says: str) -> None:
    (tmp_path / "standings.py").write_text(GOOD.replace(good, bad))

    with pytest.raises(DeclarationError, match=says):
        read_entries(tmp_path)


@pytest.mark.parametrize(
    "rules",
    [
        'Rule("bad", bad)',
        'Rule("bad", bad, says=WORDS)',
        'Rule("bad", bad, says="…", default=DAY)',
        "BAD",
        "*RULES",
    ],
)
def test_a_rule_that_settings_could_not_show_is_refused(tmp_path: Path, rules: str) -> None:
    file = tmp_path / "standings.py"
    file.write_text(GOOD.replace("datasets=[]", f"datasets=[], rules=[{rules}]"))

    with pytest.raises(DeclarationError, match="each Rule must have a name"):
        read_entries(tmp_path)


def test_a_rule_is_a_setting(tmp_path: Path) -> None:
    rule = 'Rule("bad", bad, says="A bad standing.", default=5)'
    file = tmp_path / "standings.py"
    file.write_text(GOOD.replace("datasets=[]", f"datasets=[], rules=[{rule}]"))

    assert read_entries(tmp_path)["standings"].rules == (RuleEntry("bad", "A bad standing.", 5),)


@pytest.mark.parametrize(
    ("name", "says", "default"),
    [("bad one", "It is.", True), ("bad", "", True), ("bad", "a\nb", 1), ("bad", "It is.", False)],
)
def test_a_rule_that_cannot_be_set_is_refused(name: str, says: str, default: bool | int) -> None:
    with pytest.raises(DeclarationError, match="the rule"):
        Rule(name, lambda _: (), says=says, default=default)


def test_two_processes_cannot_stand_in_one_place(tmp_path: Path) -> None:
    for name in ("standings", "medals"):
        (tmp_path / f"{name}.py").write_text(GOOD.replace('"standings"', f'"{name}"', 1))

    with pytest.raises(DeclarationError, match="the same order, 85"):
        read_entries(tmp_path)


def test_a_process_of_another_version_comes_last_by_its_type() -> None:
    assert process_title("moon_goo") == "Moon goo"
    assert sorted(["moon_goo", *reversed(list(entries()))], key=process_place)[-1] == "moon_goo"
