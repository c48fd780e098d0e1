"""What JSON columns hold, and how it differs, in words: `Market offline → online`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Known = Callable[[int], str | None]
"""The name of an id, if it has one."""

MOST = 5
"""Elements that one sentence names."""


def nested_words(value: Any, known: Known) -> str:
    """A nested value on one line: `Market online; Clone Bay offline`."""
    if isinstance(value, list):
        return "; ".join(nested_words(inner, known) for inner in value) or "nothing"
    if isinstance(value, dict):
        return " ".join(field_words(name, inner, known) for name, inner in value.items())
    return _plain("", value, known)


def field_words(name: str, value: Any, known: Known) -> str:
    """A field of a nested object: a text speaks for itself, all else with its name."""
    if isinstance(value, str) or (name.endswith("_id") and _name_of(name, value, known)):
        return _plain(name, value, known)
    return f"{_label(name)} {_plain(name, value, known)}"


def nested_difference(before: Any, after: Any, known: Known) -> str:
    """What differs between two values of one JSON column, element by element."""
    if isinstance(before, dict) and isinstance(after, dict):
        return _differing_fields(before, after, known, without=None)
    if not (isinstance(before, list) and isinstance(after, list)):
        return f"{nested_words(before, known)} → {nested_words(after, known)}"
    key = _key_of(before, after)
    parts = _by_content(before, after, known) if key is None else []
    if key is not None:
        old, new = ({element[key]: element for element in side} for side in (before, after))
        for name in dict.fromkeys([*old, *new]):
            what = _plain(key, name, known)
            if name not in old or name not in new:
                parts.append(f"{what} {'new' if name in new else 'gone'}")
            elif old[name] != new[name]:
                parts.append(f"{what} {_differing_fields(old[name], new[name], known, key)}")
    if not parts:
        return "in another order"
    more = f" and {len(parts) - MOST:,} more" if len(parts) > MOST else ""
    return "; ".join(parts[:MOST]) + more


def _differing_fields(
    before: Mapping[str, Any], after: Mapping[str, Any], known: Known, without: str | None
) -> str:
    """`offline → online` where an element has but one field, else each with its name."""
    fields = [name for name in dict.fromkeys([*before, *after]) if name != without]
    alone = without is not None and len(fields) == 1
    return ", ".join(
        f"{'' if alone else _label(name) + ' '}{_plain(name, before.get(name), known)} → "
        f"{_plain(name, after.get(name), known)}"
        for name in fields
        if before.get(name) != after.get(name)
    )


def _key_of(*sides: Sequence[Any]) -> str | None:
    """The field that tells the elements of a list apart: texts and ids, unique on each side."""
    elements = [element for side in sides for element in side]
    if not elements or not all(isinstance(element, dict) for element in elements):
        return None
    return next((n for n in elements[0] if _is_key(n, sides)), None)


def _is_key(name: str, sides: Iterable[Sequence[Mapping[str, Any]]]) -> bool:
    for side in sides:
        values = [element.get(name) for element in side]
        if not all(isinstance(value, str | int) for value in values):
            return False
        if len(set(values)) < len(values):
            return False
    return True


def _by_content(before: Sequence[Any], after: Sequence[Any], known: Known) -> list[str]:
    """What came and what went of a list whose elements nothing tells apart but all they say."""
    old, new = (
        Counter(json.dumps(element, sort_keys=True, ensure_ascii=False) for element in side)
        for side in (before, after)
    )
    return [
        f"{nested_words(json.loads(text), known)} {word}"
        for found, word in ((new - old, "new"), (old - new, "gone"))
        for text in found.elements()
    ]


def _plain(name: str, value: Any, known: Known) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        return f"({nested_words(value, known)})"
    if isinstance(value, int | float):
        return _name_of(name, value, known) or (
            str(value) if name.endswith("_id") else f"{value:,}"
        )
    return str(value)


def _name_of(name: str, value: Any, known: Known) -> str | None:
    return known(value) if name.endswith("_id") and isinstance(value, int) else None


def _label(name: str) -> str:
    return name.removesuffix("_id").replace("_", " ")
