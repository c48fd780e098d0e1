"""Stock: what do we own, what is it worth, and what must be bought?"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpsync_tui.boards.kit.board import (
    Board,
    BoardAnswer,
    BoardChart,
    BoardColumn,
    BoardContext,
    Row,
    Tone,
    Variant,
)
from corpsync_tui.boards.kit.prices import make_prices
from corpsync_tui.format.amounts import isk, signed_isk, spark

OFFICE = 27
"""The type of a corporation's office, which is worth nothing by itself."""

ITEMS = "MAX(quantity, 1)"
"""How many a row of assets is: of a single blueprint ESI may say -1 (an original) or -2 (a copy),
as it does in its list of blueprints (esi-issues#363)."""

BY_TYPE = f"""
SELECT a.corporation_id, a.type_id, a.quantity,
    a.quantity * COALESCE(t.packaged_volume, t.volume) AS volume,
    CASE WHEN a.originals = 0 THEN 0.0 ELSE a.originals * p.price END AS value,
    IFNULL(p.source, 'none') AS price_source
FROM (
    SELECT corporation_id, type_id, SUM({ITEMS}) AS quantity,
        SUM({ITEMS} * (is_blueprint_copy IS NOT 1)) AS originals
    FROM asset WHERE type_id <> {OFFICE} GROUP BY type_id, corporation_id) a
LEFT JOIN temp.price p USING (type_id) LEFT JOIN ref.type t USING (type_id)
"""
"""Copies are worth nothing, and a type without a price is worth NULL. What differs most is grouped
by first: a large hangar is sorted a third sooner."""

TYPES = f"SELECT * FROM ({BY_TYPE}) WHERE corporation_id = :c"

BY_PLACE = f"""
SELECT a.location_id, a.location_flag, SUM(a.quantity) AS quantity,
    SUM(a.quantity * COALESCE(t.packaged_volume, t.volume)) AS volume,
    SUM(CASE WHEN a.originals = 0 THEN 0.0 ELSE a.originals * p.price END) AS value,
    COUNT(CASE WHEN p.price IS NULL THEN NULLIF(a.originals, 0) END) AS unpriced
FROM (
    SELECT type_id, location_id, location_flag, SUM({ITEMS}) AS quantity,
        SUM({ITEMS} * (is_blueprint_copy IS NOT 1)) AS originals
    FROM asset WHERE corporation_id = :c AND type_id <> :office
    GROUP BY type_id, location_id, location_flag) a
LEFT JOIN temp.price p USING (type_id) LEFT JOIN ref.type t USING (type_id)
GROUP BY a.location_id, a.location_flag
"""

HELD = f"""
SELECT location_id, location_flag, type_id, SUM({ITEMS}) AS quantity FROM asset
WHERE corporation_id = :c AND type_id IN (SELECT value FROM json_each(:types))
GROUP BY location_id, location_flag, type_id
"""

ORDERED = """
SELECT location_id, type_id, SUM(volume_remain) AS quantity FROM market_order
WHERE corporation_id = :c AND state = 'open' AND is_buy_order
    AND type_id IN (SELECT value FROM json_each(:types))
GROUP BY location_id, type_id
"""

IN_JOBS = """
SELECT j.facility_id, j.output_location_id, j.product_type_id AS type_id,
    SUM(j.runs * IFNULL(b.quantity, 1)) AS quantity
FROM industry_job j LEFT JOIN ref.blueprint_product b
    ON b.blueprint_type_id = j.blueprint_type_id AND b.type_id = j.product_type_id
    AND b.activity = CASE j.activity_id WHEN 1 THEN 'manufacturing' ELSE 'reaction' END
WHERE j.corporation_id = :c AND j.status IN ('active', 'paused', 'ready')
    AND j.activity_id IN (1, 9, 11)
    AND j.product_type_id IN (SELECT value FROM json_each(:types))
GROUP BY j.facility_id, j.output_location_id, j.product_type_id
UNION ALL
SELECT j.facility_id, j.output_location_id, j.blueprint_type_id,
    COUNT(DISTINCT j.blueprint_id)
FROM industry_job j
WHERE j.corporation_id = :c AND j.status IN ('active', 'paused', 'ready')
    AND j.blueprint_type_id IN (SELECT value FROM json_each(:types))
    AND j.blueprint_id NOT IN (SELECT item_id FROM asset WHERE corporation_id = :c)
GROUP BY j.facility_id, j.output_location_id, j.blueprint_type_id
"""
"""What jobs will make, and the blueprints in them: those are in no hangar (jeveassets#516)."""

