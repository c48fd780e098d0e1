"""Moons: which chunk is next, what is it worth, who mined it, who owes what?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
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
    esi_time,
    unix,
)
from corpsync_tui.boards.kit.cells import moment_of
from corpsync_tui.boards.kit.ore import (
    LEDGER,
    MINED_DAYS,
    Mined,
    OrePrices,
    TaxRules,
    add_worth,
    find_chunks,
)
from corpsync_tui.format.amounts import isk
from corpsync_tui.store.naming import Naming

DUE_HOURS = 24
SHOWN_DAYS = 30
BELT_HOURS = 48
"""What a belt lasts from its chunk's arrival on (SeAT counts as much)."""

POPS = f"""
SELECT e.structure_id, COALESCE(s.name, n.name) AS structure_name, e.moon_id,
    COALESCE(m.name, r.name) AS moon_name, e.state, e.chunk_arrival_time, e.natural_decay_time,
    {unix("e.extraction_start_time")} AS started, {unix("e.chunk_arrival_time")} AS chunk_arrival,
    {unix("e.natural_decay_time")} AS natural_decay,
    y.solar_system_id AS system_id, y.name AS system_name, y.region_id, y.region_name
FROM mining_extraction e
LEFT JOIN structure s USING (corporation_id, structure_id)
LEFT JOIN eve_name n ON n.id = e.structure_id LEFT JOIN eve_name m ON m.id = e.moon_id
LEFT JOIN ref.moon r ON r.moon_id = e.moon_id
LEFT JOIN ref.solar_system y ON y.solar_system_id = r.solar_system_id
WHERE e.corporation_id = :c
ORDER BY e.structure_id, e.chunk_arrival_time
"""

IDLE = """
SELECT s.corporation_id, s.structure_id, s.name FROM structure s
WHERE EXISTS (SELECT 1 FROM json_each(s.services) WHERE json_extract(value, '$.state') = 'online'
        AND json_extract(value, '$.name') = 'Moon Drilling')
    AND NOT EXISTS (SELECT 1 FROM mining_extraction e WHERE e.corporation_id = s.corporation_id
        AND e.structure_id = s.structure_id AND e.state = 'active')
"""
"""Drills that could pull a chunk and pull none."""


MINED = f"""
SELECT corporation_id, structure_id, chunk_arrival_time, SUM(isk) AS mined,
    COUNT(DISTINCT character_id) AS miners
FROM (
    SELECT l.corporation_id, l.observer_id AS structure_id, l.character_id,
        l.quantity * COALESCE(d.average_price, p.price, 0.0) AS isk,
        (SELECT MAX(e.chunk_arrival_time) FROM mining_extraction e
            WHERE e.corporation_id = l.corporation_id AND e.structure_id = l.observer_id
            AND e.state IS NOT 'cancelled' AND l.last_updated BETWEEN
                substr(e.chunk_arrival_time, 1, 10)
                AND date(substr(e.chunk_arrival_time, 1, 10), '+{MINED_DAYS} days')
        ) AS chunk_arrival_time
    FROM mining_ledger l LEFT JOIN temp.price p USING (type_id)
    LEFT JOIN price_day d ON d.day = l.last_updated AND d.type_id = l.type_id)
GROUP BY corporation_id, structure_id, chunk_arrival_time
"""

VIEW = f"""
SELECT e.corporation_id, e.structure_id, COALESCE(s.name, n.name) AS structure_name, e.moon_id,
    m.name AS moon_name,
    CASE WHEN e.state <> 'active' THEN e.state
        WHEN e.natural_decay_time <= :now THEN 'decayed'
        WHEN e.chunk_arrival_time <= :now THEN 'ready'
        WHEN julianday(e.chunk_arrival_time) - julianday(:now) < {DUE_HOURS} / 24.0 THEN 'due'
        ELSE 'pulling' END AS state,
    {unix("e.chunk_arrival_time")} AS chunk_arrival,
    {unix("e.natural_decay_time")} AS natural_decay,
    IFNULL(g.mined, 0.0) AS mined, IFNULL(g.miners, 0) AS miners
FROM mining_extraction e
LEFT JOIN structure s USING (corporation_id, structure_id)
LEFT JOIN eve_name n ON n.id = e.structure_id LEFT JOIN eve_name m ON m.id = e.moon_id
LEFT JOIN ({MINED}) g USING (corporation_id, structure_id, chunk_arrival_time)
WHERE e.state = 'active' AND e.natural_decay_time > :now
    OR e.chunk_arrival_time > strftime('%Y-%m-%dT%H:%M:%SZ', :now, '-{SHOWN_DAYS} days')
UNION ALL
SELECT s.corporation_id, s.structure_id, s.name, NULL, NULL, 'idle', NULL, NULL, NULL, 0
FROM ({IDLE}) s
"""
"""Without what a chunk is worth: the notice of its start tells that, in a text that is no JSON."""


