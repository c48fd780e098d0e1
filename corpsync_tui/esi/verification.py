"""Whether an access token is genuine: checked against CCP's keys, and read.

What checks signatures takes 10 MiB and is loaded at the first token, not at the start.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import RSAKey

from corpsync_tui.esi.identity import Identity, RefusedTokenError, UnknownKeyError, Verified
from corpsync_tui.esi.secret import Secret

ALGORITHM = "RS256"
"""The only algorithm that is believed, whatever a token says of itself."""
GAME = "EVE Online"
"""The audience that every token of CCP names beside the application."""
NAMELESS = ""
"""The id under which a key is kept that is published without one."""
LEEWAY = 10.0
"""Seconds after its end in which a token still passes."""
LATEST = 253_402_300_800
"""Unix seconds at which the year 10,000 begins: no token lasts as long."""

_SUBJECT = re.compile(r"CHARACTER:EVE:(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a genuine token bears."""

    issuer: str
    """As the discovery document names it."""
    client_id: str
    now: float
    """Unix seconds by CCP's clock."""


def verify(token: Secret, keys: Mapping[str, RSAKey], expected: Expectation) -> Verified:
    """Check signature, issuer, audience and time, and read who it is.

    Raises:
        UnknownKeyError: signed with a key that is not among `keys`, or does not fit its own.
        RefusedTokenError: anything else about it is wrong.
    """
    header = _header(token)
    if header.get("alg") != ALGORITHM:
        raise RefusedTokenError(f"the login's token is not signed with {ALGORITHM}")
    key = _signing_key(header, keys)
    if key is None:
        raise UnknownKeyError("the login's token is signed with a key that CCP does not publish")
    try:
        claims = jwt.decode(token.reveal(), key, algorithms=[ALGORITHM]).claims
    except BadSignatureError:
        raise UnknownKeyError("the signature of the login's token is wrong") from None
    except (JoseError, ValueError):
        raise RefusedTokenError("the login's token is damaged") from None
    for check in (_check_issuer, _check_audience, _check_time):
        check(claims, expected)
    return Verified(_identity(claims), float(claims["exp"]))


def read_keys(published: Iterable[Mapping[str, object]]) -> dict[str, RSAKey]:
    """The keys by their id; other kinds than RSA and damaged ones are passed over."""
    found = {}
    for key in published:
        if key.get("kty") != "RSA":
            continue
        try:
            found[str(key.get("kid", NAMELESS))] = RSAKey.import_key(
                {k: v for k, v in key.items() if isinstance(v, str)}
            )
        except (JoseError, ValueError):
            continue
    return found


def _signing_key(header: Mapping[str, Any], keys: Mapping[str, RSAKey]) -> RSAKey | None:
    """The key that a token names; the only one where either side leaves the name out."""
    named = keys.get(str(header.get("kid", NAMELESS)))
    alone = len(keys) == 1 and (NAMELESS in keys or "kid" not in header)
    return next(iter(keys.values())) if alone else named


def _header(token: Secret) -> dict[str, Any]:
    try:
        head = token.reveal().split(".", 1)[0]
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise RefusedTokenError("the login's token is no web token")
    return header


def _check_issuer(claims: Mapping[str, Any], expected: Expectation) -> None:
    bare = expected.issuer.rstrip("/")
    host = bare.partition("://")[2]
    if claims.get("iss") not in (bare, f"{bare}/", host, f"{host}/"):
        raise RefusedTokenError("the login's token was issued by somebody else than CCP")


def _check_audience(claims: Mapping[str, Any], expected: Expectation) -> None:
    audience = claims.get("aud")
    if not isinstance(audience, list) or not {expected.client_id, GAME} <= set(map(str, audience)):
        raise RefusedTokenError("the login's token is meant for another application")


def _check_time(claims: Mapping[str, Any], expected: Expectation) -> None:
    end = claims.get("exp")
    if isinstance(end, bool) or not isinstance(end, int | float) or not 0 < end < LATEST:
        raise RefusedTokenError("the login's token does not say when it ends")
    if end + LEEWAY <= expected.now:
        raise RefusedTokenError("the login's token has expired")


def _identity(claims: Mapping[str, Any]) -> Identity:
    subject = _SUBJECT.fullmatch(str(claims.get("sub")))
    name, owner = claims.get("name"), claims.get("owner")
    if subject is None or not isinstance(name, str) or not isinstance(owner, str):
        raise RefusedTokenError("the login's token does not name a character")
    scopes = claims.get("scp") or ()
    if isinstance(scopes, str):
        scopes = scopes.split()
    return Identity(int(subject[1]), name, owner, tuple(sorted(map(str, scopes))))
