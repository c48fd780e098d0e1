"""What the world is asked by a request, for whoever answers it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from corpsync_tui.simulator.answers import EsiError
from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.simulator.world.model import Character, Corporation, Unit, World


@dataclass(frozen=True)
class Ask:
    """The path's parameters, the query, the ids of a POST, and who asks."""

    world: World
    config: SimulatorConfig
    params: dict[str, str]
    query: dict[str, str]
    ids: tuple[int, ...] = ()
    vip: bool = False
    character: Character | None = None
    """Whom the token speaks for; None on a public route."""

    def number(self, name: str) -> int:
        """A path parameter that is an id."""
        try:
            return int(self.params[name])
        except ValueError:
            raise EsiError(400, f"{name}: {self.params[name]!r} is not an integer") from None

    def unit(self, name: str, units: dict[Unit, Any]) -> Unit:
        """A path parameter that names one of these units.

        Raises:
            EsiError: 400 where it should be a number, 404 where there is no such unit.
        """
        text = self.params[name]
        unit: Unit = text if "-" in text else self.number(name)
        if unit not in units:
            raise EsiError(404, f"No such {name}")
        return unit

    @property
    def corporation(self) -> Corporation:
        """The corporation that the path names."""
        found = self.world.corporations.get(self.number("corporation_id"))
        if found is None:
            raise EsiError(404, "Corporation not found")
        return found


Feed = Callable[[Ask], Any]
"""What a route tells: all rows of a paged one, the rows or the record of another."""
