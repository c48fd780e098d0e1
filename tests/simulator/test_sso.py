"""The sign-on service: PKCE, tokens, rotation, forgeries, sickness."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from corpsync_tui.simulator.config import DEFAULT_REDIRECT_URI
from corpsync_tui.simulator.forgery import FORGERIES
from corpsync_tui.simulator.routes import SCOPES
from tests.simulator.conftest import ASSETS, Guest

VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def authorize(guest: Guest, **changes: str) -> httpx.Response:
    query = {
        "response_type": "code",
        "client_id": guest.simulator.config.client_id,
        "redirect_uri": DEFAULT_REDIRECT_URI,
        "scope": " ".join(SCOPES),
        "state": "s1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return guest.http.get("/v2/oauth/authorize", params=query | changes)


def called_back(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 302
    address = urlsplit(answer.headers["Location"])
    assert answer.headers["Location"].startswith(f"{DEFAULT_REDIRECT_URI}?")
    return {name: values[0] for name, values in parse_qs(address.query).items()}


def redeem(guest: Guest, code: str, verifier: str = VERIFIER) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": verifier,
        "client_id": guest.simulator.config.client_id,
    }
    return guest.http.post("/v2/oauth/token", data=form)


def claims_of(guest: Guest, token: str) -> dict[str, Any]:
    """The token's claims, its signature verified as a client does."""
    discovery = guest.http.get("/.well-known/oauth-authorization-server").json()
    keys = KeySet.import_key_set(guest.http.get(discovery["jwks_uri"]).json())
    return dict(jwt.decode(token, keys, algorithms=["RS256"]).claims)


def test_login_with_pkce_gives_a_token_that_verifies(stranger: Guest) -> None:
    simulator = stranger.simulator
    back = called_back(authorize(stranger))
    assert back["state"] == "s1"
    tokens = redeem(stranger, back["code"]).json()
    claims = claims_of(stranger, tokens["access_token"])
    assert claims["iss"] == simulator.url
    assert claims["aud"] == [simulator.config.client_id, "EVE Online"]
    assert claims["sub"] == f"CHARACTER:EVE:{simulator.character_id}"
    assert claims["name"] == simulator.world()[0]["characters"][0]["name"]
    assert claims["scp"] == list(SCOPES)
    assert claims["exp"] - claims["iat"] == 1200
    stranger.token = tokens["access_token"]
    assert stranger.get(ASSETS).status_code == 200


def test_code_serves_once_and_only_its_verifier(stranger: Guest) -> None:
    code = called_back(authorize(stranger))["code"]
    assert redeem(stranger, code, "w" * 43).json()["error"] == "invalid_grant"
    code = called_back(authorize(stranger))["code"]
    assert redeem(stranger, code).status_code == 200
    assert redeem(stranger, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "http://127.0.0.1:8766/callback"},
        {"redirect_uri": "http://127.0.0.1:8765/elsewhere"},
        {"client_id": "another"},
        {"code_challenge_method": "plain"},
    ],
)
def test_what_is_not_registered_gets_a_page_and_no_redirect(
    stranger: Guest, change: dict[str, str]
) -> None:
    answer = authorize(stranger, **change)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_the_visitor_may_deny_or_grant_less_or_be_somebody_else(stranger: Guest) -> None:
    simulator = stranger.simulator
    simulator.login(deny=True)
    assert called_back(authorize(stranger)) == {"error": "access_denied", "state": "s1"}
    simulator.login(state="forged")
    assert called_back(authorize(stranger))["state"] == "forged"
    member = simulator.truth("member")[1]["character_id"]
    simulator.login(character_id=member, scopes=[SCOPES[0]])
    token = redeem(stranger, called_back(authorize(stranger))["code"]).json()["access_token"]
    claims = claims_of(stranger, token)
    assert (claims["sub"], claims["scp"]) == (f"CHARACTER:EVE:{member}", SCOPES[0])


