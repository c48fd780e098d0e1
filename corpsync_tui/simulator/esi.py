"""ESI: who may ask, what the limits say, and the answer from the snapshot in force."""

from secrets import token_hex
from typing import Any

import msgspec

from corpsync_tui.simulator.answers import Answer, EsiError, html_answer, json_answer
from corpsync_tui.simulator.ask import Ask
from corpsync_tui.simulator.call import Call
from corpsync_tui.simulator.clock import http_date
from corpsync_tui.simulator.cursor import cursor_page
from corpsync_tui.simulator.feeds import feed_of
from corpsync_tui.simulator.requestlog import Entry
from corpsync_tui.simulator.routes import Route, find_route
from corpsync_tui.simulator.snapshots import Snapshot
from corpsync_tui.simulator.sso import Bearer
from corpsync_tui.simulator.state import State

NAMES_AT_MOST = 1000
"""Ids that one POST may bring."""


class Esi:
    """Answers the routes of `ROUTES`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def answer(self, call: Call, entry: Entry, spoiled: Answer | None) -> Answer:
        """The answer to a call, paid for; `spoiled` is what a fault puts in its place."""
        found = find_route(call.method, call.path)
        route, params = found if found else (None, {})
        bearer = self._bearer(call)
        who = bearer.character_id if bearer and route and route.scope else call.address
        entry.character_id = bearer.character_id if bearer else None
        entry.route = route.path if route else None
        try:
            answer = self._refusal(route, who) or spoiled
            if answer is None and route is not None:
                answer = self._route(route, params, call, bearer, entry)
            answer = answer or json_answer(404, {"error": "Not found"})
        except EsiError as error:
            answer = error.answer
        self._pay(route, who, answer, entry)
        return answer

    def _refusal(self, route: Route | None, who: object) -> Answer | None:
        state = self._state
        if state.down or state.vip:
            return self._downtime(route)
        if state.errors.blocked():
            raise EsiError(420, "This software has exceeded the error limit for ESI.")
        if route is None:
            return None
        if state.demo is not None and state.demo.fails(route):
            return json_answer(502, {"error": "Bad gateway"})
        wait = state.buckets.retry_after(route, who)
        if wait is not None:
            raise EsiError(429, "Rate limit exceeded", **{"Retry-After": str(wait)})
        return None

    def _downtime(self, route: Route | None) -> Answer | None:
        if route is None or route.path != "/status":
            return html_answer(504 if self._state.vip else 502, "Bad Gateway")
        if self._state.down:
            return json_answer(503, {"error": "The server is down"})
        return None

    def _bearer(self, call: Call) -> Bearer | None:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        return self._state.sso.check(token) if scheme.lower() == "bearer" else None

    def _route(
        self,
        route: Route,
        params: dict[str, str],
        call: Call,
        bearer: Bearer | None,
        entry: Entry,
    ) -> Answer:
        self._authorize(route, params, bearer)
        state = self._state
        for name in route.required:
            if name not in call.query:
                raise EsiError(400, f"{name} is required")
        ids = _ids(call) if call.method == "POST" else ()
        entry.ids = len(ids) or None
        who = state.world.characters[bearer.character_id] if bearer else None
        ask = Ask(state.world, state.config, params, call.query, ids, state.vip, who)
        number = _page_number(route, call)
        entry.page = number if route.paging == "page" else None
        query = tuple(sorted(item for item in call.query.items() if item[0] != "page"))
        snapshot = state.snapshots.get(
            (route.path, tuple(params.values()), query, ids),
            state.cache_age(route.cache_age),
            state.config.scale.page_size if route.paging == "page" else None,
            lambda: _content(route, ask),
        )
        if number > snapshot.pages:
            raise EsiError(404, "Requested page does not exist!")
        entry.early = number in snapshot.served
        answer = self._page(route, snapshot, number, call.headers.get("if-none-match"))
        if route.cache_age:
            answer.arrived = lambda: snapshot.served.add(number)
        return answer

    def _authorize(self, route: Route, params: dict[str, str], bearer: Bearer | None) -> None:
        if route.scope is None:
            return
        if bearer is None:
            raise EsiError(401, "token is not valid")
        if route.scope not in bearer.scopes:
            raise EsiError(403, f"Token is not valid for scope(s): {route.scope}")
        character = self._state.world.characters[bearer.character_id]
        if params.get("character_id", str(bearer.character_id)) != str(bearer.character_id):
            raise EsiError(403, "Token is not valid for this character")
        asked = params.get("corporation_id", str(character.corporation_id))
        if asked != str(character.corporation_id):
            raise EsiError(403, "Character is not in the corporation")
        if route.roles and not {"Director", *route.roles} & set(character.roles):
            raise EsiError(403, "Character does not have required role(s)")

    def _page(self, route: Route, snapshot: Snapshot, number: int, known: str | None) -> Answer:
        page = snapshot.page(number)
        headers = {"ETag": page.etag, "Last-Modified": http_date(snapshot.modified)}
        if route.cache_age:
            left = max(0, int(snapshot.expires) - int(self._state.clock.now()))
            headers["Expires"] = http_date(snapshot.expires)
            headers["Cache-Control"] = f"{'private' if route.scope else 'public'}, max-age={left}"
        if route.paging == "page":
            headers["X-Pages"] = str(snapshot.pages)
        if known is not None and known.removeprefix("W/") == page.etag:
            return Answer(304, headers=headers)
        return Answer(
            200, page.body, {"Content-Type": "application/json; charset=utf-8", **headers}
        )

    def _pay(self, route: Route | None, who: object, answer: Answer, entry: Entry) -> None:
        state = self._state
        state.errors.count(route, answer.status)
        if route is not None and route.group is not None:
            entry.group = route.group
            entry.tokens = state.buckets.spend(route, who, answer.status)
            answer.headers |= state.buckets.headers(route, who)
        if route is None or route.group is None or answer.status == 420:
            answer.headers |= state.errors.headers()
        answer.headers["X-Esi-Request-Id"] = token_hex(8)


def _content(route: Route, ask: Ask) -> Any:
    """What is in an answer, or on all the pages of one."""
    told = feed_of(route)(ask)
    if route.inside is None or not isinstance(told, list):
        return told
    if route.paging == "cursor":
        return cursor_page(told, ask.query, route.inside)
    return {route.inside: told}


def _ids(call: Call) -> tuple[int, ...]:
    try:
        ids: Any = msgspec.json.decode(call.body, type=list[int])
    except msgspec.DecodeError as error:
        raise EsiError(400, f"Invalid body: {error}") from None
    if not 1 <= len(ids) <= NAMES_AT_MOST:
        raise EsiError(400, f"Between 1 and {NAMES_AT_MOST} ids are allowed")
    if len(set(ids)) != len(ids):
        raise EsiError(400, "The ids must be unique")
    return tuple(ids)


def _page_number(route: Route, call: Call) -> int:
    if route.paging != "page":
        return 1
    try:
        number = int(call.query.get("page", "1"))
    except ValueError:
        number = 0
    if number < 1:
        raise EsiError(400, "page must be a positive integer")
    return number
