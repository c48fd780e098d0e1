"""The connections to the outside, direct or through the proxy that the environment names.

httpx's transports are used without its client: cookies, redirects and authentication flows, none
of which ESI has, cost a fifth of each request. Each transport holds one connection, for httpx looks
at all that it holds before and after each request: with four, a tenth of it again. What a transport
needs is read when it is first needed: a simulator on this computer needs neither certificates nor
proxies, whatever the environment says.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from urllib.request import getproxies, proxy_bypass

import httpx

from corpsync_tui.errors import NetworkError
from corpsync_tui.esi.urls import is_loopback

_PLAIN, _TLS = "plain", "tls"
"""The transports that go direct: to this computer without TLS, and anywhere with it."""
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_LIMITS = httpx.Limits(max_keepalive_connections=1)
_KEPT = 5.0
"""Seconds for which a connection that nobody uses stays open; httpx reuses none that is older."""


class NotConnectedError(NetworkError):
    """Nobody could be reached, so nothing was sent."""


class SetupError(NotConnectedError):
    """The environment names a proxy or certificates that cannot be used: trying again is no use."""


@dataclass(frozen=True, slots=True)
class _Idle:
    """A transport that nobody uses, where its connection leads, and since when."""

    transport: httpx.AsyncHTTPTransport
    name: str
    server: bytes
    since: float


class Transports:
    """Sends requests, each by a transport that its address needs."""

    def __init__(self) -> None:
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._reading = asyncio.Lock()
        self._idle: list[_Idle] = []
        """The one used last at the end; another list once all were closed."""

    @asynccontextmanager
    async def exchange(self, request: httpx.Request) -> AsyncIterator[httpx.Response]:
        """Send a request; within the block its answer's body can be read.

        Raises:
            SetupError: the proxy or the certificates that the environment names cannot be used.
            httpx.TransportError: the request failed on its way.
        """
        name, server, idle = _transport_name(request.url), request.url.netloc, self._idle
        await self._close_unused()
        transport = self._reuse(name, server) or await self._build(name)
        try:
            response = await transport.handle_async_request(request)
            try:
                yield response
            finally:
                await response.aclose()
        except BaseException:
            await transport.aclose()
            raise
        if idle is self._idle:
            idle.append(_Idle(transport, name, server, monotonic()))
        else:
            await transport.aclose()

    def _reuse(self, name: str, server: bytes) -> httpx.AsyncHTTPTransport | None:
        for place in reversed(range(len(self._idle))):
            found = self._idle[place]
            if found.server == server and found.name == name:
                del self._idle[place]
                return found.transport
        return None

    async def _close_unused(self) -> None:
        while self._idle and self._idle[0].since < monotonic() - _KEPT:
            await self._idle.pop(0).transport.aclose()

    async def _build(self, name: str) -> httpx.AsyncHTTPTransport:
        async with self._reading:
            if name not in self._contexts:
                # Off the loop: reading the certificates takes 100 ms.
                self._contexts[name] = await asyncio.to_thread(_read_context, name)
        proxy = None if name in (_PLAIN, _TLS) else name
        try:
            return httpx.AsyncHTTPTransport(
                verify=self._contexts[name], limits=_LIMITS, proxy=proxy
            )
        except (ImportError, ValueError, httpx.InvalidURL):
            raise SetupError(
                f"the proxy that {_variable_of(name)} names cannot be used: correct or unset it"
            ) from None

    async def aclose(self) -> None:
        """Close every connection; one in use as soon as it has its answer."""
        idle, self._idle = self._idle, []
        for each in idle:
            await each.transport.aclose()


def _read_context(name: str) -> ssl.SSLContext:
    # An empty context trusts nobody: it is never asked to.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if name == _PLAIN else _certificates()


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