def test_refresh_token_stays_unless_it_rotates(stranger: Guest) -> None:
    simulator = stranger.simulator
    refresh = simulator.refresh_token(simulator.character_id)
    assert stranger.tokens(refresh).json()["refresh_token"] == refresh
    simulator.sso(rotate_refresh_tokens=True)
    second = stranger.tokens(refresh).json()["refresh_token"]
    assert second != refresh
    assert stranger.tokens(second).status_code == 200


def test_reuse_of_a_rotated_token_revokes_its_family(stranger: Guest) -> None:
    simulator = stranger.simulator
    simulator.sso(rotate_refresh_tokens=True)
    other = simulator.refresh_token(simulator.character_id)
    first = simulator.refresh_token(simulator.character_id)
    second = stranger.tokens(first).json()["refresh_token"]
    assert stranger.tokens(first).json()["error"] == "invalid_grant"
    assert stranger.tokens(second).json()["error"] == "invalid_grant"
    assert stranger.tokens(other).status_code == 200


def test_revocation_ends_that_token_alone(stranger: Guest) -> None:
    simulator = stranger.simulator
    first, second = (simulator.refresh_token(simulator.character_id) for _ in range(2))
    assert stranger.http.post("/v2/oauth/revoke", data={"token": first}).status_code == 200
    assert stranger.tokens(first).json()["error"] == "invalid_grant"
    assert stranger.tokens(second).status_code == 200


def test_owner_hash_changes_when_the_character_is_sold(stranger: Guest) -> None:
    simulator = stranger.simulator
    refresh = simulator.refresh_token(simulator.character_id)
    before = claims_of(stranger, stranger.tokens(refresh).json()["access_token"])["owner"]
    simulator.character(simulator.character_id, owner="sold")
    after = claims_of(stranger, stranger.tokens(refresh).json()["access_token"])["owner"]
    assert (before == "sold", after) == (False, "sold")


@pytest.mark.parametrize("keep", ["keep", "drop"])
def test_key_rotation_publishes_the_new_key(director: Guest, keep: str) -> None:
    old = director.token
    director.simulator.sso(rotate_key=keep)
    director.log_in(director.simulator.character_id)
    assert claims_of(director, director.token)
    if keep == "keep":
        assert claims_of(director, old)
    else:
        with pytest.raises((JoseError, ValueError)):
            claims_of(director, old)


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_token_differs_from_a_true_one_and_is_handed_out_once(
    stranger: Guest, forgery: str
) -> None:
    simulator = stranger.simulator
    refresh = simulator.refresh_token(simulator.character_id)
    simulator.sso(forge=forgery)
    forged = stranger.tokens(refresh).json()["access_token"]
    true = claims_of(stranger, stranger.tokens(refresh).json()["access_token"])
    try:
        claims = claims_of(stranger, forged)
    except (JoseError, ValueError):
        return
    lasting = ("aud", "iss", "sub")
    expired = claims["exp"] < simulator.now()
    assert expired or [claims[name] for name in lasting] != [true[name] for name in lasting]


def test_issuer_of_tokens_may_take_another_form(stranger: Guest) -> None:
    simulator = stranger.simulator
    simulator.sso(token_issuer=f"{simulator.url}/")
    token = stranger.tokens(simulator.refresh_token(simulator.character_id)).json()["access_token"]
    assert claims_of(stranger, token)["iss"] == f"{simulator.url}/"


@pytest.mark.parametrize(("kind", "status"), [("500", 500), ("html", 200), ("400", 400)])
def test_sick_token_endpoint_keeps_the_token_good(stranger: Guest, kind: str, status: int) -> None:
    simulator = stranger.simulator
    refresh = simulator.refresh_token(simulator.character_id)
    simulator.sso(sick=kind, times=2)
    for _ in range(2):
        answer = stranger.tokens(refresh)
        assert answer.status_code == status
        assert "invalid_grant" not in answer.text
    assert stranger.tokens(refresh).status_code == 200
