"""The connections to the outside, direct or through the proxy that the environment names.

httpx's transports are used without its client: cookies, redirects and authentication flows, none
of which ESI has, cost a fifth of each request. Each transport is built when it is first needed: a
simulator on this computer needs neither certificates nor proxies, whatever the environment says.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from urllib.request import getproxies, proxy_bypass

import httpx

from corpsync_tui.errors import NetworkError
from corpsync_tui.esi.urls import is_loopback

_PLAIN, _TLS = "plain", "tls"
"""The transports that go direct: to this computer without TLS, and anywhere with it."""
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


class NotConnectedError(NetworkError):
    """Nobody could be reached, so nothing was sent."""


class SetupError(NotConnectedError):
    """The environment names a proxy or certificates that cannot be used: trying again is no use."""


class Transports:
    """Sends requests, each by the transport that its address needs."""

    def __init__(self, connections: int) -> None:
        self._limits = httpx.Limits(
            max_connections=connections, max_keepalive_connections=connections
        )
        self._built: dict[str, httpx.AsyncHTTPTransport] = {}
        self._building = asyncio.Lock()

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the answer's body is still to be read, and the answer to be closed.

        Raises:
            SetupError: the proxy or the certificates that the environment names cannot be used.
            httpx.TransportError: the request failed on its way.
        """
        name = _transport_name(request.url)
        transport = self._built.get(name) or await self._build_once(name)
        return await transport.handle_async_request(request)

    async def _build_once(self, name: str) -> httpx.AsyncHTTPTransport:
        async with self._building:
            if name not in self._built:
                # Off the loop: reading the certificates takes 100 ms.
                self._built[name] = await asyncio.to_thread(self._build, name)
        return self._built[name]

    def _build(self, name: str) -> httpx.AsyncHTTPTransport:
        proxy = None if name in (_PLAIN, _TLS) else name
        # An empty context trusts nobody: it is never asked to.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if name == _PLAIN else _certificates()
        try:
            return httpx.AsyncHTTPTransport(verify=context, limits=self._limits, proxy=proxy)
        except (ImportError, ValueError, httpx.InvalidURL):
            raise SetupError(
                f"the proxy that {_variable_of(name)} names cannot be used: correct or unset it"
            ) from None

    async def aclose(self) -> None:
        """Close every connection."""
        built, self._built = self._built, {}
        for transport in built.values():
            await transport.aclose()


def _certificates() -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        named = certificates_variable()
        whose = f" that {named} names: correct or unset it" if named else ""
        raise SetupError(
            f"the certificates cannot be read ({error.strerror or 'damaged'}){whose}"
        ) from None


def certificates_variable() -> str | None:
    """The variable that names the certificates which are trusted; None where none does."""
    return next((name for name in _CERTIFICATES if os.environ.get(name)), None)


def _transport_name(url: httpx.URL) -> str:
    if is_loopback(url.host) and url.scheme == "http":
        return _PLAIN
    return _proxy(url) or _TLS


def _proxy(url: httpx.URL) -> str | None:
    """The proxy's address; this computer is reached directly, whatever the environment names."""
    if is_loopback(url.host):
        return None
    named = getproxies()
    proxy = named.get(url.scheme) or named.get("all")
    if proxy is None or proxy_bypass(url.host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def proxy_variable(url: httpx.URL) -> str | None:
    """Who names the proxy through which an address is reached; None where it is direct."""
    proxy = _proxy(url)
    return None if proxy is None else _variable_of(proxy)


def _variable_of(proxy: str) -> str:
    named = (name for name, value in os.environ.items() if value and proxy.endswith(value))
    return next((n for n in named if n.lower().endswith("_proxy")), "the environment")
