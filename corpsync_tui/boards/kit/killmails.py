"""Killmails as the boards reckon with them: whose they are, and what was lost with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import msgspec

from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.boards.kit.prices import fixed_prices, make_prices

COPY = 2
"""What a killmail's `singleton` says of a blueprint copy."""
COPY_SHARE = 0.01
"""A copy is worth a hundredth of its original, as zKillboard reckons."""
ESCAPE_BAY = 179
"""The flag of the frigate escape bay: what lies there got away (zKillboard issue 259)."""


class Item(msgspec.Struct, gc=False):
    """An item of the ship; a container holds further ones."""

    item_type_id: int
    flag: int = 0
    singleton: int = 0
    quantity_destroyed: int = 0
    quantity_dropped: int = 0
    items: list[Item] = []


class Victim(msgspec.Struct, gc=False):
    """Who lost which ship, and what it held."""

    ship_type_id: int
    character_id: int | None = None
    corporation_id: int | None = None
    items: list[Item] = []


class Attacker(msgspec.Struct, gc=False):
    """Who shot, and whether it was the last blow."""

    final_blow: bool = False
    corporation_id: int | None = None
    character_id: int | None = None


@dataclass(frozen=True, slots=True)
class Kill:
    """A killmail that concerns the corporation: its own loss, or its own final blow."""

    killmail_id: int
    time: str
    solar_system_id: int
    victim: Victim
    killer_id: int | None
    """Whose final blow it was; None where it was nobody's, such as a rat's."""
    is_loss: bool
    hull: float
    """ISK by the prices of its day, as all of them here, see `KillPrices`."""
    cargo: float
    """Everything destroyed or dropped."""
    prices: Mapping[int, float]
    """Of what has one of the ship and all in it."""

    @property
    def value(self) -> float:
        """Hull and cargo."""
        return self.hull + self.cargo

    @property
    def is_priced(self) -> bool:
        """Whether all of it has a price: what has none is worth nothing in the sums."""
        types = {self.victim.ship_type_id}
        add_types(types, self.victim.items)
        return types <= self.prices.keys()


MAILS = """
SELECT killmail_id, killmail_time, solar_system_id, victim, attackers FROM killmail
WHERE corporation_id = :c AND killmail_time >= :since AND killmail_time < :until
ORDER BY killmail_time DESC, killmail_id DESC LIMIT :most
"""

OF_DAY = """
SELECT type_id, average_price FROM json_each(:types) CROSS JOIN price_day
WHERE day = :day AND type_id = value AND average_price IS NOT NULL
"""
"""The types lead the way: `IN` would sort them first, and a day can have far more than these."""

MOST = 10_000
"""Killmails that the board reckons with, the newest ones: what can be read in half a second. The
view knows all of them."""


def value_of(items: Sequence[Item], prices: Mapping[int, float]) -> float:
    """What items are worth in ISK: destroyed and dropped alike, boxes within boxes once."""
    total = 0.0
    for item in items:
        if item.flag == ESCAPE_BAY:
            continue
        share = COPY_SHARE if item.singleton == COPY else 1.0
        count = item.quantity_destroyed + item.quantity_dropped
        total += count * prices.get(item.item_type_id, 0.0) * share
        if item.items:
            total += value_of(item.items, prices)
    return total


def add_types(types: set[int], items: Sequence[Item]) -> None:
    """Add the types of all items that `value_of` counts."""
    for item in items:
        if item.flag != ESCAPE_BAY:
            types.add(item.item_type_id)
            if item.items:
                add_types(types, item.items)


class KillPrices:
    """ISK by type on the day of a killmail, so that what was lost is worth the same for ever.

    Where no price of the day was kept it is today's; the settings' prices overrule both.
    """

    def __init__(self, context: BoardContext) -> None:
        make_prices(context)
        self._db = context.db
        self._fixed = fixed_prices(context)
        self._today = dict(context.db.execute("SELECT type_id, price FROM temp.price").fetchall())

    def of(self, day: str, victims: Iterable[Victim]) -> Mapping[int, float]:
        """The prices of all that these victims had; what has none is not in it."""
        types: set[int] = set()
        for victim in victims:
            types.add(victim.ship_type_id)
            add_types(types, victim.items)
        wanted = {"day": day, "types": msgspec.json.encode(list(types)).decode()}
        known = dict(self._db.execute(OF_DAY, wanted).fetchall())
        for type_id in types - known.keys():
            if type_id in self._today:
                known[type_id] = self._today[type_id]
        for type_id in types & self._fixed.keys():
            known[type_id] = self._fixed[type_id]
        return known


def find_kills(context: BoardContext, within: tuple[str, str] | None = None) -> Iterator[Kill]:
    """The corporation's losses and final blows, newest first.

    Those of the newest `MOST` killmails, or all from one moment to before another, as ESI writes
    them.
    """
    prices = KillPrices(context)
    for day, found in groupby(_read_kills(context, within), key=lambda kill: kill[1][:10]):
        kills = list(found)
        known = prices.of(day, [victim for _, _, _, victim, *_ in kills])
        for kill in kills:
            victim = kill[3]
            hull = known.get(victim.ship_type_id, 0.0)
            yield Kill(*kill, hull, value_of(victim.items, known), known)


def _read_kills(
    context: BoardContext, within: tuple[str, str] | None
) -> Iterator[tuple[int, str, int, Victim, int | None, bool]]:
    """The same as the first fields of `Kill`."""
    since, until = within or ("", "~")
    most = -1 if within else MOST
    victims, attackers = msgspec.json.Decoder(Victim), msgspec.json.Decoder(list[Attacker])
    own = str(context.corporation_id)
    for id_, time, system, victim_text, attackers_text in context.db.execute(
        MAILS, {"c": context.corporation_id, "since": since, "until": until, "most": most}
    ):
        if own not in victim_text and own not in attackers_text:
            continue
        victim = victims.decode(victim_text)
        is_loss = victim.corporation_id == context.corporation_id
        last = next((a for a in attackers.decode(attackers_text) if a.final_blow), Attacker())
        if not is_loss and last.corporation_id != context.corporation_id:
            continue
        yield id_, time, system, victim, last.character_id, is_loss
