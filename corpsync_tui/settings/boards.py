"""The tables of settings.toml that boards read: [moons], [fuel], [prices] and [[stock]]."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

BOARD_TABLES = ("moons", "fuel", "prices", "stock")

MOON_PLACES = ("moon", "system", "region")
ORE_CLASSES = ("R4", "R8", "R16", "R32", "R64")
ID_DIGITS = 18
"""Of an id at the most: longer numbers are more than the database takes."""
BANDS = (14, 7, 3, 1)
"""Days of fuel left at which a structure is worth a further alert."""
DEFAULTS: Mapping[str, Any] = {
    "moons": {
        "yield": 0.85,
        "tax": 10.0,
        "price": "refined",
        "moon_only": False,
        "rules": (),
    },
    "fuel": {"bands": BANDS, "metenox_gas": None},
    "prices": {},
    "stock": (),
}
"""`metenox_gas`: units an hour; None takes the rate of the static data."""

TEMPLATE = """\
# What moon ore is worth and who owes what: the yield of reprocessing (0 to 1), the tax in
# percent, the price "refined" or "ore", and whether minerals count for nothing in the refined one
# (`moon_only`). The most special rule counts; each is a table
# [[moons.rules]] with `tax` and any of moon, system, region (name or id), ore_class ("R64")
# and guests (true).
[moons]
#yield = 0.85
#tax = 10
#price = "refined"
#moon_only = false

# Days of fuel left at which an alert is due; the gas that a Metenox burns an hour is taken
# from the static data unless `metenox_gas` says otherwise.
[fuel]
#bands = [14, 7, 3, 1]

# Prices that overrule the market's, by type id, such as: 34 = 5.5
[prices]

# What should be there, one table each: `item` (name or id), `want`, and if you like `place`
# (name or id), `division` (1 to 7), and `orders` = false if what open buy orders still ask for
# does not count as had, such as:
# [[stock]]
# item = "Nitrogen Fuel Block"
# want = 20000
"""
"""What a new settings.toml says of the four tables."""


def check_boards(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The four tables, checked, with defaults for what is not set.

    Raises `ValueError` with the key and what would be right.
    """
    return {
        "moons": _moons(_table(stored, "moons", ("yield", "tax", "price", "moon_only", "rules"))),
        "fuel": _fuel(_table(stored, "fuel", ("bands", "metenox_gas"))),
        "prices": _prices(_table(stored, "prices", None)),
        "stock": _list(stored, "stock", _target),
    }


def _moons(table: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(DEFAULTS["moons"])
    if "yield" in table:
        found["yield"] = _number(table["yield"], "moons.yield", 0, 1)
    if "tax" in table:
        found["tax"] = _number(table["tax"], "moons.tax", 0, 100)
    if "price" in table:
        if table["price"] not in ("refined", "ore"):
            raise ValueError('moons.price must be "refined" or "ore"')
        found["price"] = table["price"]
    found["moon_only"] = _flag(table.get("moon_only", False), "moons.moon_only")
    found["rules"] = _list(table, "rules", _tax_rule, "moons.rules")
    return found


def _tax_rule(rule: Mapping[str, Any], where: str) -> dict[str, Any]:
    _refuse_unknown(rule, (*MOON_PLACES, "ore_class", "guests", "tax"), where)
    if "tax" not in rule:
        raise ValueError(f"{where} needs a `tax` in percent")
    if rule.get("ore_class", "R4") not in ORE_CLASSES:
        raise ValueError(f"{where}.ore_class must be one of {', '.join(ORE_CLASSES)}")
    _flag(rule.get("guests", False), f"{where}.guests")
    for place in MOON_PLACES:
        if place in rule:
            _name_or_id(rule[place], f"{where}.{place}")
    return {**rule, "tax": _number(rule["tax"], f"{where}.tax", 0, 100)}


def _fuel(table: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(DEFAULTS["fuel"])
    if "bands" in table:
        bands = table["bands"]
        if not isinstance(bands, list) or not bands:
            raise ValueError("fuel.bands must be a list of days such as [14, 7, 3, 1]")
        days = [_number(day, "fuel.bands", 0, 365) for day in bands]
        found["bands"] = tuple(sorted(days, reverse=True))
    if "metenox_gas" in table:
        found["metenox_gas"] = _number(table["metenox_gas"], "fuel.metenox_gas", 0, 100_000)
    return found


def _prices(table: Mapping[str, Any]) -> dict[int, float]:
    for type_id in table:
        if not (type_id.isdecimal() and type_id.isascii() and len(type_id) <= ID_DIGITS):
            raise ValueError(f"prices.{type_id} must be a type id, such as 34 = 5.5")
    return {int(t): _number(p, f"prices.{t}", 0, 10**15) for t, p in table.items()}


def _target(target: Mapping[str, Any], where: str) -> dict[str, Any]:
    _refuse_unknown(target, ("item", "want", "place", "division", "orders"), where)
    for key in ("item", "want"):
        if key not in target:
            raise ValueError(f"{where} needs `{key}`")
    _name_or_id(target["item"], f"{where}.item")
    if "place" in target:
        _name_or_id(target["place"], f"{where}.place")
    division = target.get("division", 1)
    if type(division) is not int or division not in range(1, 8):  # true is 1 to Python
        raise ValueError(f"{where}.division must be a whole number from 1 to 7")
    _flag(target.get("orders", True), f"{where}.orders")
    want = _number(target["want"], f"{where}.want", 0, 10**15)
    return {"place": None, "division": None, "orders": True, **target, "want": int(want)}


def _table(stored: Mapping[str, Any], name: str, known: Sequence[str] | None) -> Mapping[str, Any]:
    table = stored.get(name, {})
    if type(table) is not dict:
        raise ValueError(f"{name} must be a table [{name}]")
    if known is not None:
        _refuse_unknown(table, known, name)
    return table


def _list(
    stored: Mapping[str, Any],
    name: str,
    check: Callable[[Mapping[str, Any], str], dict[str, Any]],
    where: str = "",
) -> tuple[dict[str, Any], ...]:
    where = where or name
    entries = stored.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise ValueError(f"{where} must be entries [[{where}]]")
    return tuple(check(entry, where) for entry in entries)


def _refuse_unknown(table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise ValueError(f"{where}.{key} is no setting; there are {', '.join(known)}")


def _number(value: object, where: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{where} must be a number from {low:,} to {high:,}")
    return float(value)


def _flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{where} must be true or false")  # noqa: TRY004 - shown as a setting
    return value


def _name_or_id(value: object, where: str) -> None:
    known = isinstance(value, str) or (type(value) is int and len(f"{value}") <= ID_DIGITS)
    if not known or value == "":
        raise ValueError(f"{where} must be a name or an id")
