"""No module of the package needs itself again by way of others, however late it imports them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import corpsync_tui

PACKAGE = corpsync_tui.__name__
ROOT = Path(corpsync_tui.__file__).parent

Graph = Mapping[str, frozenset[str]]


def modules() -> dict[str, Path]:
    """Every module of the package by its name below it; `service` is `service/__init__.py`."""
    found = {}
    for file in ROOT.rglob("*.py"):
        parts = file.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imports() -> Graph:
    """By module, those it imports anywhere in its file."""
    known = modules()
    return {name: frozenset(_imported(file, known)) - {name} for name, file in known.items()}


def _imported(file: Path, known: Iterable[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PACKAGE):
            place = node.module.removeprefix(PACKAGE).removeprefix(".")
            for alias in node.names:
                inner = f"{place}.{alias.name}".removeprefix(".")
                yield inner if inner in known else place
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith(PACKAGE):
                    yield alias.name.removeprefix(PACKAGE).removeprefix(".")


def circles(graph: Graph) -> list[frozenset[str]]:
    """Sets of modules of which each needs all others."""
    reached = {name: _reached(graph, name) for name in graph}
    found = {
        frozenset(other for other in reached[name] if name in reached.get(other, ()))
        for name in graph
    }
    return sorted((circle for circle in found if len(circle) > 1), key=sorted)


def _reached(graph: Graph, start: str) -> set[str]:
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        for name in graph.get(ahead.pop(), frozenset()) - seen:
            seen.add(name)
            ahead.append(name)
    return seen


def test_a_circle_is_found_through_any_number_of_modules() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set[str]()}
    assert circles({name: frozenset(to) for name, to in graph.items()}) == [frozenset("abc")]


def test_there_are_no_circles() -> None:
    assert [sorted(circle) for circle in circles(imports())] == []
