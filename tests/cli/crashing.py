"""A corpsync whose sinks make a mistake that has the address in its words and its frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

from corpsync_tui import cli
from corpsync_tui.esi.transports import Transports


def main(arguments: Sequence[str]) -> int:
    """Be `corpsync`, until a sink is sent something."""
    real = Transports.exchange

    def crash(self: Transports, request: Any) -> Any:
        if request.url.path.endswith("7f3a"):
            raise ZeroDivisionError(f"while {request.url} was asked")
        return real(self, request)

    with patch.object(Transports, "exchange", crash):
        return cli.main(arguments)
