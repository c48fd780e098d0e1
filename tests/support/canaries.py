"""Every token, code and verifier that a login service has seen, and where they turn up."""

from __future__ import annotations

import os
import re
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from corpsync_tui.simulator.server import Simulator

WORD = re.compile(rb"[A-Za-z0-9_-]{43,128}")
"""What could be a verifier."""
ACCESS = re.compile(rb"eyJ[A-Za-z0-9_-]{8,}")
"""How an access token begins, whoever made it."""


class Canaries:
    """Learns all secrets of a simulator's login service as they are made."""

    def __init__(self, simulator: Simulator) -> None:
        self.known: set[str] = set()
        """Refresh tokens, access tokens and codes."""
        self.challenges: set[str] = set()
        """What the verifiers hash to: the login service is told a verifier only at the end."""
        sso = simulator.state.sso
        self._listen(sso.grants, "issue")
        self._listen(sso, "access_token")
        authorize = sso._authorize

        def authorized(query: dict[str, str]) -> Any:
            self.challenges.add(query.get("code_challenge", ""))
            answer = authorize(query)
            self.known |= sso._codes.keys()
            return answer

        setattr(sso, "_authorize", authorized)  # noqa: B010 - mypy: a method is replaced

    def _listen(self, owner: object, name: str) -> None:
        real = getattr(owner, name)

        def told(*arguments: Any, **options: Any) -> str:
            secret = str(real(*arguments, **options))
            self.known.add(secret)
            return secret

        setattr(owner, name, told)

    def found_in(self, told: bytes) -> list[str]:
        """The secrets that a text gives away."""
        found = [secret for secret in self.known if secret.encode() in told]
        found += [word.decode() for word in ACCESS.findall(told)]
        return found + [word.decode() for word in WORD.findall(told) if self._verifies(word)]

    def _verifies(self, word: bytes) -> bool:
        challenge = urlsafe_b64encode(sha256(word).digest()).rstrip(b"=").decode()
        return challenge in self.challenges


@contextmanager
def argument_lists() -> Iterator[set[bytes]]:
    """Gather the argument lists of all processes of this computer, again and again."""
    seen: set[bytes] = set()
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.05):
            for process in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 - often
                try:
                    seen.add(Path(f"/proc/{process}/cmdline").read_bytes())
                except OSError:  # it has ended meanwhile
                    continue

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()
