"""The doctor's checks of the road to CCP: ESI, the login service, and the clocks of both ends."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from corpsync_tui.clock import Clock
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.esi.downtime import STATUS
from corpsync_tui.esi.http import Bounds, Http
from corpsync_tui.esi.sso import DISCOVERY
from corpsync_tui.esi.urls import is_loopback
from corpsync_tui.settings import Settings
from corpsync_tui.upkeep.check import Check

PATIENCE = Bounds(connect=5.0, read=10.0, whole=15.0)
"""A doctor waits less long than a run."""
TOLERATED_SKEW = 30.0
"""Seconds that this computer's clock may differ: tokens are checked by it."""


async def network(settings: Settings, clock: Clock) -> list[Check]:
    """Ask ESI and the login service once each, and compare clocks."""
    http = Http(clock, settings.contact, PATIENCE)
    try:
        esi, sso = await asyncio.gather(
            _reach(http, "ESI", settings.esi_url + STATUS.path),
            _reach(http, "login service", settings.sso_url + DISCOVERY),
        )
    finally:
        await http.aclose()
    return [esi, sso, _clock(http.skew, heard=esi.ok or sso.ok)]


async def _reach(http: Http, name: str, url: str) -> Check:
    host = urlsplit(url).netloc
    try:
        reply = await http.send("GET", url, headers={"Accept": "application/json"})
    except CorpsyncError as error:
        remedy = "" if is_loopback(urlsplit(url).hostname or "") else ": check network and proxy"
        return Check(name, ok=False, detail=f"{error.message}{remedy}")
    if reply.status == 200:
        return Check(name, ok=True, detail=f"{host} answers")
    if reply.status >= 500:
        return Check(name, ok=False, detail=f"{host} is down ({reply.status}): wait for CCP")
    return Check(name, ok=False, detail=f"{host} answers {reply.status}: check its address")


def _clock(skew: float, *, heard: bool) -> Check:
    if not heard:
        return Check("clock", ok=False, detail="not compared: nobody answered")
    if abs(skew) <= TOLERATED_SKEW:
        return Check("clock", ok=True, detail=f"within {max(1, round(abs(skew)))} s of CCP's")
    way = "slow" if skew > 0 else "fast"
    amount = f"{abs(skew) / 60:.0f} min" if abs(skew) >= 120 else f"{abs(skew):.0f} s"
    return Check("clock", ok=False, detail=f"this clock is {amount} {way}: set it by the network")
