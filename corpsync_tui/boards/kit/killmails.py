"""Killmails as the boards reckon with them: whose they are, and what was lost with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.boards.kit.prices import make_prices

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
    """ISK of today's prices, as all of them here."""
    cargo: float
    """Everything destroyed or dropped."""

    @property
    def value(self) -> float:
        """Hull and cargo."""
        return self.hull + self.cargo


MAILS = """
SELECT killmail_id, killmail_time, solar_system_id, victim, attackers FROM killmail
WHERE corporation_id = :c AND killmail_time >= :since AND killmail_time < :until
ORDER BY killmail_time DESC, killmail_id DESC LIMIT :most
"""

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


def types_in(items: Sequence[Item]) -> Iterator[int]:
    """The types of all items that `value_of` counts."""
    for item in items:
        if item.flag != ESCAPE_BAY:
            yield item.item_type_id
            yield from types_in(item.items)


def find_kills(context: BoardContext, within: tuple[str, str] | None = None) -> Iterator[Kill]:
    """The corporation's losses and final blows, newest first.

    Those of the newest `MOST` killmails, or all from one moment to before another, as ESI writes
    them.
    """
    make_prices(context)
    since, until = within or ("", "~")
    most = -1 if within else MOST
    prices = dict(context.db.execute("SELECT type_id, price FROM temp.price").fetchall())
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
        hull, cargo = prices.get(victim.ship_type_id, 0.0), value_of(victim.items, prices)
        yield Kill(id_, time, system, victim, last.character_id, is_loss, hull, cargo)
