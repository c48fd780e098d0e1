"""Everything that talks to CCP, put together."""

from __future__ import annotations

from dataclasses import dataclass

from corpsync_tui.clock import Clock
from corpsync_tui.errors import SettingsError
from corpsync_tui.esi.buckets import LimitStore
from corpsync_tui.esi.client import EsiClient
from corpsync_tui.esi.http import Bounds, Http
from corpsync_tui.esi.limits import Limits
from corpsync_tui.esi.login import Login
from corpsync_tui.esi.options import EsiSettings
from corpsync_tui.esi.sso import Sso
from corpsync_tui.esi.tokens import Tokens
from corpsync_tui.esi.urls import parse
from corpsync_tui.esi.vault import Vault


@dataclass(frozen=True)
class Connection:
    """ESI, its single sign-on, and the logins, over one HTTP client."""

    settings: EsiSettings
    clock: Clock
    http: Http
    sso: Sso
    tokens: Tokens
    limits: Limits
    client: EsiClient

    @classmethod
    async def open(
        cls,
        settings: EsiSettings,
        clock: Clock,
        limit_store: LimitStore | None = None,
        *,
        vault: Vault | None = None,
        bounds: Bounds | None = None,
    ) -> Connection:
        """Put the parts together; nothing is asked yet.

        Raises:
            SettingsError: an address is neither https nor on this computer.
        """
        for url in (settings.esi_url, settings.sso_url):
            address = parse(url)
            if address is None or not address.safe:
                raise SettingsError(f"{url} must be https, or http on this computer")
        http = Http(clock, settings.contact, bounds or Bounds())
        sso = Sso(settings, clock, http)
        tokens = Tokens(settings, clock, sso, vault)
        limits = Limits(clock, limit_store)
        await limits.load()
        client = EsiClient(settings, clock, http, tokens, limits)
        return cls(settings, clock, http, sso, tokens, limits, client)

    async def login(self, scopes: tuple[str, ...]) -> Login:
        """Begin a login; errors as for `Login.begin`."""
        return await Login.begin(self.settings, self.clock, self.sso, scopes)

    async def aclose(self) -> None:
        """Let refreshes end, keep the limits, and close every connection."""
        await self.tokens.aclose()
        await self.limits.aclose()
        await self.http.aclose()
