"""The control API's verbs as methods, for whoever can reach it: in process or over HTTP."""

from abc import ABC, abstractmethod
from typing import Any

from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.simulator.static import PREFIX

Rows = list[dict[str, Any]]


class Verbs(ABC):
    """What one can do to a simulator; `control.py` says what each verb means."""

    url: str
    """Where it listens, without a trailing slash; known once it does."""
    config: SimulatorConfig

    @property
    def static_url(self) -> str:
        """Where the static data are: before `/tranquility/…`."""
        return f"{self.url}{PREFIX}"

    @abstractmethod
    def call(self, method: str, verb: str, **fields: Any) -> dict[str, Any]:
        """Carry out one verb of the control API."""

    def requests(self, **wanted: Any) -> Rows:
        """The requests logged so far, those whose fields have the wanted values."""
        entries: Rows = self.call("GET", "log")["requests"]
        return [entry for entry in entries if wanted.items() <= entry.items()]

    def clear_log(self) -> None:
        """Forget the requests logged so far."""
        self.call("DELETE", "log")

    def advance(self, seconds: float) -> float:
        """Move the clock on; returns its offset against the machine's."""
        return float(self.call("POST", "clock", advance=seconds)["offset"])

    def now(self) -> float:
        """The simulator's time in Unix seconds."""
        return float(self.call("GET", "clock")["now"])

    def tick(self, events: int = 1) -> None:
        """Let random things happen."""
        self.call("POST", "tick", events=events)

    def tables(self) -> dict[str, dict[str, Any]]:
        """The tables of the database, and what `mutate` can do to each by itself."""
        tables: dict[str, dict[str, Any]] = self.call("GET", "tables")["tables"]
        return tables

    def mutate(self, table: str, **wanted: Any) -> dict[str, int]:
        """Change a table; returns how many rows were added, changed and removed."""
        return self.call("POST", "mutate", table=table, **wanted)

    def renew(self) -> None:
        """Let every cached answer expire at once, without moving the clock."""
        self.call("POST", "snapshots")

    def truth(self, table: str, **which: Any) -> Rows:
        """The rows that the database's table should hold."""
        rows: Rows = self.call("GET", "truth", name=table, **which)["rows"]
        return rows

    def world(self) -> Rows:
        """The corporations with their first characters."""
        corporations: Rows = self.call("GET", "world")["corporations"]
        return corporations

    def roles(self, character_id: int, roles: list[str]) -> None:
        """Give a character these in-game roles and no others."""
        self.call("POST", "roles", character_id=character_id, roles=roles)

    def scopes(self, character_id: int, scopes: list[str]) -> None:
        """Narrow the scopes of the tokens that a character gets from now on."""
        self.call("POST", "scopes", character_id=character_id, scopes=scopes)

    def character(self, character_id: int, **changes: Any) -> None:
        """Move, sell or rename a character."""
        self.call("POST", "character", character_id=character_id, **changes)

    def name(self, number: int, value: str, category: str = "character") -> None:
        """Let an id have a name."""
        self.call("POST", "name", id=number, value=value, category=category)

    def structure(self, structure_id: int, **changes: Any) -> None:
        """Open, close or rename a structure."""
        self.call("POST", "structure", structure_id=structure_id, **changes)

    def login(self, **how: Any) -> None:
        """Decide what the authorize page does from now on."""
        self.call("POST", "login", **how)

    def refresh_token(self, character_id: int, scopes: list[str] | None = None) -> str:
        """A refresh token as a login would have given it."""
        wanted: dict[str, Any] = {} if scopes is None else {"scopes": " ".join(scopes)}
        answer = self.call("GET", "refresh_token", character_id=character_id, **wanted)
        return str(answer["refresh_token"])

    def revoke(self, character_id: int, what: str = "both") -> None:
        """End a character's refresh tokens, access tokens or both."""
        self.call("POST", "revoke", character_id=character_id, what=what)

    def sso(self, **how: Any) -> None:
        """Make the sign-on service rotate, forge or be sick."""
        self.call("POST", "sso", **how)

    def static(self, **how: Any) -> int:
        """Put out another build of the static data or spoil its archive; returns the build."""
        return int(self.call("POST", "static", **how)["build"])

    def downtime(self, *, down: bool = False, vip: bool = False) -> None:
        """Begin or end the cluster's downtime."""
        self.call("POST", "downtime", down=down, vip=vip)

    def limits(self, **how: Any) -> None:
        """Resize or empty the buckets, or switch them off."""
        self.call("POST", "limits", **how)

    def fault(self, route: str, **rule: Any) -> None:
        """Put one fault rule in force."""
        self.call("POST", "faults", rules=[{"route": route, **rule}])

    def clear_faults(self) -> None:
        """Let all go well again."""
        self.call("DELETE", "faults")