def read(context: BoardContext) -> BoardAnswer:
    """Chunks to come first, then those of the last days, then idle drills."""
    prices = OrePrices.of(context)
    pops = context.rows(POPS)
    mined = Mined.of(context, pops, prices)
    add_worth(context, pops, prices, mined)
    rows = []
    for pop in pops:
        key = pop["structure_id"], pop.pop("chunk_arrival_time")
        del pop["natural_decay_time"]
        pop["mined"], pop["miners"] = mined.isk.get(key, 0.0), len(mined.miners.get(key, ()))
        pop["mined_percent"] = 100 * pop["mined"] / pop["worth"] if pop["worth"] else None
        pop["jackpot"] = mined.is_jackpot(key)
        pop["mean_5"] = mined.mean(key)
        pop["state"] = state_of(pop, context.now)
        if pop["state"] in WAITING or context.now - pop["chunk_arrival"] < SHOWN_DAYS * 86_400:
            rows.append(pop)
    rows.sort(key=lambda row: (row["state"] not in WAITING, _nearness(row, context.now)))
    rows += [_idle(context, row) for row in context.rows(f"{IDLE} AND s.corporation_id = :c")]
    for row in rows:
        row["attention"] = LEVELS.get(row["state"])
    coming = [row["chunk_arrival"] for row in rows if row["state"] in ("pulling", "due")]
    summary = {
        "drills": len({row["structure_id"] for row in rows}),
        "idle": sum(row["state"] == "idle" for row in rows),
        "next": min(coming, default=None),
        "mined": sum(row["mined"] or 0.0 for row in rows),
        "tax_due": read_invoices(context).summary["due"],
    }
    return BoardAnswer(rows, summary)


WAITING = ("ready", "due", "pulling")
LEVELS: Mapping[str, Tone] = {"ready": "medium", "due": "low", "idle": "medium"}


def state_of(pop: Row, now: float) -> str:
    """`pulling`, `due` within a day, `ready` until it falls apart by itself, or how it ended."""
    if pop["state"] != "active":
        return str(pop["state"])
    if now >= pop["natural_decay"]:
        return "decayed"
    if now >= pop["chunk_arrival"]:
        return "ready"
    return "due" if pop["chunk_arrival"] - now < DUE_HOURS * 3600 else "pulling"


def _nearness(row: Row, now: float) -> float:
    return float(abs(row["chunk_arrival"] - now))


NOTHING_PULLED = (
    "moon_id", "moon_name", "chunk_arrival", "natural_decay", "worth", "mined", "started", "volume",
    "ore_class", "mined_percent", "jackpot", "mean_5", "days",
)  # fmt: skip


LAST = f"""
SELECT MAX(CASE WHEN state = 'cancelled' THEN NULL ELSE {unix("chunk_arrival_time")} END) AS last
FROM mining_extraction WHERE corporation_id = :c AND structure_id = :structure
"""


def _idle(context: BoardContext, row: Row) -> Row:
    """A drill that pulls nothing; `idle_days` since its last chunk came, if it ever did."""
    last = context.one(LAST, structure=row["structure_id"])["last"]
    idle = None if last is None or last > context.now else (context.now - last) / 86_400
    return {
        "structure_id": row["structure_id"],
        "structure_name": row["name"],
        **dict.fromkeys(NOTHING_PULLED),
        "state": "idle",
        "miners": 0,
        "estimated": False,
        "idle_days": idle,
    }


def read_miners(context: BoardContext) -> BoardAnswer:
    """Who mined how much of which ore of each chunk, what it was worth, and what is owed."""
    prices, taxes = OrePrices.of(context), TaxRules.of(context)
    sums: dict[tuple[Any, ...], Row] = {}
    for pop, row in find_chunks(context, context.rows(POPS)):
        key = (
            pop["structure_id"],
            pop["chunk_arrival"],
            row["character_id"],
            row["recorded_corporation_id"],
            row["type_id"],
        )
        found = sums.setdefault(
            key,
            {
                "structure_id": key[0],
                "chunk_arrival": key[1],
                "character_id": key[2],
                "corporation_id": key[3],
                "type_id": key[4],
                "quantity": 0,
                "value": 0.0,
                "tax": 0.0,
            },
        )
        guest = row["recorded_corporation_id"] != context.corporation_id
        value = (prices.unit(row["type_id"], row["day"]) or 0.0) * row["quantity"]
        found["quantity"] += row["quantity"]
        found["value"] += value
        found["tax"] += value * taxes.rate(row["type_id"], pop, guest=guest) / 100
    rows = sorted(sums.values(), key=lambda row: (-row["chunk_arrival"], -row["value"]))
    return BoardAnswer(rows, {name: sum(row[name] for row in rows) for name in ("value", "tax")})