BOXES = """
SELECT item_id, location_id, location_flag FROM asset WHERE corporation_id = :c
    AND item_id IN (SELECT DISTINCT location_id FROM asset WHERE corporation_id = :c)
"""
"""What holds other things: containers, ships, offices."""

DEEPEST = 10
"""Boxes within boxes that are followed; the game allows fewer."""


def read(context: BoardContext) -> BoardAnswer:
    """One row a type, the most valuable first; targets of `[[stock]]` beside what is there."""
    make_prices(context)
    rows = context.rows(TYPES)
    for row in rows:
        del row["corporation_id"]
    targets = _targets(context)
    known = {row["type_id"]: row for row in rows}
    for target in targets:
        if target["type_id"] not in known:
            known[target["type_id"]] = _nothing(target["type_id"])
            rows.append(known[target["type_id"]])
        row = known[target["type_id"]]
        for key in ("want", "have", "missing"):
            row[key] = row.get(key, 0) + target[key]
    for row in rows:
        row.setdefault("want", None)
        row.setdefault("have", None)
        row.setdefault("missing", None)
    rows.sort(key=lambda row: (-(row["value"] or 0.0), row["type_id"]))
    found = _summary(rows) | {"below_target": _below(targets)}
    before = context.one(WEEK_AGO)["value"]
    found["change_7"] = None if before is None else found["value"] - before
    return BoardAnswer(rows, found)


def _nothing(type_id: int) -> Row:
    return {"type_id": type_id, "quantity": 0, "volume": 0.0, "price_source": "none", "value": 0.0}


def _below(targets: Sequence[Row]) -> int:
    return sum(target["missing"] > 0 for target in targets)


def _summary(rows: Sequence[Row]) -> Row:
    return {
        "types": len(rows),
        "value": sum(row["value"] or 0.0 for row in rows),
        "volume": sum(row["volume"] or 0.0 for row in rows),
        "unpriced": sum(row["value"] is None for row in rows),
    }


class Places:
    """Where things are in the end: the station or structure, and the division of its hangars."""

    def __init__(self, context: BoardContext) -> None:
        self._boxes = {
            row["item_id"]: (row["location_id"], row["location_flag"])
            for row in context.each(BOXES)
        }

    def find(self, location_id: int, flag: str) -> tuple[int, int | None]:
        """The place, and the hangar division from 1 to 7 where there is one."""
        division = _division(flag)
        for _ in range(DEEPEST):
            box = self._boxes.get(location_id)
            if box is None:
                break
            location_id, flag = box
            division = division or _division(flag)
        return location_id, division


def _division(flag: str) -> int | None:
    found = re.fullmatch(r"CorpSAG([1-7])", flag)
    return int(found[1]) if found else None


SUMMED = ("quantity", "volume", "value", "unpriced")
EMPTIED: Row = {**dict.fromkeys(SUMMED, 0), "share": 0.0}


def _summed(names: tuple[str, ...], parts: Iterable[tuple[tuple[Any, ...], Row]]) -> BoardAnswer:
    """Sums of what is alike in its key, the most valuable first."""
    sums: dict[tuple[Any, ...], Row] = {}
    for key, part in parts:
        found = sums.get(key)
        if found is None:
            found = sums[key] = {**dict(zip(names, key, strict=True)), **dict.fromkeys(SUMMED, 0)}
        for name in SUMMED:
            found[name] += part[name] or 0
    rows = [*sums.values()]
    rows.sort(key=lambda row: -row["value"])
    total = {name: sum(row[name] for row in rows) for name in SUMMED}
    for row in rows:
        row["share"] = 100.0 * row["value"] / total["value"] if total["value"] else 0.0
    return BoardAnswer(rows, total)


