"""CCP's single sign-on: discovery, PKCE, tokens and keys.

Everything is asked at the addresses that the discovery document names, all of them on the
host that the settings name (developers.eveonline.com/docs, *SSO*).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from corpsync_tui.clock import Clock
from corpsync_tui.decoding import UNREADABLE
from corpsync_tui.errors import AuthError, CorpsyncError, EsiError, NetworkError
from corpsync_tui.esi import headers as read
from corpsync_tui.esi.http import Http, Reply
from corpsync_tui.esi.identity import UnknownKeyError, Verified
from corpsync_tui.esi.options import EsiSettings
from corpsync_tui.esi.retries import Retries
from corpsync_tui.esi.secret import Secret
from corpsync_tui.esi.statuses import is_json
from corpsync_tui.esi.transports import SetupError
from corpsync_tui.esi.urls import parse
from corpsync_tui.waiting import Shared

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

CLIENT_ID = ""
"""A packager's application at CCP, as PKCE has no secret to hide; empty: the user's own."""
REGISTER_AT = "https://developers.eveonline.com/applications"
DISCOVERY = "/.well-known/oauth-authorization-server"
REMEMBERED = 3600.0
"""Seconds for which discovery and keys are kept."""
REFETCHED_EVERY = 60.0
"""Seconds between two looks for new keys."""

T = TypeVar("T")


class Endpoints(msgspec.Struct, frozen=True):
    """What the discovery document names."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    revocation_endpoint: str | None = None


class _TokenAnswer(msgspec.Struct):
    access_token: str
    refresh_token: str | None = None


class _Refusal(msgspec.Struct):
    error: str = ""