REFERENCE = "moon"
"""The word in a donation's reason, in any case, that makes it a payment of moon tax."""

PAID = """
SELECT first_party_id AS character_id, amount, date FROM wallet_journal
WHERE corporation_id = :c AND ref_type = 'player_donation' AND amount > 0
    AND second_party_id = :c AND instr(lower(IFNULL(reason, '')), :reference)
"""


def read_invoices(context: BoardContext) -> BoardAnswer:
    """What each miner owes of all chunks, what of it was paid since the first, and what is due."""
    bills: dict[int, Row] = {}
    for row in read_miners(context).rows:
        bill = bills.setdefault(
            row["character_id"],
            {
                "character_id": row["character_id"],
                "corporation_id": row["corporation_id"],
                "since": row["chunk_arrival"],
                **dict.fromkeys(("quantity", "value", "tax", "paid"), 0.0),
            },
        )
        bill["since"] = min(bill["since"], row["chunk_arrival"])
        for name in ("quantity", "value", "tax"):
            bill[name] += row[name]
    for payment in context.rows(PAID, reference=REFERENCE):
        bill = bills.get(payment["character_id"], {})
        if bill and payment["date"] >= esi_time(bill["since"]):
            bill["paid"] += payment["amount"]
    names = Naming(context.db)
    for bill in bills.values():
        bill["due"] = max(0.0, bill["tax"] - bill["paid"])
        bill["name"] = names.who(bill["character_id"])
    rows = sorted(bills.values(), key=lambda bill: -bill["due"])
    sums = ("value", "tax", "paid", "due")
    return BoardAnswer(rows, {name: sum(row[name] for row in rows) for name in sums})


def invoice_lines(rows: Sequence[Row]) -> list[str]:
    """A line for each who owes something, such as for a mail: `Aldra Vex 41,200,000 ISK`."""
    return [f"{row['name']} {row['due']:,.0f} ISK" for row in rows if round(row["due"])]


SHOWN_MINERS = 5


def details(context: BoardContext, _answer: BoardAnswer, rows: Sequence[Row]) -> list[list[str]]:
    """Who mined most of each chunk: ore, units, worth, tax and its rate."""
    pops: defaultdict[tuple[int, int], list[Row]] = defaultdict(list)
    for miner in read_miners(context).rows:
        pops[miner["structure_id"], miner["chunk_arrival"]].append(miner)
    names = Naming(context.db)
    return [
        [
            *_belt(row, context.now),
            *_miner_lines(
                context, names, pops.get((row["structure_id"], row["chunk_arrival"]), [])
            ),
        ]
        for row in rows
    ]


def _belt(row: Row, now: float) -> list[str]:
    """About when the belt of a fractured chunk is gone; nobody tells it to the minute."""
    gone = (row["chunk_arrival"] or 0) + BELT_HOURS * 3600
    if row["state"] not in ("fractured", "decayed") or gone < now:
        return []
    return [f"The belt lasts until about {moment_of(gone)} EVE"]


def _miner_lines(context: BoardContext, names: Naming, miners: Sequence[Row]) -> list[str]:
    lines = []
    for row in miners[:SHOWN_MINERS]:
        guest = row["corporation_id"] != context.corporation_id
        whose = f" ({names.who(row['corporation_id'])})" if guest else ""
        rate = 100 * row["tax"] / row["value"] if row["value"] else 0.0
        lines.append(
            f"{names.who(row['character_id']) + whose:<24.24} {names.type(row['type_id']):<15.15}"
            f" {row['quantity']:>9,} {isk(row['value']):>9} {isk(row['tax']):>8} {rate:>3.0f} %"
        )
    if miners:
        more = len(miners) - SHOWN_MINERS
        count = f"{more:,} more, all of it" if more > 0 else "All of it"
        value, tax = (sum(row[name] for row in miners) for name in ("value", "tax"))
        lines.append(f"{count:<50} {isk(value):>9} {isk(tax):>8}")
    return lines


