"""Access tokens that a careful client must refuse."""

import base64
import json
from collections.abc import Callable
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey

from corpsync_tui.simulator.keys import Signer, shared_key

Claims = dict[str, Any]


def _wrong_key(signer: Signer, claims: Claims) -> str:
    kid = signer.keys[-1].kid
    return jwt.encode({"alg": "RS256", "kid": kid}, claims, shared_key("forger"))


def _wrong_kid(_signer: Signer, claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": "unheard-of"}, claims, shared_key("forger"))


def _alg_none(_signer: Signer, claims: Claims) -> str:
    parts = (_part({"alg": "none", "typ": "JWT"}), _part(claims), "")
    return ".".join(parts)


def _hs256(signer: Signer, claims: Claims) -> str:
    public = OctKey.import_key(json.dumps(signer.keys[-1].as_dict(private=False)))
    return jwt.encode({"alg": "HS256", "kid": signer.keys[-1].kid}, claims, public)


def _tampered(signer: Signer, claims: Claims) -> str:
    header, _, signature = signer.sign(claims).split(".")
    return ".".join((header, _part(claims | {"sub": "CHARACTER:EVE:90000001"}), signature))


def _part(document: Claims) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def _with(**changes: Any) -> Callable[[Signer, Claims], str]:
    return lambda signer, claims: signer.sign(claims | changes)


FORGERIES: dict[str, Callable[[Signer, Claims], str]] = {
    "wrong_aud": _with(aud=["somebody-else", "EVE Online"]),
    "no_eve_aud": lambda signer, claims: signer.sign(claims | {"aud": claims["aud"][:1]}),
    "wrong_iss": _with(iss="https://login.example.org"),
    "wrong_sub": _with(sub="CORPORATION:EVE:98000001"),
    "expired": lambda signer, claims: signer.sign(claims | {"exp": claims["iat"] - 3600}),
    "wrong_key": _wrong_key,
    "wrong_kid": _wrong_kid,
    "alg_none": _alg_none,
    "hs256": _hs256,
    "tampered": _tampered,
    "garbage": lambda _signer, _claims: "not.a.token",
}
"""By the name that POST /_sim/sso gives as `forge`."""
