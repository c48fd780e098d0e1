"""The loopback address that the browser comes back to: one path, one request, one page."""

from __future__ import annotations

import asyncio
import html

from corpsync_tui.errors import AuthError
from corpsync_tui.esi.secret import Secret
from corpsync_tui.esi.urls import parse
from corpsync_tui.waiting import outlasting

HEAD_TIME = 10.0
"""Seconds in which a browser must have sent its request."""
LARGEST_HEAD = 32_768
"""Bytes of a request's head."""
VERDICT_TIME = 10.0
"""Seconds that the browser's page waits for how the login went."""

_HEADERS = (
    "Content-Type: text/html; charset=utf-8\r\n"
    "Content-Security-Policy: default-src 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cache-Control: no-store\r\n"
    "Connection: close\r\n"
)
_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>corpsync</title>'
    "<h1>{title}</h1><p>{text}</p><p>You can close this tab.</p></html>"
)


class Callback:
    """Listens on this computer alone, until the first request on its exact path."""

    def __init__(self, url: str) -> None:
        address = parse(url)
        if address is None or address.scheme != "http" or not address.loopback:
            raise AuthError(f"the callback address {url} must be http on this computer")
        self._host = "127.0.0.1" if address.host == "localhost" else address.host
        self._port = address.port
        self._path = address.path or "/"
        self._server: asyncio.Server | None = None
        loop = asyncio.get_running_loop()
        self._query: asyncio.Future[Secret] = loop.create_future()
        self._verdict: asyncio.Future[str] = loop.create_future()
        self._handlers: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Begin to listen.

        Raises:
            AuthError: the port is taken.
        """
        try:
            self._server = await asyncio.start_server(
                self._accept, self._host, self._port, limit=LARGEST_HEAD
            )
        except OSError as error:
            raise AuthError(
                f"port {self._port} cannot be used for the login ({error.strerror}): close what "
                "uses it, or register another callback address and set CORPSYNC_CALLBACK_URL"
            ) from None

    async def arrival(self) -> Secret:
        """The query of the first request on the exact path."""
        return await outlasting(self._query)

    def answer(self, text: str, *, done: bool) -> None:
        """What the browser's page says."""
        if not self._verdict.done():
            self._verdict.set_result(_page("Logged in" if done else "Not logged in", text))

    async def aclose(self) -> None:
        """Stop listening, and let the page reach the browser."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        self.answer("corpsync no longer waits for this login.", done=False)
        if self._handlers:
            await asyncio.wait(self._handlers, timeout=1.0)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Keep each connection's task, for asyncio holds it weakly."""
        task = asyncio.create_task(self._handle(reader, writer), name="login callback")
        self._handlers.add(task)
        task.add_done_callback(self._handlers.discard)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_TIME):
                head = await reader.readuntil(b"\r\n\r\n")
            writer.write(await self._answer(head))
            await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever that was has gone, or sends junk
        finally:
            writer.close()

    async def _answer(self, head: bytes) -> bytes:
        words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/"):
            return _response("400 Bad Request", _page("Not understood", ""))
        path, _, query = words[1].partition("?")
        if path != self._path or self._query.done():
            return _response("404 Not Found", _page("Nothing here", ""))
        if words[0] != "GET":
            return _response("405 Method Not Allowed", _page("Nothing here", ""))
        self._query.set_result(Secret(query))
        return _response("200 OK", await self._told())

    async def _told(self) -> str:
        await asyncio.wait({self._verdict}, timeout=VERDICT_TIME)
        if self._verdict.done():
            return self._verdict.result()
        return _page("corpsync goes on", "The terminal says how it went.")


def _page(title: str, text: str) -> str:
    return _PAGE.format(title=html.escape(title), text=html.escape(text))


def _response(status: str, page: str) -> bytes:
    body = page.encode("utf-8", "replace")
    return f"HTTP/1.1 {status}\r\n{_HEADERS}Content-Length: {len(body)}\r\n\r\n".encode() + body
