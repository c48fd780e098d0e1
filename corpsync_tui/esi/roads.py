"""The connections to the outside, straight or through the proxy that the environment names.

httpx's transports are used without its client: cookies, redirects and authentication flows, none
of which ESI has, cost a fifth of each request.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.request import getproxies, proxy_bypass

import httpx

from corpsync_tui.esi.urls import URLS_HELD, is_loopback


class Roads:
    """Building them takes 100 ms, for the certificates are read."""

    def __init__(self, connections: int) -> None:
        """Raises what httpx raises for a proxy that it cannot use: ImportError, ValueError."""
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        context = httpx.create_ssl_context()
        self._straight = httpx.AsyncHTTPTransport(verify=context, limits=limits)
        named = getproxies()
        self._proxies = {
            scheme: httpx.AsyncHTTPTransport(
                verify=context, limits=limits, proxy=proxy if "://" in proxy else f"http://{proxy}"
            )
            for scheme in ("http", "https")
            if (proxy := named.get(scheme) or named.get("all"))
        }

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the answer's body is still to be read, and the answer to be closed."""
        return await self._to(request.url).handle_async_request(request)

    def _to(self, url: httpx.URL) -> httpx.AsyncHTTPTransport:
        """This computer is reached straight, whatever proxy the environment names."""
        proxy = self._proxies.get(url.scheme)
        if proxy is None or is_loopback(url.host) or proxy_bypass(url.host):
            return self._straight
        return proxy

    async def aclose(self) -> None:
        """Close every connection."""
        for transport in (self._straight, *self._proxies.values()):
            await transport.aclose()


@lru_cache(maxsize=URLS_HELD)
def parsed(url: str) -> httpx.URL:
    """An address in its parts."""
    return httpx.URL(url)
