"""What moon ore is worth, and what of it is owed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from corpsync_tui.boards.kit.board import BoardContext, Row
from corpsync_tui.boards.kit.prices import make_prices

ORE_CLASSES = {1884: "R4", 1920: "R8", 1921: "R16", 1922: "R32", 1923: "R64"}
"""The groups of moon ores."""


@dataclass(frozen=True, slots=True)
class OrePrices:
    """ISK for a unit of ore: what it refines to, or what it sells for; by the day it was mined."""

    refined: bool
    reprocessing: float
    """The share of the materials that one gets, 0 to 1."""
    today: Mapping[int, float]
    days: Mapping[tuple[str, int], float]
    materials: Mapping[int, Sequence[tuple[int, int]]]
    portions: Mapping[int, int]

    @classmethod
    def of(cls, context: BoardContext) -> OrePrices:
        """Read prices and materials."""
        make_prices(context)
        settings = context.settings.get("moons", {})
        materials: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for row in context.rows(
            "SELECT type_id, material_type_id, quantity FROM ref.type_material"
        ):
            materials[row["type_id"]].append((row["material_type_id"], row["quantity"]))
        return cls(
            settings.get("price", "refined") == "refined",
            settings.get("yield", 0.85),
            dict(context.db.execute("SELECT type_id, price FROM temp.price").fetchall()),
            {
                (day, type_id): price
                for day, type_id, price in context.db.execute(
                    "SELECT day, type_id, average_price FROM price_day "
                    "WHERE average_price IS NOT NULL"
                )
            },
            materials,
            dict(context.db.execute("SELECT type_id, portion_size FROM ref.type").fetchall()),
        )

    def unit(self, type_id: int, day: str = "") -> float | None:
        """ISK for a unit, by the prices of `day` where they were kept; None where none is known."""
        parts = self.materials.get(type_id)
        if not self.refined or not parts:
            return self._price(type_id, day)
        prices = [(self._price(material, day), quantity) for material, quantity in parts]
        if any(price is None for price, _ in prices):
            return None
        total = sum((price or 0.0) * quantity for price, quantity in prices)
        return total / self.portions.get(type_id, 100) * self.reprocessing

    def _price(self, type_id: int, day: str) -> float | None:
        return self.days.get((day, type_id), self.today.get(type_id))


@dataclass(frozen=True, slots=True)
class TaxRules:
    """Percent of what was mined, by the most special rule that fits."""

    default: float
    rules: Sequence[Mapping[str, Any]] = ()
    groups: Mapping[int, int] = field(default_factory=dict)
    """The group of each ore."""

    @classmethod
    def of(cls, context: BoardContext) -> TaxRules:
        """The settings' rules."""
        settings = context.settings.get("moons", {})
        groups = (
            "SELECT type_id, group_id FROM ref.type WHERE group_id IN (1884,1920,1921,1922,1923)"
        )
        return cls(
            settings.get("tax", 10.0),
            settings.get("rules", ()),
            dict(context.db.execute(groups).fetchall()),
        )

    def rate(self, type_id: int, place: Row, *, guest: bool) -> float:
        """Percent for this ore at this place: moon before system before region, then by ore class.

        `place` has `moon_id`, `moon_name` and the same of `system` and `region`.
        """
        fitting = [rule for rule in self.rules if self._fits(rule, type_id, place, guest=guest)]
        best = max(fitting, key=_speciality, default=None)
        return self.default if best is None else float(best["tax"])

    def _fits(self, rule: Mapping[str, Any], type_id: int, place: Row, *, guest: bool) -> bool:
        if "guests" in rule and rule["guests"] != guest:
            return False
        if (
            "ore_class" in rule
            and ORE_CLASSES.get(self.groups.get(type_id, 0)) != rule["ore_class"]
        ):
            return False
        return all(
            rule[kind] in (place.get(f"{kind}_id"), place.get(f"{kind}_name"))
            for kind in ("moon", "system", "region")
            if kind in rule
        )


def _speciality(rule: Mapping[str, Any]) -> tuple[int, bool, bool]:
    places = ("region", "system", "moon")
    place = max((i for i, kind in enumerate(places, 1) if kind in rule), default=0)
    return place, "ore_class" in rule, "guests" in rule