def _placed(context: BoardContext) -> Iterator[tuple[tuple[int, int | None], Row]]:
    make_prices(context)
    places = Places(context)
    for row in context.each(BY_PLACE, office=OFFICE):
        yield places.find(row["location_id"], row["location_flag"]), row


def read_places(context: BoardContext) -> BoardAnswer:
    """What lies at each station and structure, and how much more than a week ago."""
    parts = (((place,), row) for (place, _), row in _placed(context))
    return _with_course(context, ("location_id",), _summed(("location_id",), parts))


def read_divisions(context: BoardContext) -> BoardAnswer:
    """The same of each hangar division of each place; None is outside all of them."""
    names = ("location_id", "division")
    return _with_course(context, names, _summed(names, _placed(context)))


def read_values(context: BoardContext) -> dict[tuple[int, int | None], float]:
    """ISK by place and hangar division; None is outside all divisions."""
    values: defaultdict[tuple[int, int | None], float] = defaultdict(float)
    for where, part in _placed(context):
        values[where] += part["value"] or 0.0
    return values


def _with_course(context: BoardContext, names: tuple[str, ...], answer: BoardAnswer) -> BoardAnswer:
    """Each row with what it was worth on the days before, as far as that was kept.

    What held something a week ago and holds nothing now is a row, too.
    """
    days: dict[str, defaultdict[tuple[Any, ...], float]] = {}
    for kept in context.rows(PLACE_VALUES):
        values = days.setdefault(kept["day"], defaultdict(float))
        values[tuple(kept[name] for name in names)] += kept["value"]
    week_ago = context.one("SELECT date(:now, '-7 days') AS day")["day"]
    before = days.get(max((day for day in days if day <= week_ago), default=""))
    rows = {tuple(row[name] for name in names): row for row in answer.rows}
    for key in before or ():
        rows.setdefault(key, dict(zip(names, key, strict=True)) | EMPTIED)
    for key, row in rows.items():
        row["change_7"] = None if before is None else row["value"] - before.get(key, 0.0)
        row["course"] = spark([values.get(key, 0.0) for values in days.values()]) or None
    return BoardAnswer([*rows.values()], answer.summary)


def read_groups(context: BoardContext) -> BoardAnswer:
    """What there is of each group of types, such as ships of a class or minerals."""
    make_prices(context)
    groups = {
        row["type_id"]: row["group_name"]
        for row in context.rows("SELECT type_id, group_name FROM ref.type")
    }
    parts = []
    for row in context.rows(TYPES):
        part = {**row, "unpriced": row["value"] is None}
        parts.append(((groups.get(row["type_id"]),), part))
    return _summed(("group",), parts)


@dataclass(frozen=True, slots=True)
class Held:
    """How much of a type there is, or will be, at a place and in a division; None: in none."""

    counts: defaultdict[tuple[int, int, int | None], int]

    @classmethod
    def of(cls, found: Iterable[tuple[int, int, int | None, int]]) -> Held:
        """Sum up rows of type, place, division and quantity."""
        counts: defaultdict[tuple[int, int, int | None], int] = defaultdict(int)
        for type_id, place, division, quantity in found:
            counts[type_id, place, division] += quantity
        return cls(counts)

    def at(self, type_id: int, place: int | None, division: int | None) -> int:
        """The sum there; None is anywhere."""
        return sum(
            quantity
            for (held, where, which), quantity in self.counts.items()
            if held == type_id and place in (None, where) and division in (None, which)
        )