class _Keys(msgspec.Struct):
    keys: list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What the token endpoint gave; the access token is not checked yet."""

    access: Secret
    refresh: Secret | None
    """None where the one that was used stays valid."""


class InvalidGrantError(AuthError):
    """SSO no longer takes the refresh token or the code."""


@dataclass(frozen=True, slots=True)
class Pkce:
    """The proof that who redeems a code is who asked for it (RFC 7636)."""

    verifier: Secret
    challenge: str

    @classmethod
    def new(cls) -> Pkce:
        """32 random bytes, and their S256 challenge."""
        verifier = secrets.token_urlsafe(32)
        return cls(Secret(verifier), _base64(hashlib.sha256(verifier.encode()).digest()))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Sso:
    """The single sign-on, as one client asks it."""

    def __init__(self, settings: EsiSettings, clock: Clock, http: Http) -> None:
        self.client_id = settings.client_id or CLIENT_ID
        self._base = settings.sso_url.rstrip("/")
        self._callback = settings.callback_url
        self._clock = clock
        self._http = http
        self._endpoints: Endpoints | None = None
        self._discovered = 0.0
        self._keys: dict[str, RSAKey] = {}
        self._fetched: float | None = None
        self._discovery = Shared(self._discover)
        self._fetching = Shared(self._fetch_keys)

    @property
    def skew(self) -> float:
        """Seconds by which CCP's clock is ahead of this one, as last heard."""
        return self._http.skew

    async def endpoints(self) -> Endpoints:
        """The discovery document, remembered for an hour.

        Raises:
            NetworkError, EsiError: it cannot be had, or names unsafe or foreign addresses.
        """
        age = self._clock.monotonic() - self._discovered
        if self._endpoints is None or age > REMEMBERED:
            return await self._discovery.result()
        return self._endpoints

    async def _discover(self) -> Endpoints:
        found = _decode(await self._ask("GET", self._base + DISCOVERY), Endpoints)
        self._check(found)
        self._endpoints, self._discovered = found, self._clock.monotonic()
        return found

    def _check(self, found: Endpoints) -> None:
        home = parse(self._base)
        urls = (
            found.authorization_endpoint,
            found.token_endpoint,
            found.jwks_uri,
            found.revocation_endpoint,
        )
        for address in (parse(url) for url in urls if url is not None):
            if address is None or not address.safe:
                raise EsiError("an address that the login service names must be https")
            if home is None or not address.same_service(home):
                raise EsiError("the login service names an address on another host")

    async def authorize_url(self, scopes: tuple[str, ...], state: Secret, challenge: str) -> str:
        """Where the user's browser logs in."""
        query = {
            "response_type": "code",
            "redirect_uri": self._callback,
            "client_id": self.client_id,
            "scope": " ".join(scopes),
            "state": state.reveal(),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        start = (await self.endpoints()).authorization_endpoint
        return f"{start}{'&' if '?' in start else '?'}{urlencode(query, quote_via=quote)}"

    async def check_client(self, authorize_url: str) -> None:
        """Ask the page where the user logs in whether it knows this application.

        A browser would show its refusal and never come back. Whatever else the page answers is
        for the browser to see.

        Raises:
            AuthError: CCP refuses the client id, or its callback address.
        """
        with suppress(NetworkError, EsiError):
            headers = {"Accept": "text/html"}
            reply = await self._http.send("GET", authorize_url, headers=headers)
            if reply.status in (400, 401):
                raise AuthError(
                    f"CCP does not know this client id with the callback {self._callback}: compare "
                    f"both with your application at {REGISTER_AT}"
                )

    async def redeem(self, code: Secret, verifier: Secret) -> TokenPair:
        """Exchange the code of a login for tokens.

        Raises:
            InvalidGrantError: the code is not taken.
            NetworkError, EsiError: the login service does not answer as it should.
        """
        return await self._tokens(
            {
                "grant_type": "authorization_code",
                "code": code,
                "code_verifier": verifier,
                "redirect_uri": self._callback,
            }
        )

    async def refresh(self, token: Secret) -> TokenPair:
        """New tokens for a refresh token; errors as for `redeem`."""
        return await self._tokens({"grant_type": "refresh_token", "refresh_token": token})

    async def _tokens(self, form: Mapping[str, str | Secret]) -> TokenPair:
        reply = await self._ask("POST", (await self.endpoints()).token_endpoint, form)
        answer = _decode(reply, _TokenAnswer)
        refresh = Secret(answer.refresh_token) if answer.refresh_token else None
        return TokenPair(Secret(answer.access_token), refresh)

    async def revoke(self, token: Secret) -> None:
        """Make a refresh token worthless; errors as for `redeem`."""
        endpoint = (await self.endpoints()).revocation_endpoint or f"{self._base}/v2/oauth/revoke"
        await self._ask("POST", endpoint, {"token": token, "token_type_hint": "refresh_token"})

    async def verify(self, token: Secret) -> Verified:
        """Check an access token against CCP's keys, which are fetched again when none fits.

        Raises:
            RefusedTokenError: it is not genuine, not for us, or over.
            NetworkError, EsiError: the keys cannot be had.
        """
        try:
            issuer = (await self.endpoints()).issuer
            keys = await self._current_keys()
            try:
                return self._checked(token, issuer, keys)
            except UnknownKeyError:
                if not await self._renew_keys(keys):
                    raise
                keys = self._keys
        except (NetworkError, EsiError) as error:
            raise error.with_message(f"cannot check the login now: {error.message}") from error
        return self._checked(token, issuer, keys)

    def _checked(self, token: Secret, issuer: str, keys: Mapping[str, RSAKey]) -> Verified:
        from corpsync_tui.esi.verification import Expectation, verify

        now = self._clock.time() + self.skew
        return verify(token, keys, Expectation(issuer, self.client_id, now))

    async def _current_keys(self) -> Mapping[str, RSAKey]:
        """CCP's public keys, remembered for an hour."""
        if self._fetched is None or self._clock.monotonic() - self._fetched > REMEMBERED:
            await self._fetching.result()
        return self._keys

    async def _renew_keys(self, keys: Mapping[str, RSAKey]) -> bool:
        """Fetch keys that are newer than these, unless they were within the last minute."""
        if self._keys is not keys:  # another did meanwhile
            return True
        fetched = self._fetched
        if fetched is not None and self._clock.monotonic() - fetched < REFETCHED_EVERY:
            return False
        await self._fetching.result()
        return True

    async def _fetch_keys(self) -> None:
        endpoint = (await self.endpoints()).jwks_uri
        published = _decode(await self._ask("GET", endpoint), _Keys).keys
        # Late, for most commands check no token; off the loop, for it takes 35 ms.
        await asyncio.to_thread(import_module, "corpsync_tui.esi.verification")
        from corpsync_tui.esi.verification import read_keys

        self._keys = read_keys(published)
        self._fetched = self._clock.monotonic()

    async def _ask(
        self, method: str, url: str, form: Mapping[str, str | Secret] | None = None
    ) -> Reply:
        """Ask until there is a JSON answer or an empty one; what only passes is retried."""
        retries = Retries(self._clock, lambda _: None)
        content = None if form is None else _encoded({**form, "client_id": self.client_id})
        headers = {"Accept": "application/json"}
        if content is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        while True:
            named: float | None = None
            error: CorpsyncError
            try:
                reply = await self._http.send(method, url, headers=headers, content=content)
            except SetupError:
                raise
            except NetworkError as unanswered:
                error = NetworkError(f"CCP's login service: {unanswered.message}")
            else:
                if 200 <= reply.status < 300 and (not reply.body or is_json(reply.body)):
                    return reply
                if 300 <= reply.status < 500 and reply.status != 429:
                    raise _refused(reply)
                named = read.retry_after(reply.headers, reply.heard)
                error = EsiError(
                    f"CCP's login service is down ({reply.status})", status=reply.status
                )
            await retries.pause(error, named)


def _encoded(form: Mapping[str, str | Secret]) -> Secret:
    return Secret(
        urlencode({k: v.reveal() if isinstance(v, Secret) else v for k, v in form.items()})
    )


def _refused(reply: Reply) -> CorpsyncError:
    """A 3xx or 4xx of the login service; only `invalid_grant` says that a token is over."""
    try:
        word = msgspec.json.decode(reply.body, type=_Refusal).error
    except UNREADABLE:
        word = ""
    if word == "invalid_grant":
        return InvalidGrantError("the login has ended: corpsync login", needs="login")
    said = f"{reply.status}, {word[:80]}" if word else f"{reply.status}"
    return EsiError(f"CCP's login service does not take the request ({said})", status=reply.status)


def _decode(reply: Reply, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except UNREADABLE:
        # Not chained, and without the decoder's words: the body may hold tokens.
        raise EsiError("CCP's login service answers something unusable") from None
