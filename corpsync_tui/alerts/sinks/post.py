"""Posting JSON to a secret address, and what the answer means."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from corpsync_tui.alerts.sinks.message import Answer
from corpsync_tui.clock import Clock
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.esi.headers import retry_after
from corpsync_tui.esi.http import Bounds, Http, Reply
from corpsync_tui.esi.secret import Secret

GONE = frozenset({401, 403, 404})
"""The webhook was deleted, or never was."""
LONGEST_WAIT = 3_600.0
"""Seconds to which a wait that a server names is cut."""
REFUSED = frozenset({400, 413, 422})
"""This body is not to the server's liking, and would not be the next time."""
BOUNDS = Bounds(connect=10.0, read=15.0, whole=30.0, size=256 * 1024)
USUAL_WAIT = 5.0
"""Seconds after a 429 that names none."""


def open_http(clock: Clock, contact: str) -> Http:
    """Connections of the sinks' own."""
    return Http(clock, contact, BOUNDS)


async def post_json(http: Http, clock: Clock, url: Secret, body: bytes) -> Answer:
    """Post, and say what came of it; nothing is raised for what the network does."""
    try:
        reply = await http.send(
            "POST", url, headers={"Content-Type": "application/json"}, content=body
        )
    except CorpsyncError as error:
        return Answer(error.message)
    said = f"HTTP {reply.status}"
    if 200 <= reply.status < 300:
        return Answer(said, accepted=True, wait=_reset(reply.headers))
    if reply.status in GONE:
        return Answer(said, gone=True)
    if reply.status in REFUSED:
        return Answer(said, refused=True)
    if reply.status == 429:
        named = _named(reply, clock.time())
        return Answer(said, wait=min(USUAL_WAIT if named is None else named, LONGEST_WAIT))
    return Answer(said)


def _named(reply: Reply, now: float) -> float | None:
    """Seconds that a 429 names in its body, as Discord does, or in its header."""
    try:
        named = json.loads(reply.body)["retry_after"]
        if isinstance(named, int | float) and math.isfinite(named) and named >= 0:
            return float(named)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        pass
    return retry_after(reply.headers, now)


def _reset(headers: Mapping[str, str]) -> float | None:
    """Seconds until Discord's bucket is full again, where this request emptied it."""
    if headers.get("x-ratelimit-remaining") != "0":
        return None
    try:
        seconds = float(headers.get("x-ratelimit-reset-after", ""))
    except ValueError:
        return None
    return min(seconds, LONGEST_WAIT) if math.isfinite(seconds) and seconds > 0 else None
