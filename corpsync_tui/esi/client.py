"""One request to ESI: its headers, its cache, its retries, and the error it ends in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import msgspec

from corpsync_tui.clock import Clock
from corpsync_tui.errors import AuthError, NetworkError
from corpsync_tui.esi import headers as read
from corpsync_tui.esi.buckets import USUAL_COST, cost
from corpsync_tui.esi.downtime import STATUS, Downtime
from corpsync_tui.esi.http import Http, Reply
from corpsync_tui.esi.limits import Limits, Permit
from corpsync_tui.esi.options import EsiSettings
from corpsync_tui.esi.requestlog import RequestLog, SentRequest
from corpsync_tui.esi.retries import Retries
from corpsync_tui.esi.routes import Answer, RequestStats, Route, Validator
from corpsync_tui.esi.statuses import classify
from corpsync_tui.esi.tokens import Access, Tokens
from corpsync_tui.esi.transports import NotConnectedError, SetupError
from corpsync_tui.esi.urls import resource

COMPATIBILITY_DATE = "2026-07-21"
"""The day whose API is spoken; moved only after its changes were reviewed."""

_HEADERS = {"Accept": "application/json", "X-Compatibility-Date": COMPATIBILITY_DATE}
_NOTHING: Mapping[str, int | str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, over all its tries."""

    method: str
    route: Route
    url: str
    headers: Mapping[str, str]
    content: bytes | None
    character_id: int | None
    traffic: RequestStats


