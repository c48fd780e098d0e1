"""CCP's single sign-on: discovery, PKCE, tokens, revocation, keys."""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode

from corpsync_tui.simulator.answers import HTML, Answer, Body, html_answer, json_answer
from corpsync_tui.simulator.clock import SimClock
from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.simulator.forgery import FORGERIES
from corpsync_tui.simulator.grants import Grant, Grants
from corpsync_tui.simulator.keys import Signer
from corpsync_tui.simulator.world.model import Character, World

ACCESS_SECONDS = 1200
_CODE_SECONDS = 300
DISCOVERY = "/.well-known/oauth-authorization-server"
AUTHORIZE = "/v2/oauth/authorize"
TOKEN = "/v2/oauth/token"  # noqa: S105 - a path
REVOKE = "/v2/oauth/revoke"
JWKS = "/oauth/jwks"
PATHS = (DISCOVERY, AUTHORIZE, TOKEN, REVOKE, JWKS)


@dataclass
class Login:
    """How the next visitor of the authorize page decides."""

    character_id: int
    deny: bool = False
    scopes: list[str] | None = None
    """Grant only these; None grants what is asked."""
    state: str | None = None
    """Send this back in place of the client's state."""


@dataclass
class _Code:
    character_id: int
    scopes: list[str]
    redirect_uri: str
    challenge: str
    expires: float


@dataclass
class Bearer:
    """Whom an access token speaks for."""

    character_id: int
    scopes: frozenset[str]


