"""`corpsync stock`: targets from what the game and fitting programs copy."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.cli.stock import parse_items
from corpsync_tui.settings.edit import store_targets
from tests.cli.conftest import Run
from tests.support.database import CORPORATION, insert, insert_process, make_database

FIT = """[Rifter, Scout]

Damage Control II
200mm AutoCannon II, EMP S
200mm AutoCannon II, EMP S /OFFLINE
[Empty Low slot]

Hobgoblin II x5
Cap Booster 800 x12
"""


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Tritanium 100\nPyerite x20\n3x Mexallon\n", (100, 20, 3)),
        ("Tritanium\t1,000\t5.00\t5,000.00\nPyerite\t2\nMexallon\nTotal:\t\t\t5", (1000, 2, 1)),
    ],
)
def test_lines_for_multibuy(text: str, counts: tuple[int, ...]) -> None:
    assert dict(parse_items(text)) == dict(
        zip(("Tritanium", "Pyerite", "Mexallon"), counts, strict=True)
    )


def test_a_name_that_ends_in_a_number_is_no_count() -> None:
    assert parse_items("Cap Booster 800", {"cap booster 800"}) == {"Cap Booster 800": 1}
    assert parse_items("Cap Booster 800 5") == {"Cap Booster 800": 5}


def test_a_fit_is_its_ship_modules_charges_and_cargo() -> None:
    assert parse_items(FIT) == {
        "Rifter": 1,
        "Damage Control II": 1,
        "200mm AutoCannon II": 2,
        "EMP S": 2,
        "Hobgoblin II": 5,
        "Cap Booster 800": 12,
    }


def test_targets_are_written_once_and_the_board_says_what_is_missing(
    corpsync: Run, home: Path
) -> None:
    path = make_database(home)
    insert_process(path, "assets")
    names = {"category": "inventory_type", "fetched_at": 1.0}
    insert(path, "eve_name", id=34, name="Tritanium", **names)
    held = {"item_id": 1, "quantity": 40, "location_id": 60003760, "location_flag": "Hangar"}
    kind = {"type_id": 34, "is_singleton": 0, "location_type": "station"}
    insert(path, "asset", corporation_id=CORPORATION, **held, **kind)
    for _ in range(2):
        result = corpsync("stock", "--times", "2", input="Tritanium 50\n")
        assert (result.returncode, result.stdout) == (0, "Tritanium 100\n"), result.stderr
    corpsync("stock", "--division", "3", input="Tritanium 7\n")
    settings = tomllib.loads((home / "config/settings.toml").read_text("utf-8"))
    board = json.loads(corpsync("board", "stock", "--json").stdout)

    assert settings["stock"] == [
        {"item": "Tritanium", "want": 100},
        {"item": "Tritanium", "want": 7, "division": 3},
    ]
    (row,) = [row for row in board["rows"] if row["type_id"] == 34]
    assert (row["want"], row["missing"]) == (107, 67)
    assert corpsync("board", "stock", "--missing").stdout == "Tritanium 67\n"


def test_settings_that_are_a_link_stay_one(corpsync: Run, home: Path, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles" / "corpsync.toml"
    kept.parent.mkdir()
    kept.write_text("# Of all my machines.\nclient_id = 'abc'\n")
    link = home / "config" / "settings.toml"
    link.parent.mkdir(parents=True)
    link.symlink_to(kept)

    result = corpsync("stock", input="Tritanium 100\n")

    assert result.returncode == 0
    assert "1 target in settings.toml" in result.stderr
    assert link.is_symlink()
    assert kept.read_text().startswith("# Of all my machines.")
    assert tomllib.loads(kept.read_text())["stock"][0]["want"] == 100


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("stock = []\n", []),
        ('# Mine.\nstock = [{item = "Pyerite", want = 3}]\n', [{"item": "Pyerite", "want": 3}]),
        ('stock = [\n  {item = "tritanium", want = 3},  # little\n]\n[fuel]\n', []),
        ("\ufeff# Of an editor on Windows.\r\n[prices]\r\n34 = 5.5\r\n", []),
    ],
)
def test_targets_are_added_to_whatever_settings_are_valid(
    corpsync: Run, home: Path, text: str, targets: list[dict[str, Any]]
) -> None:
    settings = home / "config/settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_bytes(text.encode())
    result = corpsync("stock", input="Tritanium 100\nMexallon 5\n")

    assert (result.returncode, corpsync("status").returncode) == (0, 0), result.stderr
    stock = tomllib.loads(settings.read_bytes().decode("utf-8-sig"))["stock"]
    found = {entry["item"].casefold(): entry["want"] for entry in stock}
    assert found == {"tritanium": 100, "mexallon": 5} | {
        entry["item"].casefold(): entry["want"] for entry in targets
    }


def test_settings_that_would_be_no_toml_are_not_written(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = home / "config/settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("# Mine.\n")
    monkeypatch.setattr("tomlkit.dumps", lambda document: "stock = [[[\n")
    with pytest.raises(ValueError, match="would not be valid"):
        store_targets(settings, [{"item": "Tritanium", "want": 1}])

    assert settings.read_text() == "# Mine.\n"
    assert [file.name for file in settings.parent.iterdir()] == ["settings.toml"]


def test_a_text_that_names_nothing_is_refused(corpsync: Run) -> None:
    result = corpsync("stock", input="\n")

    assert (result.returncode, result.stdout) == (2, "")
    assert "no item is named there" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "text", "why"),
    [
        ((), f"Tritanium {10**15 + 1}", "stock.want must be a number from 0 to"),
        (("--times", "1000"), "Tritanium 1,000,000,000,001", "stock.want must be a number"),
        ((), f"Tritanium {'9' * 5000}", "stock.want must be a number from 0 to"),
        (("--place", ""), "Tritanium 5", "stock.place must be a name or an id"),
    ],
)
def test_no_target_is_written_that_would_shut_corpsync_out(
    corpsync: Run, home: Path, arguments: tuple[str, ...], text: str, why: str
) -> None:
    """Every command reads settings.toml, and ends where it is wrong."""
    corpsync("stock", input="Pyerite 7\n")
    settings = home / "config/settings.toml"
    before = settings.read_bytes()
    result = corpsync("stock", *arguments, input=f"{text}\n")

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"corpsync: {why}")
    assert settings.read_bytes() == before
