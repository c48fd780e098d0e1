"""Authorization codes and refresh tokens: who may have which access token, and for how long."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass
class Grant:
    """What one refresh token stands for."""

    character_id: int
    scopes: list[str]
    client_id: str
    family: str
    """Tokens that came from one login by rotation share it."""
    spent: bool = False
    """Rotated: its use now is a reuse."""


class Grants:
    """The refresh tokens in force; with a file they last."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self.by_token: dict[str, Grant] = {}
        if file is not None and file.exists():
            stored = json.loads(file.read_text())
            self.by_token = {token: Grant(**grant) for token, grant in stored.items()}

    def issue(
        self, character_id: int, scopes: list[str], client_id: str, family: str | None = None
    ) -> str:
        """A new refresh token."""
        token = secrets.token_urlsafe(24)
        family = family or secrets.token_hex(8)
        self.by_token[token] = Grant(character_id, scopes, client_id, family)
        self.save()
        return token

    def spend(self, token: str) -> None:
        """Mark a token as rotated away."""
        self.by_token[token].spent = True
        self.save()

    def revoke(
        self,
        *,
        token: str | None = None,
        family: str | None = None,
        character_id: int | None = None,
    ) -> None:
        """End the tokens that are meant."""
        self.by_token = {
            key: grant
            for key, grant in self.by_token.items()
            if key != token and grant.family != family and grant.character_id != character_id
        }
        self.save()

    def save(self) -> None:
        """Write the tokens to the file, if there is one."""
        if self._file is not None:
            write_private(
                self._file,
                json.dumps({t: asdict(grant) for t, grant in self.by_token.items()}).encode(),
            )


def write_private(file: Path, content: bytes) -> None:
    """Replace a file by one that only its owner can read."""
    beside = file.with_suffix(".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    beside.replace(file)
