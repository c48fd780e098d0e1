"""Structures: what dies first, when, and what must be hauled?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corpsync_tui.boards.kit.board import Board, BoardAnswer, BoardColumn, BoardContext, Row, Tone
from corpsync_tui.boards.kit.cells import hours, moment_of
from corpsync_tui.boards.kit.estate import read_estate
from corpsync_tui.boards.kit.fuel import BayMove, find_bay_moves, judge_move
from corpsync_tui.boards.kit.logged import read_logged
from corpsync_tui.boards.kit.read import copied_at
from corpsync_tui.boards.kit.structure_view import METENOX, VIEW
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.format.times import seconds_of, span_in_words

IDENTITIES = {
    "structure": "structure_id",
    "starbase": "starbase_id",
    "customs_office": "office_id",
}
"""What tells the rows of a kind's table apart where that is not `id`."""
HIGH_HOURS = 20.0
"""Hours of fuel at which one must act at once, whatever the bands say."""
HAUL_DAYS = 30
BAY_FULL = 85.0
"""Percent of a Metenox's bay from which on it must be emptied."""
OZONE: tuple[tuple[int, Tone], ...] = ((250_000, "high"), (1_500_000, "medium"))
"""Liquid ozone of an Ansiblex below which it must be filled (aa-structures' pinger)."""
LEVELS: tuple[Tone, ...] = ("high", "medium", "low")
TIMER_HOURS: tuple[tuple[int, Tone], ...] = ((1, "high"), (6, "high"), (24, "medium"))
"""Hours before a timer at which it becomes urgent."""
TODAY = 72_000.0
"""Seconds within which a timer is told by its hour alone."""
STRONTIUM_HOURS = 24.0
"""Hours of strontium below which a starbase would be reinforced for too short a time."""
WINDOWS = ("theft", "vulnerable")
"""Timers that come back every few days by themselves: no danger in them."""
LAST_TIMERS = (35832, 35825, 35835, 35841, 35840, 37534, METENOX)
"""Upwell structures that no hull timer follows once the armor is gone (Structure-Manager's
`StructureTimerMechanics`): medium ones, flexible ones and the Metenox."""
ABANDONED_AFTER = 7 * 86_400.0
"""Seconds of low power after which a structure is abandoned (aa-structures' `power_mode`)."""
MOVED_WITHIN = 3 * 86_400.0
"""Seconds for which a refuel, or a theft, is told of."""
LOW_POWER = """
SELECT s.structure_id, COALESCE(s.fuel_expires, l.expires) AS expires, l.seen
FROM structure s LEFT JOIN (
    SELECT json_extract(row_key, '$.structure_id') AS structure_id, MAX(time) AS seen,
        json_extract(before, '$.fuel_expires') AS expires
    FROM change WHERE corporation_id = :c AND table_name = 'structure' AND time >= :since
        AND kind = 'changed' AND json_type(before, '$.fuel_expires') = 'text'
        AND json_type(after, '$.fuel_expires') = 'null'
    GROUP BY 1
) AS l USING (structure_id)
WHERE s.corporation_id = :c
    AND (s.fuel_expires <= :now OR s.fuel_expires IS NULL AND l.expires IS NOT NULL)
ORDER BY s.structure_id
"""


def read(context: BoardContext) -> BoardAnswer:
    """Everything in space, what runs dry or comes under attack first at the top."""
    rows = read_estate(context)
    moves = find_bay_moves(context, context.now - MOVED_WITHIN)
    listed = copied_at(context, "structure")
    for row in rows:
        row["moved"] = last_move(row, moves.get(row["id"], ()), listed)
        row["attention"] = judge(row, context)
        row["status"] = status(row, context.now)
    rows.sort(key=_urgency)
    levels = Counter(row["attention"] for row in rows)
    burns = [row["blocks_per_hour"] or 0.0 for row in rows if row["kind"] == "structure"]
    summary = {
        "structures": len(rows),
        "high": levels["high"],
        "medium": levels["medium"],
        "blocks_per_day": 24 * sum(burns),
        "haul": sum(haul(row) for row in rows),
    }
    return BoardAnswer(rows, summary)


def last_move(row: Row, moves: Sequence[BayMove], listed: float | None) -> str | None:
    """The last refuel or theft in words; None where the bay burned as it should.

    `moves` come the newest first. Until structures are read again (`listed`, Unix seconds), the
    end of fuel does not know of what assets tell: the rate from both would be wrong.
    """
    for move in moves:
        if said := judge_move(move, row.get("blocks_per_hour")):
            if listed is None or listed < move.time:
                said = "refuel or theft is unknown until structures are read again"
            return f"{moment_of(move.time)} {said}"
    return None


