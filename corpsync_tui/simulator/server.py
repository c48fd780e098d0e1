"""Runs the simulator on loopback, in a thread of its own."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Coroutine
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.simulator.control import Control
from corpsync_tui.simulator.life import live
from corpsync_tui.simulator.protocol import RememberingProtocol
from corpsync_tui.simulator.public import ControlDesk, Public
from corpsync_tui.simulator.state import build_state, keep_world
from corpsync_tui.simulator.verbs import Verbs

_HOST = "127.0.0.1"
_BACKLOG = 128
_STOP_SECONDS = 5.0


class _Server(uvicorn.Server):
    """uvicorn's server, but it stops at once instead of within two tenths of a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ending = asyncio.Event()

    async def main_loop(self) -> None:
        """Serve until told to end."""
        await self.ending.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drop what is open."""
        for server in self.servers:
            server.close()
        for listening in sockets or ():
            listening.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()
        await asyncio.sleep(0)


class Simulator(Verbs):
    """ESI, SSO and the static data at one address, with the control API's verbs as methods."""

    def __init__(self, config: SimulatorConfig | None = None) -> None:
        self.config = config or SimulatorConfig()
        self.state = build_state(self.config)
        self._control = Control(self.state)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)
        self._socket: socket.socket | None = None
        self._server: _Server | None = None

    @property
    def corporation_id(self) -> int:
        """The first corporation."""
        return next(iter(self.state.world.corporations))

    @property
    def character_id(self) -> int:
        """The first corporation's director, whom a login gives."""
        return self.state.world.corporations[self.corporation_id].ceo_id

    def start(self) -> "Simulator":
        """Listen; clients may connect as soon as this returns."""
        # With the protocol named, asyncio turns Nagle's delay off for the accepted connections.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((_HOST, self.config.port))
        self._socket.listen(_BACKLOG)
        self.url = self.state.sso.url = f"http://{_HOST}:{self._socket.getsockname()[1]}"
        app = Starlette(
            routes=[
                Mount("/_sim", ControlDesk(self._control)),
                Mount("/", Public(self.state, self._control)),
            ]
        )
        self._server = _Server(_server_config(app))
        self._loop = asyncio.new_event_loop()
        self._thread.start()
        return self

    def stop(self) -> None:
        """End all connections and stop listening."""
        if self._server is not None and self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._server.ending.set)
            self._thread.join(_STOP_SECONDS)

    def __enter__(self) -> "Simulator":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def call(self, method: str, verb: str, **fields: Any) -> dict[str, Any]:
        """Carry out a verb in the server's thread, between two requests."""
        if self._loop is None or not self._thread.is_alive():
            return self._control.call(method, verb, **fields)
        return asyncio.run_coroutine_threadsafe(
            self._in_turn(method, verb, fields), self._loop
        ).result()

    async def _in_turn(self, method: str, verb: str, fields: dict[str, Any]) -> dict[str, Any]:
        return self._control.call(method, verb, **fields)

    def _run(self) -> None:
        assert self._loop is not None  # noqa: S101 - start() made it
        asyncio.set_event_loop(self._loop)
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        life = asyncio.create_task(_maybe(live(self.state), wanted=self.config.demo))
        assert self._server is not None  # noqa: S101 - start() made it
        assert self._socket is not None  # noqa: S101 - start() made it
        await self._server.serve(sockets=[self._socket])
        life.cancel()
        keep_world(self.state)


async def _maybe(work: Coroutine[Any, Any, None], *, wanted: bool) -> None:
    if wanted:
        await work
    else:
        work.close()


def _server_config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=RememberingProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
    )