@dataclass
class Sso:
    """The sign-on service and all it remembers."""

    config: SimulatorConfig
    clock: SimClock
    world: World
    grants: Grants
    signer: Signer
    login: Login
    url: str = ""
    redirect_uris: list[str] = field(default_factory=list)
    rotate_refresh_tokens: bool = False
    token_issuer: str | None = None
    """The `iss` of tokens where it shall differ from the discovered issuer."""
    forge: list[str] = field(default_factory=list)
    """Forgeries to hand out in place of the next access tokens."""
    sick: list[str] = field(default_factory=list)
    """What the token endpoint answers next: 500, html or 400."""
    _codes: dict[str, _Code] = field(default_factory=dict)
    _issued: dict[str, int] = field(default_factory=dict)
    _refused: set[str] = field(default_factory=set)
    _verified: dict[str, dict[str, Any] | None] = field(default_factory=dict)

    def answer(self, method: str, path: str, query: dict[str, str], body: bytes) -> Answer:
        """The answer to a request for one of `PATHS`."""
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if path == DISCOVERY:
            return json_answer(200, self._discovery())
        if path == JWKS:
            return json_answer(200, self.signer.jwks())
        if path == AUTHORIZE and method == "GET":
            return self._authorize(query)
        if path == TOKEN and method == "POST":
            return self._token(form)
        if path == REVOKE and method == "POST":
            self.grants.revoke(token=form.get("token", ""))
            return Answer(200)
        return json_answer(405, {"error": "invalid_request"})

    def check(self, token: str) -> Bearer | None:
        """Whom an access token speaks for now, or None if it is refused."""
        if token not in self._verified:
            self._forget_expired()
            self._verified[token] = self.signer.verify(token)
        claims = self._verified[token]
        if claims is None or claims["exp"] <= self.clock.now() or claims["jti"] in self._refused:
            return None
        scopes = claims["scp"]
        return Bearer(
            int(claims["sub"].rsplit(":", 1)[1]),
            frozenset([scopes] if isinstance(scopes, str) else scopes),
        )

    def _forget_expired(self) -> None:
        now = self.clock.now()
        self._verified = {
            token: claims
            for token, claims in self._verified.items()
            if claims is not None and claims["exp"] > now
        }

    def refuse_access_tokens(self, character_id: int) -> None:
        """Let ESI refuse the access tokens that the character has had so far."""
        self._refused |= {jti for jti, owner in self._issued.items() if owner == character_id}

    def access_token(self, character_id: int, scopes: list[str]) -> str:
        """A new access token, or the forgery that is next."""
        claims = self._claims(self.world.characters[character_id], scopes)
        self._issued[claims["jti"]] = character_id
        if self.forge:
            return FORGERIES[self.forge.pop(0)](self.signer, claims)
        return self.signer.sign(claims)

    def _claims(self, character: Character, scopes: list[str]) -> dict[str, Any]:
        now = int(self.clock.now())
        return {
            "scp": scopes[0] if len(scopes) == 1 else scopes,
            "jti": secrets.token_hex(8),
            "kid": self.signer.keys[-1].kid,
            "sub": f"CHARACTER:EVE:{character.character_id}",
            "azp": self.config.client_id,
            "tenant": "tranquility",
            "tier": "live",
            "region": "world",
            "aud": [self.config.client_id, "EVE Online"],
            "name": character.name,
            "owner": character.owner,
            "exp": now + ACCESS_SECONDS,
            "iat": now,
            "iss": self.token_issuer or self.url,
        }

    def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": self.url + AUTHORIZE,
            "token_endpoint": self.url + TOKEN,
            "response_types_supported": ["code", "token"],
            "jwks_uri": self.url + JWKS,
            "revocation_endpoint": self.url + REVOKE,
            "subject_types_supported": ["public"],
            "revocation_endpoint_auth_methods_supported": ["client_secret_basic"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "id_token_signing_alg_values_supported": ["HS256"],
            "token_endpoint_auth_signing_alg_values_supported": ["HS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def _authorize(self, query: dict[str, str]) -> Answer:
        redirect = query.get("redirect_uri", "")
        if query.get("client_id") != self.config.client_id:
            return html_answer(400, "Unknown client_id")
        if redirect not in self.redirect_uris:
            return html_answer(400, "redirect_uri is not registered for this application")
        if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
            return html_answer(400, "A code with a challenge of method S256 must be asked for")
        login, state = self.login, self.login.state or query.get("state", "")
        if login.deny:
            return _redirect(redirect, error="access_denied", state=state)
        wanted = query.get("scope", "").split()
        granted = wanted if login.scopes is None else [s for s in wanted if s in login.scopes]
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(
            login.character_id,
            granted,
            redirect,
            query.get("code_challenge", ""),
            self.clock.now() + _CODE_SECONDS,
        )
        return _redirect(redirect, code=code, state=state)

    def _token(self, form: dict[str, str]) -> Answer:
        if self.sick:
            return _illness(self.sick.pop(0))
        if form.get("client_id") != self.config.client_id:
            return _oauth_error("invalid_client", "Unknown client")
        if form.get("grant_type") == "authorization_code":
            return self._redeem(form)
        if form.get("grant_type") == "refresh_token":
            return self._refresh(form.get("refresh_token", ""))
        return _oauth_error("unsupported_grant_type", "Unknown grant_type")

    def _redeem(self, form: dict[str, str]) -> Answer:
        code = self._codes.pop(form.get("code", ""), None)
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if code is None or code.expires < self.clock.now() or code.challenge != challenge:
            return _oauth_error("invalid_grant", "Authorization code is invalid or expired.")
        if form.get("redirect_uri", code.redirect_uri) != code.redirect_uri:
            return _oauth_error("invalid_grant", "redirect_uri differs")
        refresh = self.grants.issue(code.character_id, code.scopes, self.config.client_id)
        return self._tokens(self.grants.by_token[refresh], refresh)

    def _refresh(self, token: str) -> Answer:
        grant = self.grants.by_token.get(token)
        if grant is None:
            return _oauth_error("invalid_grant", "Invalid refresh token. Token missing/expired.")
        if grant.spent:
            self.grants.revoke(family=grant.family)
            return _oauth_error("invalid_grant", "Invalid refresh token. Token was used before.")
        if self.rotate_refresh_tokens:
            self.grants.spend(token)
            token = self.grants.issue(
                grant.character_id, grant.scopes, grant.client_id, grant.family
            )
        return self._tokens(grant, token)

    def _tokens(self, grant: Grant, refresh_token: str) -> Answer:
        return json_answer(
            200,
            {
                "access_token": self.access_token(grant.character_id, grant.scopes),
                "expires_in": ACCESS_SECONDS - 1,
                "token_type": "Bearer",
                "refresh_token": refresh_token,
            },
            **{"Cache-Control": "no-store"},
        )


def _redirect(address: str, **query: str) -> Answer:
    join = "&" if "?" in address else "?"
    return Answer(302, headers={"Location": f"{address}{join}{urlencode(query)}"})


def _oauth_error(error: str, description: str) -> Answer:
    return json_answer(400, {"error": error, "error_description": description})


def _illness(kind: str) -> Answer:
    if kind == "html":
        page = b"<html><body>We will be right back</body></html>"
        return Answer(200, Body(page), {"Content-Type": HTML})
    if kind == "400":
        return _oauth_error("invalid_request", "Something is not right on our side.")
    return html_answer(int(kind), "Internal Server Error")
