"""What goes back to the client, before and after it becomes bytes on the wire."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
ZIP = "application/zip"
_WORTH_PACKING = 800
"""Bytes from which an answer is compressed."""


@dataclass
class Body:
    """Bytes that may be asked for packed many times and are packed once."""

    raw: bytes

    @cached_property
    def packed(self) -> bytes:
        """The bytes in gzip."""
        return gzip.compress(self.raw, compresslevel=1, mtime=0)


@dataclass
class Answer:
    """A status, headers and a body."""

    status: int
    body: Body = field(default_factory=lambda: Body(b""))
    headers: dict[str, str] = field(default_factory=dict)
    arrived: Callable[[], None] | None = None
    """Called when the whole answer has gone to a client that was still there."""

    def pack(self, accept_encoding: str) -> bytes:
        """The body's bytes for a client that accepts this; sets the header that tells."""
        worth = len(self.body.raw) >= _WORTH_PACKING and self.headers.get("Content-Type") != ZIP
        if "gzip" in accept_encoding and worth:
            self.headers["Content-Encoding"] = "gzip"
            self.headers["Vary"] = "Accept-Encoding"
            return self.body.packed
        return self.body.raw


class EsiError(Exception):
    """An answer that is no success, raised where it is found out."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.answer = json_answer(status, {"error": message}, **headers)


def json_answer(status: int, document: Any, **headers: str) -> Answer:
    """An answer with a JSON document."""
    return Answer(status, Body(msgspec.json.encode(document)), {"Content-Type": JSON, **headers})


def html_answer(status: int, title: str) -> Answer:
    """The page that a gateway shows when what is behind it does not answer."""
    page = f"<html><head><title>{status} {title}</title></head><body><h1>{title}</h1></body></html>"
    return Answer(status, Body(page.encode()), {"Content-Type": HTML})
