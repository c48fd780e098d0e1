"""The identities of a partition's rows, packed into one blob beside its validator."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec

Key = int | tuple[Any, ...]
"""One row's identity within its corporation: a bare integer where that is all of it."""

_PACKER = msgspec.msgpack.Encoder()
_UNPACKER = msgspec.msgpack.Decoder(list[tuple[Any, ...]])


def pack_keys(keys: Sequence[Key], *, whole_numbers: bool) -> bytes:
    """Keys as a blob: 64-bit integers in a row, or MessagePack where they are more than that."""
    if whole_numbers:
        numbers: Sequence[Any] = keys
        return array("q", numbers).tobytes()
    return _PACKER.encode(keys) if keys else b""


def unpack_keys(packed: bytes, *, whole_numbers: bool) -> Collection[Key]:
    """The keys of a blob that `pack_keys` made."""
    if not packed:
        return ()
    return array("q", packed) if whole_numbers else _UNPACKER.decode(packed)


def count_keys(pages: Iterable[bytes], *, whole_numbers: bool) -> int:
    """How many keys some blobs hold, those that stand in several counted as often."""
    if whole_numbers:
        return sum(map(len, pages)) // array("q").itemsize
    return sum(len(unpack_keys(page, whole_numbers=False)) for page in pages)
