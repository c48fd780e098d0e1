"""What the files of `catalog/` say of themselves, read without importing them.

Settings, command line and first frame need the processes' names and little else; importing the
catalog would cost each of them the database's libraries, some 60 ms. So the last statement of
each file, `PROCESS = Process("assets", title="Assets", …)`, is read as text, and its words
and numbers must be written out there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from corpsync_tui.errors import DeclarationError
from corpsync_tui.text import printable

FOLDER = Path(__file__).with_name("catalog")
START = "\nPROCESS = "


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
    _, _, declaration = file.read_text("utf-8").rpartition(START)
    try:
        call = ast.parse(declaration, mode="eval").body
    except SyntaxError:
        call = None
    if not isinstance(call, ast.Call) or not call.args:
        raise DeclarationError(f"{file.name} does not end in PROCESS = Process(…)")
    try:
        entry = ProcessEntry(
            type=ast.literal_eval(call.args[0]),
            **_literals(call, "title", "order", "interval_minutes", "demo_minutes"),
            rules=tuple(map(_read_rule, _rules_of(call))),
        )
    except (TypeError, ValueError, IndexError):
        raise DeclarationError(
            f"{file.name}: PROCESS must have a title, an order, interval_minutes and "
            "demo_minutes, and each Rule a name and what it says, all written out"
        ) from None
    if entry.type != file.stem:
        raise DeclarationError(
            f"{file.name} declares the process {entry.type!r}; the file's name is its type"
        )
    return entry


def _rules_of(process: ast.Call) -> Iterator[ast.Call]:
    for node in ast.walk(process):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Rule":
            yield node


def _read_rule(call: ast.Call) -> RuleEntry:
    return RuleEntry(ast.literal_eval(call.args[0]), **_literals(call, "says", "default", "many"))


def _literals(call: ast.Call, *names: str) -> dict[str, Any]:
    """Those of a call's keywords; a value that is not written out is a `ValueError`."""
    return {k.arg: ast.literal_eval(k.value) for k in call.keywords if k.arg in names}