def describe(summary: Mapping[str, Any]) -> str:
    """`7 drills, 2 idle · next pop 28 Nov 23:10 · 41.2 B mined, 4.1 B tax due`."""
    parts = [f"{summary['drills']:,} drills"]
    if summary["idle"]:
        parts[0] += f", {summary['idle']:,} idle"
    if summary["next"] is not None:
        parts.append(f"next pop {moment_of(summary['next'])} EVE")
    due = f", {isk(summary['tax_due'])} tax due" if summary["tax_due"] else ""
    return " · ".join([*parts, f"{isk(summary['mined'])} mined{due}"])


def charts(context: BoardContext, _answer: BoardAnswer) -> list[BoardChart]:
    """What was mined on each of the last days."""
    prices = OrePrices.of(context)
    today = date.fromisoformat(esi_time(context.now)[:10])
    days = {f"{today - timedelta(days=n)}": 0.0 for n in reversed(range(SHOWN_DAYS))}
    for row in context.rows(LEDGER):
        if row["day"] in days:
            days[row["day"]] += (prices.unit(row["type_id"], row["day"]) or 0.0) * row["quantity"]
    return [BoardChart("Ore by day", "isk", list(days.items()))] if any(days.values()) else []


def find_row(row: Row) -> tuple[str, Mapping[str, Any]]:
    """The extraction; of an idle drill the structure."""
    structure = {"structure_id": row["structure_id"]}
    if row["state"] == "idle":
        return "structure", structure
    return "mining_extraction", {"extraction_start_time": esi_time(row["started"]), **structure}


BOARD = Board(
    name="moons",
    title="Moons",
    question="Which chunk is next, what is it worth, who mined it, who owes what?",
    order=2,
    tables=("mining_extraction", "mining_ledger", "structure"),
    columns=(
        BoardColumn("structure_id", "id", hidden=True),
        BoardColumn("structure_name", title="Refinery"),
        BoardColumn("moon_id", "moon", "Moon"),
        BoardColumn("moon_name", hidden=True),
        BoardColumn("state", "word"),
        BoardColumn("chunk_arrival", "when", "Arrives"),
        BoardColumn("worth", "isk", estimated_by="estimated"),
        BoardColumn("days", "number"),
        BoardColumn("mined", "isk", wide=True, summed=True),
        BoardColumn("miners", "count", wide=True),
        BoardColumn("mined_percent", "percent", "Mined %", wide=True),
        BoardColumn("ore_class", title="Class", wide=True),
        BoardColumn("volume", "count", "m³", wide=True, estimated_by="estimated"),
        BoardColumn("mean_5", "isk", "Mean of 5", wide=True),
        BoardColumn("started", "when", wide=True),
        BoardColumn("natural_decay", "when", "Decays", wide=True),
        BoardColumn("jackpot", "flag", wide=True),
        BoardColumn("idle_days", "days", "Idle", wide=True),
        BoardColumn("estimated", "flag", hidden=True),
    ),
    read=read,
    describe=describe,
    details=details,
    view=VIEW,
    opens=find_row,
    charts=charts,
    variants=(
        Variant(
            "miners",
            "who mined what of each chunk, and owes what",
            (
                BoardColumn("structure_id", "structure", "Refinery"),
                BoardColumn("chunk_arrival", "when", "Arrived"),
                BoardColumn("character_id", "character", "Miner"),
                BoardColumn("corporation_id", "corporation", "Corporation", wide=True),
                BoardColumn("type_id", "type", "Ore"),
                BoardColumn("quantity", "count", summed=True),
                BoardColumn("value", "isk", summed=True),
                BoardColumn("tax", "isk", summed=True),
            ),
            read_miners,
        ),
        Variant(
            "invoices",
            "what each miner owes, has paid with “moon” as its reason, and is due",
            (
                BoardColumn("character_id", "character", "Miner"),
                BoardColumn("name", hidden=True),
                BoardColumn("corporation_id", "corporation", "Corporation", wide=True),
                BoardColumn("since", "when", wide=True),
                BoardColumn("quantity", "count", wide=True, summed=True),
                BoardColumn("value", "isk", summed=True),
                BoardColumn("tax", "isk", summed=True),
                BoardColumn("paid", "isk", summed=True),
                BoardColumn("due", "isk", summed=True),
            ),
            read_invoices,
            lines=invoice_lines,
        ),
    ),
)