class EsiClient:
    """ESI client: caching, rate limits, retries, typed errors."""

    def __init__(
        self, settings: EsiSettings, clock: Clock, http: Http, tokens: Tokens, limits: Limits
    ) -> None:
        self._base = settings.esi_url.rstrip("/")
        self.clock = clock
        self._http = http
        self._tokens = tokens
        self._limits = limits
        self.requests = RequestLog()
        self.downtime = Downtime(clock, self._ask_status)

    def esi_time(self) -> float:
        """Now by CCP's clock, in Unix seconds, as the Date of the last answer says."""
        return self.clock.time() + self._http.skew

    async def get(
        self,
        route: Route,
        *,
        path: Mapping[str, int | str] = _NOTHING,
        query: Mapping[str, int | str] = _NOTHING,
        character_id: int | None = None,
        known: Validator | None = None,
        traffic: RequestStats,
        reserve: bool = False,
    ) -> Answer:
        """Read one URL, unless the cached copy has not expired.

        Args:
            route: what is asked.
            path: values of the placeholders in the route's path.
            query: parameters of the query.
            character_id: whose token is used, where the route has a scope.
            known: what is known of the cached copy.
            traffic: request counters and wait callback of the run.
            reserve: the tokens kept for "sync now" may be used.

        Raises:
            GoneError: 400, 404 or 422.
            AuthError: a login, scope or role is missing.
            LimitError: a limit is still in force after three waits.
            NetworkError: no usable answer, after all retries.
            DowntimeError: the cluster is down.
            EsiError: any other failure, after all retries where it may pass.
        """
        url = resource(route.path, path, query)
        now = self.clock.time()
        if known is not None and read.is_current(known.expires, now, route.cache_seconds):
            return Answer(url, 304, b"", known, fresh=True)
        etag = read.entity_tag(known.etag) if known else None
        headers = {**_HEADERS, **({"If-None-Match": etag} if etag else {})}
        question = _Question("GET", route, url, headers, None, character_id, traffic)
        return _answer(question, await self._exchange(question, reserve=reserve), known)

    async def post(
        self,
        route: Route,
        *,
        path: Mapping[str, int | str] = _NOTHING,
        body: object,
        character_id: int | None = None,
        traffic: RequestStats,
        reserve: bool = False,
    ) -> bytes:
        """Send `body` as JSON and read the answer; arguments and errors as for `get`."""
        content = msgspec.json.encode(body)
        headers = {**_HEADERS, "Content-Type": "application/json"}
        url = resource(route.path, path, _NOTHING)
        question = _Question("POST", route, url, headers, content, character_id, traffic)
        return (await self._exchange(question, reserve=reserve)).body

    async def _exchange(self, question: _Question, *, reserve: bool) -> Reply:
        """Ask until there is an answer, or until it is clear that there will be none."""
        route, traffic = question.route, question.traffic
        retries = Retries(self.clock, traffic.on_wait)
        permit = self._limits.permit(
            route, question.character_id, reserve=reserve, on_wait=traffic.on_wait
        )
        renewed = False
        while True:
            await self.downtime.check(traffic)
            reply, access = await self._once(question, permit)
            if isinstance(reply, SetupError):
                raise reply
            if isinstance(reply, NetworkError):
                if isinstance(reply, NotConnectedError):
                    await self.downtime.suspect(traffic)
                await retries.pause(reply)
                continue
            if reply.status in (420, 429):
                continue
            if reply.status == 401 and access is not None and not renewed:
                renewed = True
                await self._tokens.renew(access.identity.character_id, access)
                continue
            conditional = "If-None-Match" in question.headers
            found = classify(route, question.url, reply, conditional=conditional)
            if found is None:
                return reply
            if not found.retryable:
                raise found.error
            if reply.status >= 500:
                await self.downtime.suspect(traffic)
            await retries.pause(found.error, read.retry_after(reply.headers, reply.heard))

    async def _once(
        self, question: _Question, permit: Permit
    ) -> tuple[Reply | NetworkError, Access | None]:
        """Ask once; that nobody answered is an outcome like any other.

        The access token comes first: a keyring that is slow or locked holds up no other request.
        """
        while True:
            access = await self._access(question)
            async with permit:
                if access is None or self._tokens.is_good(access):
                    return await self._send(question, permit, access), access
                permit.unsent()  # it ended while the limits were waited for

    async def _send(
        self, question: _Question, permit: Permit, access: Access | None
    ) -> Reply | NetworkError:
        traffic = question.traffic
        traffic.requests_sent += 1
        began = self.clock.time(), self.clock.monotonic()
        try:
            reply = await self._http.send(
                question.method,
                self._base + question.url,
                headers=question.headers,
                bearer=access.token if access else None,
                content=question.content,
            )
        except NotConnectedError as error:
            traffic.requests_sent -= 1
            permit.unsent()
            return error
        except NetworkError as error:
            self._remember(question, None, *began)
            return error
        permit.answered(reply)
        traffic.not_modified += reply.status == 304
        self._remember(question, reply.status, *began)
        return reply

    def _remember(self, question: _Question, status: int | None, when: float, began: float) -> None:
        group = self._limits.group(question.route)
        paid = USUAL_COST if status is None else cost(status)
        if not group:
            paid = int(status is not None and status >= 400)
        self.requests.add(
            SentRequest(
                when,
                question.method,
                question.url,
                question.character_id if question.route.scope else None,
                group,
                status,
                paid,
                self.clock.monotonic() - began,
            )
        )

    async def _access(self, question: _Question) -> Access | None:
        scope = question.route.scope
        if scope is None:
            return None
        if question.character_id is None:
            raise ValueError(f"{question.route.path} has a scope and needs a character")
        access = await self._tokens.access(question.character_id)
        if scope not in access.identity.scopes:
            raise AuthError(
                f"the login of {access.identity.name} lacks the scope {scope} (scope:{scope})",
                needs=f"scope:{scope}",
            )
        return access

    async def _ask_status(self, traffic: RequestStats) -> Reply:
        question = _Question("GET", STATUS, STATUS.path, _HEADERS, None, None, traffic)
        permit = self._limits.permit(STATUS, None, reserve=True, on_wait=traffic.on_wait)
        reply, _ = await self._once(question, permit)
        if isinstance(reply, NetworkError):
            raise reply
        return reply


def _answer(question: _Question, reply: Reply, known: Validator | None) -> Answer:
    headers = reply.headers
    expires = read.expiry(headers, reply.heard, question.route.cache_seconds)
    etag = read.entity_tag(headers.get("etag"))
    modified = read.last_modified(headers, reply.heard)
    pages = read.pages(headers)
    own = headers.get("last-modified") or None, pages
    if reply.status == 304 and known is not None:
        validator = Validator(
            etag or known.etag, modified or known.last_modified, expires, pages or known.pages
        )
        return Answer(question.url, 304, b"", validator, *own)
    validator = Validator(etag, modified, expires, pages or 1)
    return Answer(question.url, 200, reply.body, validator, *own)
