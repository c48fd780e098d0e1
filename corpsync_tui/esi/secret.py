"""Tokens, codes and verifiers: kept apart from ordinary text, and struck out of any log."""

from __future__ import annotations

import hmac
import re
from typing import NoReturn
from weakref import WeakValueDictionary

STRUCK_OUT = "[secret]"
"""What stands in place of a secret."""
SHORTEST = 8
"""Characters a secret must have to be looked for in a text."""

Entry = int | str
"""What a stored secret is known by: a character's id for a refresh token, else a name."""

_JSON_WEB_TOKEN = re.compile(r"\beyJ[\w-]{5,}(?:\.[\w-]*){1,4}")
_alive: WeakValueDictionary[int, Secret] = WeakValueDictionary()


class Secret:
    """A text that shows itself only to who asks with `reveal`.

    Its repr is masked, so that no traceback with local variables and no log shows it.
    """

    __slots__ = ("__weakref__", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        _alive[id(self)] = self

    def reveal(self) -> str:
        """The text itself: to be used in the call that needs it, never kept."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere")


def conceal(text: str) -> str:
    """The text without any secret that is in memory, and without anything like a web token."""
    for secret in list(_alive.values()):
        value = secret.reveal()
        if len(value) >= SHORTEST and value in text:
            text = text.replace(value, STRUCK_OUT)
    return _JSON_WEB_TOKEN.sub(STRUCK_OUT, text)
