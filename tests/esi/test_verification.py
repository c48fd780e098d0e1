"""Which published key a token is checked with, where names of keys are left out."""

import time
from collections.abc import Mapping

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from corpsync_tui.esi.identity import UnknownKeyError
from corpsync_tui.esi.secret import Secret
from corpsync_tui.esi.verification import NAMELESS, Expectation, verify
from corpsync_tui.simulator.keys import shared_key

ISSUER = "https://login.example.org"
SIGNER, OTHER = shared_key("signer"), shared_key("forger")


def check(kid: str | None, keys: Mapping[str, RSAKey], signer: RSAKey = SIGNER) -> None:
    now = time.time()
    claims = {
        "iss": ISSUER,
        "aud": ["client", "EVE Online"],
        "exp": int(now) + 600,
        "sub": "CHARACTER:EVE:90000001",
        "name": "Aldra Vex",
        "owner": "hash",
    }
    header = {"alg": "RS256"} | ({} if kid is None else {"kid": kid})
    token = Secret(jwt.encode(header, claims, signer))
    assert verify(token, keys, Expectation(ISSUER, "client", now)).identity.name == "Aldra Vex"


@pytest.mark.parametrize("kid", [None, "signer"])
@pytest.mark.parametrize("published", [NAMELESS, "signer"])
def test_the_only_key_needs_no_name(kid: str | None, published: str) -> None:
    check(kid, {published: SIGNER})


@pytest.mark.parametrize(
    ("kid", "keys"),
    [
        (None, {"signer": SIGNER, "other": OTHER}),
        ("unheard-of", {"signer": SIGNER}),
        ("signer", {}),
    ],
)
def test_a_key_is_never_guessed(kid: str | None, keys: dict[str, RSAKey]) -> None:
    with pytest.raises(UnknownKeyError, match="does not publish"):
        check(kid, keys)


@pytest.mark.parametrize("kid", [None, "signer"])
def test_a_nameless_key_must_fit_all_the_same(kid: str | None) -> None:
    with pytest.raises(UnknownKeyError, match="signature"):
        check(kid, {NAMELESS: SIGNER}, signer=OTHER)
