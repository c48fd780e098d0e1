"""Signing keys and the access tokens that they sign, true and false ones."""

from functools import cache
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

KEY_ID = "JWT-Signature-Key"
"""The id of the key that CCP signs with."""
_KEY_BITS = 2048


def make_key(kid: str) -> RSAKey:
    """A new signing key."""
    return RSAKey.generate_key(_KEY_BITS, {"kid": kid, "use": "sig", "alg": "RS256"})


@cache
def shared_key(kid: str) -> RSAKey:
    """A signing key made once in this process, since making one takes a while."""
    return make_key(kid)


class Signer:
    """The keys that the SSO publishes; the newest of them signs."""

    def __init__(self, keys: list[RSAKey]) -> None:
        self.keys = keys
        self._made = len(keys)

    def rotate(self, *, keep_old: bool) -> None:
        """Sign with a new key from now on; the old ones stay published or not."""
        self._made += 1
        key = make_key(f"{KEY_ID}-{self._made}")
        self.keys = [*self.keys, key] if keep_old else [key]

    def jwks(self) -> dict[str, Any]:
        """The public halves, as /oauth/jwks tells them."""
        keys = [key.as_dict(private=False) for key in self.keys]
        return {"keys": keys, "SkipUnresolvedJsonWebKeys": True}

    def sign(self, claims: dict[str, Any]) -> str:
        """A token over the claims."""
        key = self.keys[-1]
        header = {"alg": "RS256", "kid": key.kid, "typ": "JWT"}
        return jwt.encode(header, claims, key)

    def verify(self, token: str) -> dict[str, Any] | None:
        """The claims of a token that one of the keys signed, whatever its time says."""
        try:
            return dict(jwt.decode(token, KeySet(list(self.keys)), algorithms=["RS256"]).claims)
        except (JoseError, ValueError):
            return None