def status(row: Row, now: float) -> str:
    """What matters most of a row, in few words: its timer, what is down, its bay, its state."""
    if row["timer_end"] is not None and row["timer_end"] > now:
        ends = moment_of(row["timer_end"])
        today = row["timer_end"] - now < TODAY
        return f"{str(row['timer']).partition('_')[0].lower()} {ends[-5:] if today else ends[:6]}"
    if row["services_offline"]:
        return f"{row['services_offline']} down"
    if row["bay_percent"] is not None:
        return f"bay {row['bay_percent']:.0f} %"
    if row["ozone"] is not None:
        return f"LO {row['ozone'] / 1e6:.1f} M"
    if row["kind"] == "structure" and row["state"] == "shield_vulnerable":
        return "full power" if row["fuel_hours"] else "low power"
    return str(row["state"] or "").replace("_", " ")


def judge(row: Row, context: BoardContext) -> Tone | None:
    """How urgent a row is: by its fuel, its timer, its services."""
    left, levels = row["fuel_hours"], set[Tone | None]()
    if left is not None:
        levels.add(_fuel_level(left, context))
    if row["timer_end"] is not None and row["timer"] not in WINDOWS:
        levels.add(_timer_level((row["timer_end"] - context.now) / 3600))
    if row["ozone"] is not None:
        levels.add(next((level for limit, level in OZONE if row["ozone"] < limit), None))
    full = (row["bay_percent"] or 0.0) >= BAY_FULL
    if full or row["services_offline"] or row["unanchors_at"] is not None:
        levels.add("medium")
    return next((level for level in LEVELS if level in levels), None)


def _fuel_level(left: float, context: BoardContext) -> Tone | None:
    """`[fuel] bands` in days: the first is low, the second medium, all others high."""
    if left <= HIGH_HOURS:
        return "high"
    passed = sum(left <= days * 24 for days in context.settings.get("fuel", {}).get("bands", ()))
    return LEVELS[-min(passed, 3)] if passed else None


def _timer_level(wait: float) -> Tone | None:
    """How urgent a timer is that ends in so many hours."""
    return next((level for limit, level in TIMER_HOURS if 0 < wait <= limit), None)


def _urgency(row: Row) -> tuple[float, float, int]:
    order = {"high": 0, "medium": 1, "low": 2, None: 3}
    left = row["fuel_hours"]
    return order[row["attention"]], math.inf if left is None else left, row["id"]


def haul(row: Row, days: int = HAUL_DAYS) -> int:
    """Blocks to bring so that the fuel lasts so many days."""
    if row["kind"] != "structure" or not row["blocks_per_hour"] or row["fuel_hours"] is None:
        return 0
    need: int = math.ceil(24 * row["blocks_per_hour"] * days)
    return max(0, need - int(row["blocks"] or 0))


def describe(summary: Mapping[str, Any]) -> str:
    """`11 · ✗ 2 · ! 1 · 4,373 blocks/day · 30 d: 67,204 short`."""
    parts = [f"{summary['structures']:,}"]
    parts += [f"✗ {summary['high']}"] if summary["high"] else []
    parts += [f"! {summary['medium']}"] if summary["medium"] else []
    parts.append(f"{summary['blocks_per_day']:,.0f} blocks/day")
    if summary["haul"]:
        parts.append(f"{HAUL_DAYS} d: {summary['haul']:,} short")
    return " · ".join(parts)


def details(context: BoardContext, _answer: BoardAnswer, rows: Sequence[Row]) -> list[list[str]]:
    """Timers, fuel and what to bring, in words."""
    return [_detail(context, row) for row in rows]


def _detail(context: BoardContext, row: Row) -> list[str]:
    lines = []
    if row["timer_end"] is not None:
        wait = (row["timer_end"] - context.now) / 3600
        what = str(row["timer"]).replace("_", " ")
        lines.append(f"{what} until {moment_of(row['timer_end'])} EVE, in {hours(wait)}")
    if row["fuel_hours"] is not None:
        ends = moment_of(context.now + row["fuel_hours"] * 3600)
        lines.append(f"{row['in_bay'] or 0:,} in the bay · out of fuel {ends} EVE")
    if need := haul(row):
        lines.append(f"{HAUL_DAYS} days need {need:,} more ({need * 5:,} m³)")
    if row["moved"]:
        lines.append(row["moved"])
    if row["services_offline"]:
        lines.append(f"offline: {', '.join(row['offline'])}")
    if row["ozone"] is not None:
        lines.append(f"{row['ozone']:,} liquid ozone")
    if row["bay_percent"] is not None:
        lines.append(f"material bay {row['bay_percent']:.0f} % full")
    return lines


