"""What moon ore is worth, what a chunk holds, which chunk was mined, and what of it is owed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from corpsync_tui.boards.kit.board import BoardContext, Row
from corpsync_tui.boards.kit.prices import fixed_prices, make_prices
from corpsync_tui.catalog.kit.notices import file_time, read_notice

ORE_CLASSES = {1884: "R4", 1920: "R8", 1921: "R16", 1922: "R32", 1923: "R64"}
"""The groups of moon ores."""

MINERALS = 18
"""The group of what belt ores are made of, too."""

GROUPS = f"SELECT type_id, group_id FROM ref.type WHERE group_id IN {tuple(ORE_CLASSES)}"

ORES = f"""(SELECT type_id FROM mining_ledger WHERE corporation_id = :c
    UNION SELECT type_id FROM ({GROUPS}))"""

MATERIALS = f"""
SELECT type_id, material_type_id, quantity FROM ref.type_material WHERE type_id IN {ORES}
    AND NOT (:moon_only AND material_type_id IN
        (SELECT type_id FROM ref.type WHERE group_id = {MINERALS}))
"""

PORTIONS = f"SELECT type_id, portion_size FROM ref.type WHERE type_id IN {ORES}"

DAYS = f"""
SELECT day, type_id, average_price FROM price_day
WHERE average_price IS NOT NULL AND (type_id IN {ORES} OR type_id IN
    (SELECT material_type_id FROM ref.type_material WHERE type_id IN {ORES}))
"""

LEDGER = """
SELECT observer_id, character_id, recorded_corporation_id, type_id, last_updated AS day,
    SUM(quantity) AS quantity
FROM mining_ledger WHERE corporation_id = :c
GROUP BY observer_id, character_id, recorded_corporation_id, type_id, last_updated
"""

STARTED = """
SELECT text FROM notification
WHERE corporation_id = :c AND type = 'MoonminingExtractionStarted' ORDER BY timestamp
"""

VOLUMES = f"""
SELECT type_id, volume FROM ref.type WHERE volume > 0 AND type_id IN {ORES}
"""

JACKPOT = ("Glistening", "Twinkling", "Shimmering", "Glowing", "Shining")
"""How the names of ores begin that are worth double: a chunk of them is a jackpot."""

NAMES = """
SELECT l.type_id, COALESCE(t.name, n.name, '') FROM
    (SELECT DISTINCT type_id FROM mining_ledger WHERE corporation_id = :c) l
