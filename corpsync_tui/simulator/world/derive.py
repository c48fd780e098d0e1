"""Rows made from nothing but the schema of their route, for tables without a life of their own."""

from corpsync_tui.simulator.clock import iso, iso_day
from corpsync_tui.simulator.routes import Kind, Route
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import DAY, Corporation, World
from corpsync_tui.simulator.world.types import STACKABLE

_PEOPLE = ("character_id", "creator_id", "issuer_id", "shareholder_id", "contact_id")


def row(world: World, corporation: Corporation, route: Route, key: tuple[str, ...]) -> Row:
    """A record with every plain field that the schema has; lists are empty, objects left out."""
    made: Row = {}
    for name, kind in route.fields.items():
        if kind == "object" or (name not in route.needed and world.rng.random() < 0.1):
            continue
        made[name] = _value(world, corporation, name, kind, fresh=name in key)
    return made


def changed(world: World, before: Row, route: Route, key: tuple[str, ...]) -> Row:
    """The record with one plain field of another value, none of its identity."""
    for name, kind in route.fields.items():
        old = before.get(name)
        if name in key or name.endswith("_id") or old is None:
            continue
        if isinstance(kind, tuple) and len(kind) > 1:
            return before | {name: world.rng.choice([word for word in kind if word != old])}
        if kind == "boolean":
            return before | {name: not old}
        if kind in ("integer", "number"):
            return before | {name: old + world.rng.randint(1, 9)}
        if kind == "string":
            return before | {name: f"{old.rpartition(' · ')[0] or old} · {world.rng.random():.6f}"}
    raise ValueError(f"no field of {route.path} can change")


def _value(world: World, corporation: Corporation, name: str, kind: Kind, *, fresh: bool) -> object:
    chance = world.rng
    if isinstance(kind, tuple):
        return chance.choice(kind)
    if name in _PEOPLE:
        return chance.choice(world.members(corporation))
    if name == "type_id":
        return chance.choice(STACKABLE)
    age = chance.uniform(0, 300) * DAY
    values: dict[str, object] = {
        "integer": world.next_id("row") if fresh else chance.randint(1, 5_000),
        "number": round(chance.uniform(-10, 10), 2),
        "boolean": chance.random() < 0.5,
        "string": name.replace("_", " ").capitalize() + f" {chance.randint(1, 99)}",
        "date-time": iso(world.clock.now() - age),
        "date": iso_day(world.clock.now() - age),
        "array": [],
    }
    return values[kind]
