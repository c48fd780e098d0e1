"""What the files of `catalog/` and `boards/` say of themselves, read without importing them.

Settings, command line and first frame need the processes' names and little else; importing the
catalog would cost each of them the database's libraries, some 60 ms. So the last statement of
each file, `PROCESS = Process("assets", title="Assets", …)`, is read as text, and its words
and numbers must be written out there. Of boards the rules are read alike.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from corpsync_tui.errors import DeclarationError
from corpsync_tui.text import printable

FOLDER = Path(__file__).with_name("catalog")
BOARDS = Path(__file__).with_name("boards")


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A rule's key in `[attention]`: its comment, and its threshold or that it is on."""

    name: str
    says: str
    default: bool | int = True
    many: str = ""


@dataclass(frozen=True, slots=True)
class ProcessEntry:
    """A process as its file declares it."""

    type: str
    title: str
    order: int
    interval_minutes: int
    demo_minutes: int
    rules: tuple[RuleEntry, ...] = ()


@cache
def entries() -> Mapping[str, ProcessEntry]:
    """Every process by its type, in the order of the Sync screen."""
    return read_entries(FOLDER)


def read_entries(folder: Path) -> dict[str, ProcessEntry]:
    """The process of each file in a folder.

    Raises:
        DeclarationError: A file does not declare its process, or two have one place.
    """
    files = (file for file in folder.glob("*.py") if file.stem != "__init__")
    found = sorted(map(_read, files), key=lambda entry: entry.order)
    for one, other in pairwise(found):
        if one.order == other.order:
            raise DeclarationError(f"{one.type} and {other.type} have the same order, {one.order}")
    return {entry.type: entry for entry in found}


@cache
def board_rules() -> Mapping[str, tuple[RuleEntry, ...]]:
    """The rules of each board that has any, by the board's name.

    Raises:
        DeclarationError: A rule is not written out.
    """
    found = {}
    for file in sorted(BOARDS.glob("*.py")):
        if (call := _declaration(file, "BOARD")) and (rules := _rules_of(file, call)):
            found[file.stem] = rules
    return found


def process_title(process: str) -> str:
    """What a process is called wherever it is shown, by its type or its id.

    One that is not known is called by its type.
    """
    process_type = process.rpartition("/")[2]
    entry = entries().get(process_type)
    return entry.title if entry else printable(process_type.replace("_", " ").capitalize())


def process_place(process_type: str) -> tuple[int, str]:
    """A sort key: the catalog's order, then what is not known, by name."""
    types = list(entries())
    return types.index(process_type) if process_type in types else len(types), process_type


def _read(file: Path) -> ProcessEntry:
    call = _declaration(file, "PROCESS")
    if call is None or not call.args:
        raise DeclarationError(f"{file.name} does not end in PROCESS = Process(…)")
    try:
        entry = ProcessEntry(
            type=ast.literal_eval(call.args[0]),
            **_literals(call, "title", "order", "interval_minutes", "demo_minutes"),
            rules=_rules_of(file, call),
        )
    except (TypeError, ValueError):
        raise DeclarationError(
            f"{file.name}: PROCESS must have a title, an order, interval_minutes and "
            "demo_minutes, all written out"
        ) from None
    if entry.type != file.stem:
        raise DeclarationError(
            f"{file.name} declares the process {entry.type!r}; the file's name is its type"
        )
    return entry


def _declaration(file: Path, name: str) -> ast.Call | None:
    """The call that the file's last statement gives the name; None where there is none."""
    _, _, declaration = file.read_text("utf-8").rpartition(f"\n{name} = ")
    try:
        call = ast.parse(declaration, mode="eval").body
    except SyntaxError:
        return None
    return call if isinstance(call, ast.Call) else None


def _rules_of(file: Path, declaration: ast.Call) -> tuple[RuleEntry, ...]:
    given = next((k.value for k in declaration.keywords if k.arg == "rules"), ast.List([]))
    rules = given.elts if isinstance(given, ast.List) else [given]
    try:
        return tuple(map(_read_rule, rules))
    except (TypeError, ValueError, IndexError):
        raise DeclarationError(
            f"{file.name}: each Rule must have a name and what it says, all written out"
        ) from None


def _read_rule(call: ast.expr) -> RuleEntry:
    if not isinstance(call, ast.Call):
        raise TypeError("not written out")
    return RuleEntry(ast.literal_eval(call.args[0]), **_literals(call, "says", "default", "many"))


def _literals(call: ast.Call, *names: str) -> dict[str, Any]:
    """Those of a call's keywords; a value that is not written out is a `ValueError`."""
    return {k.arg: ast.literal_eval(k.value) for k in call.keywords if k.arg in names}
