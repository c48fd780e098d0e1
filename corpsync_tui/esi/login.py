"""Logging in with EVE: the browser's way back to this computer, or the pasted address."""

from __future__ import annotations

import asyncio
import secrets
from typing import Self
from urllib.parse import parse_qs, urlsplit

from corpsync_tui.clock import Clock
from corpsync_tui.errors import AuthError, CorpsyncError
from corpsync_tui.esi.callback import Callback
from corpsync_tui.esi.options import EsiSettings
from corpsync_tui.esi.secret import Secret
from corpsync_tui.esi.sso import REGISTER_AT, InvalidGrantError, Pkce, Sso
from corpsync_tui.esi.tokens import Grant

PATIENCE = 300.0
"""Seconds that the browser is waited for."""
_LONGEST_REASON = 200
"""Characters of SSO's reason that a message repeats."""


class Login:
    """One login under way: show `authorize_url`, then `wait` for the browser or `paste`.

    Used as `async with await Login.begin(…) as login`, so that the callback's port is freed.
    """

    def __init__(self, sso: Sso, clock: Clock, callback_url: str) -> None:
        self.authorize_url = ""
        """Where the user logs in."""
        self.callback_url = callback_url
        """What must be registered at CCP."""
        self._sso = sso
        self._clock = clock
        self._state = Secret(secrets.token_urlsafe(32))
        self._pkce = Pkce.new()
        self._callback = Callback(callback_url)

    @classmethod
    async def begin(
        cls, settings: EsiSettings, clock: Clock, sso: Sso, scopes: tuple[str, ...]
    ) -> Self:
        """Listen on the callback address and ask SSO where to log in.

        Raises:
            AuthError: no client id is set, or the callback's port is taken.
            NetworkError, EsiError: the login service does not answer as it should.
        """
        if not sso.client_id:
            raise AuthError(
                f"no client id: register an application at {REGISTER_AT} with the callback "
                f"{settings.callback_url} and set CORPSYNC_CLIENT_ID to its client id"
            )
        login = cls(sso, clock, settings.callback_url)
        login.authorize_url = await sso.authorize_url(scopes, login._state, login._pkce.challenge)
        await login._callback.open()
        return login

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._callback.aclose()

    async def wait(self) -> Grant:
        """Wait for the browser, five minutes at the most; its page then says how it went.

        Raises:
            AuthError: denied, of another login, not redeemable, not genuine, or too late.
            NetworkError, EsiError: the login service does not answer as it should.
        """
        query = await self._browser()
        try:
            grant = await self._finish(query)
        except CorpsyncError as error:
            self._callback.answer(error.message, done=False)
            raise
        self._callback.answer(f"{grant.identity.name} is logged in.", done=True)
        return grant

    async def paste(self, address: str) -> Grant:
        """Finish with the address that the browser was sent to; errors as for `wait`."""
        query = Secret(_query(address))
        del address  # a traceback that shows local variables would show the code
        return await self._finish(query)

    async def _browser(self) -> Secret:
        arrival = asyncio.ensure_future(self._callback.arrival())
        patience = asyncio.ensure_future(self._clock.sleep(PATIENCE))
        try:
            await asyncio.wait({arrival, patience}, return_when=asyncio.FIRST_COMPLETED)
            if arrival.done():
                return arrival.result()
        finally:
            arrival.cancel()
            patience.cancel()
        await self._callback.aclose()
        raise AuthError(
            f"the browser did not come back within {PATIENCE / 60:g} minutes: is "
            f"{self.callback_url} registered at {REGISTER_AT}?"
        )

    async def _finish(self, query: Secret) -> Grant:
        """From the query of the callback to a verified login."""
        values = {k: [Secret(v) for v in found] for k, found in parse_qs(query.reveal()).items()}
        if values.get("state") != [self._state]:
            raise AuthError("this answer belongs to another login (wrong state): start again")
        if "error" in values:
            reason = values.get("error_description", values["error"])[0].reveal()
            raise AuthError(f"the login was refused: {reason[:_LONGEST_REASON]}")
        if len(values.get("code", [])) != 1:
            raise AuthError("the answer of the login bears no code: start again")
        return await self._redeem(values["code"][0])

    async def _redeem(self, code: Secret) -> Grant:
        try:
            pair = await self._sso.redeem(code, self._pkce.verifier)
        except InvalidGrantError:
            raise AuthError("CCP does not take the code of this login: start again") from None
        if pair.refresh is None:
            raise AuthError("CCP gave no login that lasts: was a scope chosen?")
        return Grant(pair.refresh, pair.access, await self._sso.verify(pair.access))


def _query(address: str) -> str:
    try:
        return urlsplit(address.strip()).query
    except ValueError:
        return ""
