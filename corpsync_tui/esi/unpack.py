"""Unpacking a body as it streams in, never beyond a size, never a part for the whole."""

from __future__ import annotations

import zlib

from corpsync_tui.errors import EsiError, NetworkError

_GZIP = 31
"""zlib's window bits for a gzip header and trailer."""


class Unpacker:
    """Collects a body piece by piece."""

    def __init__(self, encoding: str, size: int) -> None:
        encoding = encoding.strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise EsiError("the answer is packed in a way that was not asked for")
        self._gzip = zlib.decompressobj(_GZIP) if "gzip" in encoding else None
        self._begun = False
        self._room = size
        self._size = size
        self._pieces: list[bytes] = []

    def feed(self, chunk: bytes) -> None:
        """Add what came.

        Raises:
            EsiError: the body is larger than allowed.
            NetworkError: the packed bytes are damaged.
        """
        self._begun = True
        if self._gzip is None:
            self._keep(chunk)
            return
        while chunk:
            if self._gzip.eof:
                self._gzip = zlib.decompressobj(_GZIP)
            try:
                self._keep(self._gzip.decompress(chunk, self._room + 1))
            except zlib.error:
                raise NetworkError("the answer arrived damaged") from None
            chunk = self._gzip.unconsumed_tail or self._gzip.unused_data

    def _keep(self, piece: bytes) -> None:
        self._room -= len(piece)
        if self._room < 0:
            raise EsiError(f"the answer is larger than {self._size // 1024**2} MB")
        self._pieces.append(piece)

    def finish(self) -> bytes:
        """The whole body.

        Raises:
            NetworkError: the packed bytes end too early, which httpx would not notice.
        """
        if self._begun and self._gzip is not None and not self._gzip.eof:
            raise NetworkError("the answer was cut short")
        return b"".join(self._pieces)