def _targets(context: BoardContext) -> list[Row]:
    """What should be there, what is, and what is missing, one row for each `[[stock]]`."""
    targets = context.settings.get("stock", ())
    if not targets:
        return []
    places = Places(context)
    found = [(target, _find(context, target["item"])) for target in targets]
    types = json.dumps([type_id for _, type_id in found if type_id is not None])
    held = Held.of(
        (row["type_id"], *places.find(row["location_id"], row["location_flag"]), row["quantity"])
        for row in context.rows(HELD, types=types)
    )
    ordered = Held.of(
        (row["type_id"], row["location_id"], None, row["quantity"])
        for row in context.rows(ORDERED, types=types)
    )
    in_jobs = Held.of(
        (row["type_id"], row["facility_id"], places.find(row["output_location_id"], "")[1],
         row["quantity"])
        for row in context.rows(IN_JOBS, types=types)
    )  # fmt: skip
    return [
        _measured(context, target, type_id, held, ordered, in_jobs)
        for target, type_id in found
        if type_id is not None
    ]


def _measured(
    context: BoardContext,
    target: Mapping[str, Any],
    type_id: int,
    held: Held,
    ordered: Held,
    in_jobs: Held,
) -> Row:
    """A target beside what there is: assets, what open buy orders ask for, what jobs will make.

    What was bought comes into no division, so orders count for a whole place alone. What stands in
    sell orders is no stock, and in no list of assets.
    """
    place = None if target["place"] is None else _find(context, target["place"]) or -1
    where = type_id, place, target["division"]
    on_order = ordered.at(*where) if target["orders"] else 0
    have = held.at(*where) + on_order + in_jobs.at(*where)
    want = target["want"]
    return {
        "type_id": type_id,
        "location_id": place,
        "division": target["division"],
        "want": want,
        "have": have,
        "missing": max(0, want - have),
        "fill": 100.0 * have / want if want else 100.0,
        "on_order": on_order,
        "in_jobs": in_jobs.at(*where),
    }


def _find(context: BoardContext, name: str | int) -> int | None:
    """The id of a thing or place by its name, or the id itself."""
    if isinstance(name, int):
        return name
    sql = (
        "SELECT type_id AS id FROM ref.type WHERE name = :name COLLATE NOCASE "
        "UNION ALL SELECT id FROM eve_name WHERE name = :name COLLATE NOCASE LIMIT 1"
    )
    return context.one(sql, name=name).get("id")


BUYING = """
SELECT COALESCE(t.name, n.name) AS name, p.price, p.source AS price_source,
    COALESCE(t.packaged_volume, t.volume) AS unit,
    (SELECT unit_price FROM wallet_transaction WHERE corporation_id = :c AND type_id = :id
        ORDER BY transaction_id DESC LIMIT 1) AS own_price
FROM (SELECT :id AS type_id) LEFT JOIN ref.type t USING (type_id)
LEFT JOIN eve_name n ON n.id = type_id LEFT JOIN temp.price p USING (type_id)
"""


def read_missing(context: BoardContext) -> BoardAnswer:
    """Targets that are not met, and what to buy for them."""
    make_prices(context)
    rows = [row for row in _targets(context) if row["missing"] > 0]
    for row in rows:
        row.update(context.one(BUYING, id=row["type_id"]))
        unit = row.pop("unit")
        row["name"] = row["name"] or str(row["type_id"])
        row["cost"] = None if row["price"] is None else row["missing"] * row["price"]
        row["volume"] = None if unit is None else row["missing"] * unit
    sums = {name: sum(row[name] or 0.0 for row in rows) for name in ("cost", "volume")}
    return BoardAnswer(rows, {"below_target": len(rows), **sums})


def multibuy(rows: Sequence[Row]) -> list[str]:
    """Lines for the game's multibuy window: `Tritanium 1000`."""
    wanted: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        wanted[row["name"]] += row["missing"]
    return [f"{name} {count}" for name, count in wanted.items()]


VALUES = """
SELECT day, SUM(value) AS value FROM value_day WHERE corporation_id = :c
GROUP BY day ORDER BY day DESC LIMIT 90
"""