def haul_list(rows: Sequence[Row]) -> list[str]:
    """The blocks that are short, as lines for multibuy."""
    need = sum(haul(row) for row in rows)
    return [f"Nitrogen Fuel Block {need}"] if need else []


def is_last_timer(row: Row) -> bool:
    """Whether what comes out of this timer can be destroyed for good."""
    if row["kind"] == "structure":
        last = row["state"] == "armor_reinforce" and row["type_id"] in LAST_TIMERS
        return last or bool(row["state"] == "hull_reinforce")
    return bool(row["timer"] == "reinforced")


def read_rows(context: RuleContext) -> list[Row]:
    """What all rules here look at."""
    return read_estate(BoardContext.of(context))


def find_dry(context: RuleContext) -> Iterator[Alert]:
    """What runs dry. Each band of days is a fact of its own, so that it is told once."""
    board = BoardContext.of(context)
    bands = context.boards["fuel"]["bands"]
    for row in context.once(read_rows):
        left = row["fuel_hours"]
        burns = left is not None and (left or row["fuel_source"] == "bay")  # else it has low power
        level = _fuel_level(left, board) if burns else None
        if level is not None:
            band, fuel = sum(left <= days * 24 for days in bands), row["runs_out"]
            ends = f"runs out of {fuel} in {span_in_words(left * 3600)}"
            yield _alert(row, f"{band}/{level}", ends if left else f"is out of {fuel}", level)
        yield from _find_low_ozone(row)
        yield from _find_low_strontium(row)


def _find_low_ozone(row: Row) -> Iterator[Alert]:
    ozone = row["ozone"]
    for limit, level in OZONE:
        if ozone is not None and ozone < limit:
            yield _alert(row, f"ozone/{limit}", f"has {ozone:,} liquid ozone left", level)
            break


def _find_low_strontium(row: Row) -> Iterator[Alert]:
    """What reinforces a starbase for less than a day; unknown where nobody may look into it."""
    left = row.get("strontium_hours")
    if left is not None and left < STRONTIUM_HOURS and row["state"] == "online":
        some = f"strontium for {span_in_words(left * 3600)} only"
        yield _alert(row, "strontium", f"has {some if left else 'no strontium'}", "medium")


def find_low_power(context: RuleContext) -> Iterator[Alert]:
    """A structure that burned fuel and burns none any more; a week later it is abandoned.

    One that never burned any since it is known is left alone: it may be meant so.
    """
    board = BoardContext.of(context)
    rows = {row["id"]: row for row in context.once(read_rows) if row["kind"] == "structure"}
    week_ago = context.now - ABANDONED_AFTER
    for lost in read_logged(board, LOW_POWER, "structure", since=week_ago):
        since = min(seconds_of(lost["expires"]), lost["seen"] or math.inf)
        left = since + ABANDONED_AFTER - context.now
        end = f"it is abandoned in {span_in_words(left)}" if left > 0 else "it is abandoned"
        row = rows[lost["structure_id"]]
        yield _alert(row, lost["expires"], f"has low power; {end}", "high", since)


def find_offline_services(context: RuleContext) -> Iterator[Alert]:
    """A service that is off although there is fuel."""
    for row in context.once(read_rows):
        if row["offline"] and row["fuel_hours"]:
            off = ", ".join(row["offline"])
            yield _alert(row, off, f"has services offline: {off}", "high")


def find_unanchoring(context: RuleContext) -> Iterator[Alert]:
    """What is being taken down."""
    for row in context.once(read_rows):
        ends = row["unanchors_at"]
        if ends is not None and ends > context.now:
            said = f"unanchors in {span_in_words(ends - context.now)}"
            yield _alert(row, f"{ends:.0f}", said, "high")


def find_full_bays(context: RuleContext) -> Iterator[Alert]:
    """A bay of moon materials that is nearly full: then the drill stops."""
    for row in context.once(read_rows):
        if (row["bay_percent"] or 0.0) >= context.threshold:
            said = f"has its material bay filled to {row['bay_percent']:.0f} %"
            yield _alert(row, "bay", said, "medium")


