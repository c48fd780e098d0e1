"""Bytes as a sick server, a broken line or ill will might make them of sound ones."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

_VALUE = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|\b(?:true|false|null)\b')
_DEEP = 20_000
"""Brackets in each other: ten times what any decoder goes down."""

_PIECES: tuple[bytes, ...] = (
    *(b"null", b"true", b"0", b"-1", b"1.5", b"1e999", b"-1e400", b"NaN", b"Infinity", b"7.0"),
    *(str(n).encode() for n in (2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64)),
    *(b"9" * 400, b"9" * 5_000, b"0x" + b"f" * 6_000, b"01", b"+5", b"1_000"),
    *(b'""', b'"\xff\xfe"', b'"\\ud800"', b'"\\u0000"', b'"\x1b]52;c;aGk=\x07"', b'"\xe2\x80\xae"'),
    *(b'"2026-02-30T12:00:00Z"', b'"2026-09-21"', b'"0000-00-00"', b'"9999-12-31T23:59:59Z"'),
    *(b"[]", b"{}", b"[[]]", b'{"a":1}', b"[null]", b'"[red]x[/]"', b'"' + b"x" * 3_000 + b'"'),
    *(b"<html>", b"\r\n", b"\x00", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"{", b"}", b"[", b"]", b'"'),
    *(b"!!timestamp x", b"!!bool x", b"!!int ''", b"!!set {a}", b"!!omap [a]", b"!!binary x"),
    *(b"&a [*a]", b"*b", b"? [a]\n: b", b"<<: {a: 1}", b"2026-99-99", b"1:99:99.9", b"!!float ''"),
    *(b"= ", b"[[stock]]\n", b"[a.b]\n", b"a.b = 1\n", b"1979-05-27T07:32:00Z", b"'''", b"\\"),
)
_DEEP_PIECES = (
    b"[" * _DEEP,
    b"[" * _DEEP + b"]" * _DEEP,
    b'{"a":' * _DEEP,
    b'{"a":' * _DEEP + b"1" + b"}" * _DEEP,
)

Way = Callable[[random.Random, bytes], bytes]


def _flip(dice: random.Random, body: bytes) -> bytes:
    at = dice.randrange(len(body))
    return body[:at] + bytes((dice.randrange(256),)) + body[at + 1 :]


def _drop(dice: random.Random, body: bytes) -> bytes:
    at = dice.randrange(len(body))
    return body[:at] + body[at + dice.randint(1, 12) :]


def _double(dice: random.Random, body: bytes) -> bytes:
    at = dice.randrange(len(body))
    end = at + dice.randint(1, 40)
    return body[:end] + body[at:end] * dice.choice((1, 1, 1, 20)) + body[end:]


def _truncate(dice: random.Random, body: bytes) -> bytes:
    return body[: dice.randrange(len(body))]


def _insert(dice: random.Random, body: bytes) -> bytes:
    at = dice.randrange(len(body))
    return body[:at] + _piece(dice) + body[at:]


def _replace(dice: random.Random, body: bytes) -> bytes:
    """One value of the document by another, which leaves it a document."""
    spans = [found.span() for found in _VALUE.finditer(body)]
    if not spans:
        return _insert(dice, body)
    begin, end = dice.choice(spans)
    other = dice.choice(spans)
    piece = body[slice(*other)] if dice.random() < 0.3 else _piece(dice)
    return body[:begin] + piece + body[end:]


def _add(dice: random.Random, body: bytes) -> bytes:
    """A field that nobody knows, in one of the objects."""
    begins = [at for at, letter in enumerate(body) if letter == 0x7B]
    if not begins:
        return _insert(dice, body)
    at = dice.choice(begins) + 1
    return body[:at] + b'"zz":' + _piece(dice) + b"," + body[at:]


def _piece(dice: random.Random) -> bytes:
    return dice.choice(_DEEP_PIECES if dice.random() < 0.01 else _PIECES)


_WAYS: Sequence[Way] = (
    *(_flip, _drop, _double, _truncate, _insert, _add),
    *(_replace, _replace, _replace, _replace),
)


def spoil(dice: random.Random, body: bytes) -> bytes:
    """The bytes, spoiled in one place or in several."""
    for _ in range(dice.choice((1, 1, 1, 2, 3, 6))):
        body = dice.choice(_WAYS)(dice, body or b" ")
    return body