LEFT JOIN ref.type t USING (type_id) LEFT JOIN eve_name n ON n.id = l.type_id
"""

MINED_DAYS = 6
"""Days after an arrival in which what is mined is of that chunk (aa-moonmining counts the same)."""
MEAN_OF = 5
"""Chunks of a refinery whose mean stands beside the next."""


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
        """Read prices and materials; the settings' prices overrule those of each day."""
        make_prices(context)
        fixed = fixed_prices(context)
        settings = context.settings.get("moons", {})
        materials: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        moon_only = settings.get("moon_only", False)
        for row in context.rows(MATERIALS, moon_only=moon_only):
            materials[row["type_id"]].append((row["material_type_id"], row["quantity"]))
        return cls(
            settings.get("price", "refined") == "refined",
            settings.get("yield", 0.85),
            dict(context.db.execute("SELECT type_id, price FROM temp.price").fetchall()),
            {
                (day, type_id): price
                for day, type_id, price in context.db.execute(DAYS, {"c": context.corporation_id})
                if type_id not in fixed
            },
            materials,
            dict(context.db.execute(PORTIONS, {"c": context.corporation_id}).fetchall()),
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
        return cls(
            settings.get("tax", 10.0),
            settings.get("rules", ()),
            dict(context.db.execute(GROUPS).fetchall()),
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


Pop = tuple[int, str]
"""A refinery, and when the chunk arrived, as ESI writes it."""


@dataclass(frozen=True, slots=True)
class Mined:
    """What of each chunk was mined."""

    units: defaultdict[Pop, Counter[int]]
    """By ore."""
    isk: defaultdict[Pop, float]
    miners: defaultdict[Pop, set[int]]
    names: Mapping[int, str]
    """Of the ores."""

    @classmethod
    def of(cls, context: BoardContext, pops: list[Row], prices: OrePrices) -> Mined:
        """Go through the ledger."""
        names = dict(context.db.execute(NAMES, {"c": context.corporation_id}).fetchall())
        found = cls(defaultdict(Counter), defaultdict(float), defaultdict(set), names)
        for pop, row in find_chunks(context, pops):
            key = pop["structure_id"], pop["chunk_arrival_time"]
            found.units[key][row["type_id"]] += row["quantity"]
            found.isk[key] += (prices.unit(row["type_id"], row["day"]) or 0.0) * row["quantity"]
            found.miners[key].add(row["character_id"])
        return found

    def is_jackpot(self, key: Pop) -> bool | None:
        """Whether it was; None before anything is mined of it."""
        ores = self.units.get(key)
        return any(self.names.get(t, "").startswith(JACKPOT) for t in ores) if ores else None

    def last(self, key: Pop) -> list[Pop]:
        """The chunks of the same refinery before this one, the newest first."""
        return sorted((k for k in self.isk if k[0] == key[0] and k[1] < key[1]), reverse=True)

    def mean(self, key: Pop) -> float | None:
        """ISK mined in the mean of the last five chunks before it."""
        last = self.last(key)[:MEAN_OF]
        return sum(self.isk[k] for k in last) / len(last) if last else None


def find_chunks(context: BoardContext, pops: list[Row]) -> Iterator[tuple[Row, Row]]:
    """Each line of the ledger with the chunk it is of: the newest that came within six days."""
    by_structure: defaultdict[int, list[tuple[str, str, Row]]] = defaultdict(list)
    for pop in pops:
        if pop["state"] != "cancelled":
            first = pop["chunk_arrival_time"][:10]
            last = f"{date.fromisoformat(first) + timedelta(days=MINED_DAYS)}"
            by_structure[pop["structure_id"]].append((first, last, pop))
    for row in context.rows(LEDGER):
        for first, last, pop in reversed(by_structure.get(row["observer_id"], [])):
            if first <= row["day"] <= last:
                yield pop, row
                break


def add_worth(context: BoardContext, pops: list[Row], prices: OrePrices, mined: Mined) -> None:
    """What each chunk held when it was begun, by the notice of its start; ESI's list has none.

    Without a notice it is estimated: m³ an hour as in the newest notice of the corporation, the
    shares of the ores as in what was mined of the refinery's last chunk.
    """
    unit = dict(context.db.execute(VOLUMES, {"c": context.corporation_id}).fetchall())
    classes, ores = TaxRules.of(context).groups, _notices(context)
    speed = None
    for pop in sorted(pops, key=lambda pop: str(pop["chunk_arrival_time"])):
        found = ores.get((pop["structure_id"], pop["chunk_arrival"]))
        hours = (pop["chunk_arrival"] - (pop["started"] or pop["chunk_arrival"])) / 3600
        pop["days"] = hours / 24 if hours else None
        pop["estimated"] = found is None
        if found is not None and hours > 0:
            speed = sum(found.values()) / hours
        key = pop["structure_id"], pop["chunk_arrival_time"]
        if found is None and speed is not None:
            found = _estimate(mined, key, unit, speed * hours)
        pop["worth"] = chunk_worth(found, unit, prices) if found else None
        pop["volume"] = sum(found.values()) if found else None
        ranks = [ORE_CLASSES[classes[t]] for t in found or () if t in classes]
        pop["ore_class"] = max(ranks, key=lambda rank: int(rank[1:]), default=None)


def _estimate(
    mined: Mined, key: Pop, unit: Mapping[int, float], volume: float
) -> Mapping[int, float] | None:
    """m³ by ore, as the shares were in the refinery's last chunk that was mined."""
    for last in mined.last(key):
        parts = {t: count * unit.get(t, 0.0) for t, count in mined.units[last].items()}
        if whole := sum(parts.values()):
            return {type_id: volume * part / whole for type_id, part in parts.items()}
    return None


def _notices(context: BoardContext) -> dict[tuple[int, int], Mapping[int, float]]:
    """m³ by ore of the chunks whose start a notice told, by refinery and arrival."""
    ores: dict[tuple[int, int], Mapping[int, float]] = {}
    for row in context.rows(STARTED):
        notice = read_notice(row["text"])
        ready, structure = notice.get("readyTime"), notice.get("structureID")
        found = notice.get("oreVolumeByType")
        if not (isinstance(ready, int) and isinstance(structure, int) and isinstance(found, dict)):
            continue
        if all(isinstance(v, int | float) for v in found.values()):
            ores[structure, file_time(ready)] = found
    return ores


def chunk_worth(
    ores: Mapping[int, float], volumes: Mapping[int, float], prices: OrePrices
) -> float | None:
    """ISK of m³ by type of ore; None where one of them has no price or volume."""
    total = 0.0
    for type_id, volume in ores.items():
        unit, price = volumes.get(type_id), prices.unit(type_id)
        if unit is None or price is None:
            return None
        total += volume / unit * price
    return total