def find_timers(context: RuleContext) -> Iterator[Alert]:
    """A timer that ends soon; 24, 6 and 1 hours before are facts of their own."""
    for row, wait in _timers(context):
        limit = next((hours for hours, _ in TIMER_HOURS if wait <= hours), None)
        level = _timer_level(wait)
        if limit is not None and level is not None:
            last = "; it is the last" if is_last_timer(row) else ""
            said = f"{_timer_of(row)} ends in {span_in_words(wait * 3600)}{last}"
            key = f"{row['timer_end']:.0f}/{limit}"
            yield _alert(row, key, said, level, row["timer_end"] - limit * 3600)


def find_last_timers(context: RuleContext) -> Iterator[Alert]:
    """What can be destroyed at the end of its timer."""
    for row, wait in _timers(context):
        if is_last_timer(row):
            said = f"can be destroyed in {span_in_words(wait * 3600)}"
            yield _alert(row, f"{row['timer_end']:.0f}", said, "high")


def _timers(context: RuleContext) -> Iterator[tuple[Row, float]]:
    """What has a timer running that is no window and no unanchoring, and its hours."""
    for row in context.once(read_rows):
        ends = row["timer_end"]
        if ends is None or row["timer"] in WINDOWS or ends == row["unanchors_at"]:
            continue
        if ends > context.now:
            yield row, (ends - context.now) / 3600


def _timer_of(row: Row) -> str:
    words = str(row["timer"]).split("_")
    return f"its {words[0]} timer" if words[-1] in ("reinforce", "vulnerable") else words[0]


def _alert(row: Row, key: str, said: str, level: Tone, since: float | None = None) -> Alert:
    return Alert(
        f"{row['kind']}/{row['id']}/{key}",
        f"{row['name']}: {said}" if said.startswith("its") else f"{row['name']} {said}",
        level,
        since,
        table_name=row["kind"],
        row_key={IDENTITIES.get(row["kind"], "id"): row["id"]},
    )


BOARD = Board(
    name="structures",
    title="Structures",
    question="What dies first, when, and what must be hauled?",
    order=1,
    tables=(
        "structure",
        "starbase",
        "starbase_detail",
        "customs_office",
        "skyhook",
        "skyhook_detail",
        "sovereignty_hub",
        "sovereignty_hub_detail",
        "asset",
    ),
    columns=(
        BoardColumn("id", "id", hidden=True),
        BoardColumn("name", "text", "Structure"),
        BoardColumn("kind", "word", wide=True),
        BoardColumn("system_id", "system", "System"),
        BoardColumn("type_id", "type", "Type"),
        BoardColumn("fuel_hours", "hours", "Left"),
        BoardColumn("fuel_source", "word", "By", wide=True),
        BoardColumn("in_bay", "count"),
        BoardColumn("burn_per_hour", "number", "/h"),
        BoardColumn("status", "text", "State"),
        BoardColumn("timer_end", "when", "Timer", wide=True),
        BoardColumn("state", "word", "By ESI", wide=True),
        BoardColumn("services_offline", "count", "Down", wide=True),
        BoardColumn("attention", "word", hidden=True),
    ),
    read=read,
    describe=describe,
    details=details,
    copied=haul_list,
    view=VIEW,
    opens=lambda row: (row["kind"], {IDENTITIES.get(row["kind"], "id"): row["id"]}),
    rules=[
        Rule(
            "fuel",
            find_dry,
            says="Fuel, gas, ozone, strontium or reagents that run out, by the bands of [fuel].",
            many="running out of fuel, gas or ozone",
            timed=True,
        ),
        Rule(
            "low_power",
            find_low_power,
            says="A structure that burns no fuel any more.",
            many="structures with low power",
            timed=True,
        ),
        Rule(
            "services",
            find_offline_services,
            says="A service that is offline.",
            many="structures with services offline",
        ),
        Rule(
            "unanchoring",
            find_unanchoring,
            says="A structure that is being unanchored.",
            many="structures unanchoring",
        ),
        Rule(
            "bay_full",
            find_full_bays,
            says="A bay of moon materials that is filled to so many percent.",
            many="moon material bays nearly full",
            default=85,
        ),
        Rule(
            "timer",
            find_timers,
            says="A timer of a structure that ends within 24, 6 or 1 hours.",
            many="timers about to end",
            timed=True,
        ),
        Rule(
            "last_timer",
            find_last_timers,
            says="A structure in its last timer: it can be destroyed after that.",
            many="last timers running",
            timed=True,
        ),
    ],
)