PLACE_VALUES = """
SELECT day, location_id, NULLIF(division, 0) AS division, value FROM place_value_day
WHERE corporation_id = :c AND day <= :now AND day >= date(:now, '-14 days') ORDER BY day
"""
"""Of two weeks: what there was a week ago, and the course since."""

WEEK_AGO = """
SELECT SUM(value) AS value FROM value_day WHERE corporation_id = :c AND day = (SELECT MAX(day)
    FROM value_day WHERE corporation_id = :c AND day <= date(:now, '-7 days'))
"""


def charts(context: BoardContext, _answer: BoardAnswer) -> list[BoardChart]:
    """What everything was worth on each of the last days."""
    days = [(row["day"], row["value"]) for row in reversed(context.rows(VALUES))]
    return [BoardChart("Value by day", "isk", days, level=True)]


def describe(summary: Mapping[str, Any]) -> str:
    """`412.8 B · 7 d +1.2 B · 1,204 types · 31 without a price · ! 3 below target`."""
    parts = [isk(summary["value"])]
    if summary["change_7"] is not None:
        parts.append(f"7 d {signed_isk(summary['change_7'])}")
    parts.append(f"{summary['types']:,} types")
    if summary["unpriced"]:
        parts.append(f"{summary['unpriced']:,} without a price")
    if summary["below_target"]:
        parts.append(f"! {summary['below_target']:,} below target")
    return " · ".join(parts)


def tone(row: Row) -> Tone | None:
    """A target that is not met."""
    return "medium" if row.get("missing") else None


SUMS = (
    BoardColumn("quantity", "count", summed=True),
    BoardColumn("volume", "number", "m³", summed=True),
    BoardColumn("value", "isk", summed=True),
    BoardColumn("unpriced", "count", "No price", summed=True),
    BoardColumn("share", "percent", wide=True),
)
COURSE = (BoardColumn("change_7", "isk", "7 d", summed=True), BoardColumn("course", wide=True))
PLACE = BoardColumn("location_id", "location", "Place")
DIVISION = BoardColumn("division", "count")
DIVISION_WIDE = BoardColumn("division", "count", wide=True)

BOARD = Board(
    name="stock",
    title="Stock",
    question="What do we own, what is it worth, and what must be bought?",
    order=8,
    tables=("asset",),
    columns=(
        BoardColumn("type_id", "type", "Item"),
        BoardColumn("quantity", "count", summed=True),
        BoardColumn("volume", "number", "m³", wide=True, summed=True),
        BoardColumn("value", "isk", summed=True),
        BoardColumn("price_source", "word", "Price", wide=True),
        BoardColumn("want", "count"),
        BoardColumn("have", "count"),
        BoardColumn("missing", "count", summed=True),
    ),
    read=read,
    describe=describe,
    charts=charts,
    tone=tone,
    view=BY_TYPE,
    variants=(
        Variant("place", "value by place", (PLACE, *SUMS, *COURSE), read_places, option="by"),
        Variant(
            "division",
            "value by place and division",
            (PLACE, DIVISION, *SUMS, *COURSE),
            read_divisions,
            option="by",
            key="d",
        ),
        Variant("group", "value by group", (BoardColumn("group"), *SUMS), read_groups, option="by"),
        Variant(
            "missing",
            "what to buy, as multibuy",
            (
                BoardColumn("type_id", "type", "Item"),
                BoardColumn("name", hidden=True),
                PLACE,
                DIVISION_WIDE,
                BoardColumn("want", "count"),
                BoardColumn("have", "count"),
                BoardColumn("missing", "count"),
                BoardColumn("fill", "bar"),
                BoardColumn("cost", "isk", summed=True),
                BoardColumn("on_order", "count", wide=True),
                BoardColumn("in_jobs", "count", wide=True),
                BoardColumn("volume", "number", "m³", wide=True, summed=True),
                BoardColumn("own_price", "isk", "Own trade", wide=True),
                BoardColumn("price", "isk", wide=True),
                BoardColumn("price_source", "word", "Source", wide=True),
            ),
            read_missing,
            lines=multibuy,
        ),
    ),
)
