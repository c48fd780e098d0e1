"""Reading JSON that others wrote: what may go wrong with it is known here."""

from __future__ import annotations

from typing import Annotated

import msgspec

Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""A whole number that SQLite can keep."""

UNREADABLE = (
    msgspec.DecodeError,
    UnicodeError,
    RecursionError,
    OverflowError,
)
"""What decoding hostile bytes has been seen to raise; not all are msgspec's own."""
