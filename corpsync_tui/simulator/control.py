"""The control API: what tests and the demo do to the world, over HTTP under `/_sim/`.

Every verb takes a JSON object (and query parameters, which count as fields of it) and answers
with JSON; what is not understood gets 400 and `{"error": …}`. `corporation_id` may be left out
everywhere: the first corporation is meant then.

- `GET log`: `{"requests": [...], "open": n}`, see `requestlog.Entry`. `DELETE log` forgets them.
- `GET|POST clock {offset | advance}`: seconds against the machine's clock, absolute or more.
- `POST tick {events}`: let so many random things happen.
- `GET tables`: `{"tables": {name: {kind, key, unit, parent, add, change, remove}}}`: how each table
  of the database is told apart, and whether `mutate` can do these three by itself.
- `POST mutate {table, …}`: one or more of `change` (a fraction below 1, or a number of rows),
  `page` (only rows of that page), `add` n, `remove` (fraction, n, or "all"), `append` [rows],
  `set` {index, fields}, `close` n with `state` (expired, cancelled or null; market_order only).
  The column of the unit (`division`, `observer_id`, `contract_id` …) chooses one. Answers
  `{added, changed, removed}`. Tables are the database's, plus `market_order_history`. Clients see
  it when their cached answer expires.
- `POST snapshots`: forget all cached answers, so that the next ones are new without waiting.
- `GET truth/TABLE {forgotten: 0|1}`: the rows that the database should hold; `eve_name` too.
- `GET world`: corporations, and the first characters of each with roles.
- `POST roles {character_id, roles}`; `POST scopes {character_id, scopes}` (for tokens from now on).
- `POST character {character_id, corporation_id, owner, name}`: moved, sold, renamed.
- `POST name {id, value, category}`; `POST structure {structure_id, docking, value}`,
  which makes the structure if there is none.
- `POST asset_name {item_id, value}`.
- `POST login {character_id, deny, scopes, state}`: how the authorize page decides from now on.
- `GET refresh_token {character_id, scopes}`: a token as a login would have given.
- `POST revoke {character_id, what}`: refresh tokens, access tokens, or both (the default).
- `POST sso {rotate_refresh_tokens, rotate_key: keep|drop, forge, sick, times, token_issuer,
  redirect_uris}`: `forge` names one of `forgery.FORGERIES` and `sick` is 500, html or 400, each
  for the next `times` tokens (1).
- `POST static {build, ranges, flaw}`: the newest build of the static data, whether parts of its
  archive can be asked for, and what is wrong with it: one of `archive.FLAWS`, nothing if left out.
- `POST downtime {down, vip}`; `POST limits {enabled, sizes: {group: tokens}, errors, reset}`.
- `GET|POST|DELETE faults {rules: [...]}`: see `faults.Rule`; also `nth`, `count`, `from`, `to`.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from corpsync_tui.simulator import life, mutate
from corpsync_tui.simulator.routes import SCOPES
from corpsync_tui.simulator.sso import Login
from corpsync_tui.simulator.state import State
from corpsync_tui.simulator.truth import truth
from corpsync_tui.simulator.world.model import Corporation, Structure
from corpsync_tui.simulator.world.tables import TABLES

Document = dict[str, Any]


class Control:
    """Carries out the verbs of the control API."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._verbs: dict[tuple[str, str], Callable[..., Document]] = {
            ("GET", "log"): self._log,
            ("DELETE", "log"): self._clear_log,
            ("GET", "clock"): self._clock,
            ("POST", "clock"): self._clock,
            ("POST", "tick"): self._tick,
            ("GET", "tables"): self._tables,
            ("POST", "mutate"): self._mutate,
            ("POST", "snapshots"): self._renew,
            ("GET", "truth"): self._truth,
            ("GET", "world"): self._world,
            ("POST", "roles"): self._roles,
            ("POST", "scopes"): self._scopes,
            ("POST", "character"): self._character,
            ("POST", "name"): self._name,
            ("POST", "structure"): self._structure,
            ("POST", "asset_name"): self._asset_name,
            ("POST", "login"): self._login,
            ("GET", "refresh_token"): self._refresh_token,
            ("POST", "revoke"): self._revoke,
            ("POST", "sso"): self._sso,
            ("POST", "static"): self._static,
            ("POST", "downtime"): self._downtime,
            ("POST", "limits"): self._limits,
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._clear_faults,
        }

    def call(self, method: str, verb: str, **fields: Any) -> Document:
        """Carry out a verb.

        Raises:
            LookupError: there is no such verb, character, table or the like.
            ValueError, TypeError: the fields make no sense.
        """
        if (method, verb) not in self._verbs:
            raise LookupError(f"no verb {method} {verb}")
        return self._verbs[method, verb](**fields)

    def _corporation(self, corporation_id: int | str | None) -> Corporation:
        corporations = self._state.world.corporations
        return corporations[int(corporation_id) if corporation_id else next(iter(corporations))]

    def _log(self) -> Document:
        log = self._state.log
        return {"requests": [entry.as_json() for entry in log.entries], "open": log.open}

    def _clear_log(self) -> Document:
        self._state.log.clear()
        return {}

    def _clock(self, offset: float | None = None, advance: float = 0.0) -> Document:
        clock = self._state.clock
        clock.offset = (clock.offset if offset is None else float(offset)) + float(advance)
        return {"offset": clock.offset, "now": clock.now()}

    def _tick(self, events: int = 1) -> Document:
        life.tick(self._state.world, int(events))
        return {}

    def _tables(self) -> Document:
        return {
            "tables": {
                table.name: {
                    "kind": table.kind,
                    "key": table.key,
                    "unit": table.unit,
                    "parent": table.parent,
                    "add": table.can_grow,
                    "change": table.can_change,
                    "remove": table.can_shrink,
                }
                for table in TABLES.values()
            }
        }

    def _mutate(self, table: str, corporation_id: int | None = None, **wanted: Any) -> Document:
        state = self._state
        corporation = self._corporation(corporation_id)
        page_size = state.config.scale.page_size
        return asdict(mutate.mutate(state.world, corporation, page_size, table, **wanted))

    def _renew(self) -> Document:
        self._state.snapshots.clear()
        return {}

    def _truth(self, name: str, corporation_id: int | None = None, forgotten: int = 1) -> Document:
        corporation = self._corporation(corporation_id)
        rows = truth(self._state.world, corporation, name, forgotten=bool(int(forgotten)))
        return {"rows": rows}

    def _world(self) -> Document:
        world = self._state.world
        return {
            "corporations": [
                {
                    "corporation_id": corporation.corporation_id,
                    "name": corporation.name,
                    "ticker": corporation.ticker,
                    "characters": [
                        {
                            "character_id": number,
                            "name": world.characters[number].name,
                            "roles": world.characters[number].roles,
                        }
                        for number in world.members(corporation)[:5]
                    ],
                }
                for corporation in world.corporations.values()
            ]
        }

    def _roles(self, character_id: int, roles: list[str]) -> Document:
        self._state.world.characters[character_id].roles = list(roles)
        return {}

    def _scopes(self, character_id: int, scopes: list[str]) -> Document:
        grants = self._state.sso.grants
        for grant in grants.by_token.values():
            if grant.character_id == character_id:
                grant.scopes = list(scopes)
        grants.save()
        return {}

    def _character(
        self,
        character_id: int,
        corporation_id: int | None = None,
        owner: str | None = None,
        name: str | None = None,
    ) -> Document:
        character = self._state.world.characters[character_id]
        character.corporation_id = corporation_id or character.corporation_id
        character.owner = owner or character.owner
        if name is not None:
            character.name = name
            self._state.world.names[character_id] = (name, "character")
        return {}

    def _name(self, id: int, value: str, category: str = "character") -> Document:
        self._state.world.names[id] = (value, category)
        return {}

    def _structure(
        self, structure_id: int, *, docking: bool | None = None, value: str | None = None
    ) -> Document:
        structures = self._state.world.structures
        if structure_id not in structures:
            structures[structure_id] = Structure(
                structure_id, f"Structure {structure_id}", 1000006, 30000142, 35832
            )
        place = structures[structure_id]
        place.docking = place.docking if docking is None else docking
        place.name = place.name if value is None else value
        return {}

    def _asset_name(
        self, item_id: int, value: str | None, corporation_id: int | None = None
    ) -> Document:
        names = self._corporation(corporation_id).asset_names
        names.pop(item_id, None)
        if value is not None:
            names[item_id] = value
        return {}

    def _login(self, character_id: int | None = None, **how: Any) -> Document:
        sso = self._state.sso
        sso.login = Login(character_id or sso.login.character_id, **how)
        return {}

    def _refresh_token(
        self, character_id: int | str, scopes: list[str] | str | None = None
    ) -> Document:
        granted = scopes.split() if isinstance(scopes, str) else scopes
        sso = self._state.sso
        token = sso.grants.issue(
            int(character_id), list(SCOPES) if granted is None else granted, sso.config.client_id
        )
        return {"refresh_token": token}

    def _revoke(self, character_id: int, what: str = "both") -> Document:
        if what in ("refresh", "both"):
            self._state.sso.grants.revoke(character_id=character_id)
        if what in ("access", "both"):
            self._state.sso.refuse_access_tokens(character_id)
        return {}

    def _sso(
        self,
        *,
        rotate_refresh_tokens: bool | None = None,
        rotate_key: str | None = None,
        forge: str | None = None,
        sick: str | int | None = None,
        times: int = 1,
        token_issuer: str | None = None,
        redirect_uris: list[str] | None = None,
    ) -> Document:
        sso = self._state.sso
        if rotate_refresh_tokens is not None:
            sso.rotate_refresh_tokens = rotate_refresh_tokens
        if rotate_key is not None:
            sso.signer.rotate(keep_old=rotate_key == "keep")
        sso.forge = [forge] * times if forge else []
        sso.sick = [str(sick)] * times if sick else []
        sso.token_issuer = token_issuer or sso.token_issuer
        sso.redirect_uris = redirect_uris or sso.redirect_uris
        return {}

    def _static(self, **how: Any) -> Document:
        self._state.static.turn(**how)
        return {"build": self._state.static.build}

    def _downtime(self, *, down: bool = False, vip: bool = False) -> Document:
        self._state.down, self._state.vip = down, vip
        self._state.snapshots.forget("/status")
        return {}

    def _limits(
        self,
        *,
        enabled: bool | None = None,
        sizes: dict[str, int] | None = None,
        errors: int | None = None,
        reset: bool = False,
    ) -> Document:
        buckets = self._state.buckets
        buckets.enabled = buckets.enabled if enabled is None else enabled
        buckets.sizes |= sizes or {}
        self._state.errors.size = errors or self._state.errors.size
        if reset:
            buckets.spent.clear()
        return {}

    def _faults(self) -> Document:
        rules = self._state.faults.rules
        return {"rules": [{"route": r.route, "what": r.describe(), "hits": r.hits} for r in rules]}

    def _add_faults(self, rules: list[Document]) -> Document:
        self._state.faults.add(rules)
        return {}

    def _clear_faults(self) -> Document:
        self._state.faults.clear()
        return {}
