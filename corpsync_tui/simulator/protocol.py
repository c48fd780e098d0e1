"""The HTTP protocol of the server, which remembers the connection beneath each request."""

import asyncio

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_Ends = tuple[tuple[str, int | None] | None, tuple[str, int] | None]
_transports: dict[_Ends, asyncio.Transport] = {}


class RememberingProtocol(H11Protocol):
    """uvicorn's protocol; `transport_of` finds its connection for a request that shall go wrong."""

    # asyncio gives a Transport here, as uvicorn's own signature says against the base class.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the connection."""
        super().connection_made(transport)
        _transports[self.server, self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        _transports.pop((self.server, self.client), None)
        super().connection_lost(exc)


def transport_of(scope: Scope) -> asyncio.Transport:
    """The connection that a request came in on."""
    return _transports[scope["server"], scope["client"]]
