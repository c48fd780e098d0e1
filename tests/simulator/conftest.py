"""A guest of the simulator: an HTTP client that has logged in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from corpsync_tui.simulator.world import places
from tests.support.simulator import Simulator, simulator

__all__ = ["simulator"]


@dataclass
class Guest:
    """Asks one simulator, with a character's token where wanted."""

    http: httpx.Client
    simulator: Simulator
    token: str = ""

    def tokens(self, refresh_token: str) -> httpx.Response:
        """Refresh."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": self.simulator.config.client_id,
        }
        return self.http.post("/v2/oauth/token", data=form)

    def log_in(self, character_id: int, scopes: list[str] | None = None) -> str:
        """Speak for this character from now on; returns the refresh token."""
        refresh = self.simulator.refresh_token(character_id, scopes)
        self.token = self.tokens(refresh).json()["access_token"]
        return refresh

    def wait(self, seconds: float) -> None:
        """Let time pass and get a new access token."""
        self.simulator.advance(seconds)
        self.log_in(self.simulator.character_id)

    def path(self, path: str) -> str:
        """The path with ids that exist in this world in place of its parameters."""
        world = self.simulator.state.world
        corporation = world.corporations[self.simulator.corporation_id]

        def first(table: str, column: str, **wanted: Any) -> Any:
            rows = [row for row in corporation.rows(table) if wanted.items() <= row.items()]
            return rows[0][column] if rows else None

        return path.format(
            corporation_id=corporation.corporation_id,
            character_id=corporation.ceo_id,
            division=1,
            observer_id=first("mining_observer", "observer_id"),
            killmail_id=first("killmail", "killmail_id"),
            killmail_hash=first("killmail", "killmail_hash"),
            structure_id=first("structure", "structure_id"),
            starbase_id=first("starbase", "starbase_id"),
            skyhook_id=first("skyhook", "id"),
            sovereignty_hub_id=first("sovereignty_hub", "id"),
            contract_id=first("contract", "contract_id", type="auction"),
            project_id=first("project", "id", state="Active"),
            job_id=first("freelance_job", "id"),
            type_id=35825,
            system_id=30000142,
            constellation_id=20000020,
            region_id=10000002,
            station_id=60003760,
            moon_id=next(iter(places.MOONS)),
            planet_id=next(iter(places.PLANETS)),
        )

    def needed(self, path: str) -> dict[str, Any]:
        """The query that a route cannot be asked without."""
        if "{starbase_id}" not in path:
            return {}
        corporation = self.simulator.state.world.corporations[self.simulator.corporation_id]
        return {"system_id": corporation.rows("starbase")[0]["system_id"]}

    def get(self, path: str, etag: str | None = None, **query: Any) -> httpx.Response:
        """GET with the token, conditional if an ETag is given."""
        query = {**self.needed(path), **query}
        return self.http.get(self.path(path), params=query, headers=self._headers(etag))

    def post(self, path: str, ids: list[int]) -> httpx.Response:
        """POST ids with the token."""
        return self.http.post(self.path(path), json=ids, headers=self._headers(None))

    def _headers(self, etag: str | None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return headers | ({"If-None-Match": etag} if etag else {})


C = "/corporations/{corporation_id}"
ASSETS = f"{C}/assets"
JOURNAL = f"{C}/wallets/{{division}}/journal"
TRANSACTIONS = f"{C}/wallets/{{division}}/transactions"


@pytest.fixture
def stranger(simulator: Simulator) -> Iterator[Guest]:
    """A guest without a token."""
    # Reading the machine's certificates takes longer than most tests, and nothing is encrypted.
    with httpx.Client(base_url=simulator.url, trust_env=False, verify=False) as http:
        yield Guest(http, simulator)


@pytest.fixture
def director(stranger: Guest) -> Guest:
    """A guest who has the director's token."""
    stranger.log_in(stranger.simulator.character_id)
    return stranger
