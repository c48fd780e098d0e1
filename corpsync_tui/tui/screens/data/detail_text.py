"""A row in full as lines of text: every field, then what its JSON columns hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from corpsync_tui.catalog.kit.nested import nested_words
from corpsync_tui.format.amounts import count
from corpsync_tui.format.times import NOTHING
from corpsync_tui.queries.browse_types import Detail, DetailField
from corpsync_tui.store.presentation import title_of_column
from corpsync_tui.text import printable
from corpsync_tui.tui.screens.data.values import moment_text, value_text
from corpsync_tui.tui.tones import Line

SLOTS = (
    (5, 5, "Cargo"),
    (11, 18, "Low slot"),
    (19, 26, "Mid slot"),
    (27, 34, "High slot"),
    (87, 87, "Drone bay"),
    (89, 89, "Implant"),
    (92, 99, "Rig slot"),
    (125, 132, "Subsystem slot"),
    (155, 155, "Fleet hangar"),
    (158, 158, "Fighter bay"),
)
"""First and last inventory flag of where an item was fitted; CCP's static data names them."""

Names = Mapping[int, str]


def detail_lines(detail: Detail, now: datetime) -> list[tuple[str, list[Line]]]:
    """A label for each field, and what stands beside it."""
    lines = [(title_of_column(f.name), _field(f, now)) for f in detail.fields]
    for name, value in detail.nested.items():
        lines += list(_nested(title_of_column(name), value, detail.names))
    return lines


def detail_text(detail: Detail, now: datetime) -> str:
    """The same, to be copied: times as ESI wrote them."""
    fields = [replace(f, kind="text") if f.kind == "when" else f for f in detail.fields]
    detail = replace(detail, fields=fields)
    return "\n".join(
        f"{label}: {''.join(text for text, _ in value)}".rstrip(": ")
        if label
        else f"  {''.join(text for text, _ in value)}"
        for label, value in detail_lines(detail, now)
    )


def _field(field: DetailField, now: datetime) -> list[Line]:
    if field.value is None and field.text is None:
        return [(NOTHING, "muted")]
    if isinstance(field.value, str):
        if field.kind == "when":
            return [(moment_text(field.value, now, full=True), "")]
        if field.kind == "word":
            return [(value_text("word", field.value, None, now), "")]
        return [(printable(field.value), "")]
    if field.text is None:
        return [(value_text(field.kind, field.value, None, now), "")]
    number = [] if field.kind == "side" else [(f"  {field.value}", "muted")]
    return [(printable(field.text), ""), *number]


def _nested(title: str, value: Any, names: Names) -> Iterator[tuple[str, list[Line]]]:
    """A JSON column: an object field by field, a list with one line for each element."""
    if isinstance(value, list):
        yield f"{title} ({count(len(value))})", []
        yield from (("", line) for line in _elements(value, names))
    elif isinstance(value, dict):
        yield title, []
        lists = {name: inner for name, inner in value.items() if isinstance(inner, list)}
        for name, inner in value.items():
            if name not in lists:
                yield f"  {title_of_column(name)}", _plain(name, inner, names)
        for name, inner in lists.items():
            yield from _nested(title_of_column(name), inner, names)
    else:
        yield title, [(printable(str(value)), "")]


def _elements(elements: list[Any], names: Names) -> Iterator[list[Line]]:
    if all(isinstance(element, dict) and "damage_done" in element for element in elements):
        yield from (_attacker(attacker, names) for attacker in sorted(elements, key=_by_damage))
    elif all(isinstance(element, dict) and "item_type_id" in element for element in elements):
        yield from _items(elements, names)
    else:
        yield from ([(f"  {printable(nested_words(e, names.get))}", "")] for e in elements)


def _by_damage(attacker: Any) -> tuple[bool, int]:
    return not attacker.get("final_blow"), -int(attacker.get("damage_done") or 0)


def _attacker(attacker: Mapping[str, Any], names: Names) -> list[Line]:
    """`★ Aldra Vex [Hedion Freight Union] in Rifter with 200mm AutoCannon I · 1,234 damage`."""
    who = [_name(attacker.get(k), names) for k in ("character_id", "corporation_id", "faction_id")]
    known = [name for name in who if name]
    ship, weapon = (_name(attacker.get(k), names) for k in ("ship_type_id", "weapon_type_id"))
    text = (known[0] if known else ship) or "unknown"
    if len(known) > 1:
        text += f" [{known[1]}]"
    if ship and known:
        text += f" in {ship}"
    if weapon and weapon != ship:
        text += f" with {weapon}"
    damage = f" · {count(int(attacker.get('damage_done') or 0))} damage"
    final = attacker.get("final_blow")
    return [("★ " if final else "  ", "waiting"), (text, "strong" if final else ""), (damage, "")]


def _items(items: list[Any], names: Names, depth: int = 0) -> Iterator[list[Line]]:
    for item in items:
        kind = _name(item.get("item_type_id"), names)
        for fate, tone in (("destroyed", "error"), ("dropped", "current")):
            number = item.get(f"quantity_{fate}")
            if number:
                slot = _slot(item.get("flag"))
                text = f"{'  ' * (depth + 1)}{count(number)} × {kind}"
                yield [(text, ""), (f"  {slot}", "muted"), (f"  {fate}", tone)]
        if isinstance(item.get("items"), list):
            yield from _items(item["items"], names, depth + 1)


def _slot(flag: Any) -> str:
    if not isinstance(flag, int):
        return ""
    for first, last, words in SLOTS:
        if first <= flag <= last:
            return words if first == last else f"{words} {flag - first + 1}"
    return f"flag {flag}"


def _plain(name: str, value: Any, names: Names) -> list[Line]:
    if name.endswith("_id"):
        return [(_name(value, names), ""), (f"  {value}", "muted")]
    if isinstance(value, dict):
        text = "  ".join(f"{k} {v:,.0f}" for k, v in value.items() if isinstance(v, int | float))
        return [(printable(text), "")]
    if isinstance(value, int) and not isinstance(value, bool):
        return [(count(value), "")]
    return [(printable(str(value)), "")]


def _name(id_: Any, names: Names) -> str:
    """The name of an id, or the id; nothing where there is none."""
    if id_ is None:
        return ""
    return printable(names.get(id_) or str(id_))
