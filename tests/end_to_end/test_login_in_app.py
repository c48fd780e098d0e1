"""From an empty data folder to a synced corporation, in the app alone, with all that goes wrong."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.members import PROCESS as MEMBERS
from corpsync_tui.catalog_index import entries
from corpsync_tui.simulator.config import DEFAULT_CLIENT_ID
from corpsync_tui.tui.screens.login.screen import LoginScreen
from corpsync_tui.tui.screens.sync.screen import SyncScreen
from tests.cli.logins import browse as browse_through
from tests.support.live import Live, open_app

pytestmark = pytest.mark.anyio


async def enter_client_id(live: Live, client_id: str) -> None:
    await live.press("i", "ctrl+u")
    await live.paste(client_id)
    await live.press("enter")


async def test_a_new_director_gets_from_nothing_to_a_synced_corporation(tmp_path: Path) -> None:
    async with open_app(tmp_path, logged_in=False, size=(80, 24)) as live:
        workspace, simulator = live.workspace, live.simulator
        settings_file = workspace.settings.config_file
        await live.until(lambda: isinstance(live.app.screen, LoginScreen))
        assert live.app.focused is None

        # The client id is checked before any browser opens, and kept only when it is known.
        await live.press("b")
        await live.reads("The client id is missing")
        await enter_client_id(live, "0a1b2c3d4e5f")
        await live.reads("CCP does not know this client id")
        assert not settings_file.exists() or "0a1b2c3d4e5f" not in settings_file.read_text()

        # A taken port is told, and works as soon as it is free.
        port = urlsplit(workspace.settings.callback_url).port
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", port))
            taken.listen()
            await enter_client_id(live, DEFAULT_CLIENT_ID)
            await live.reads(f"Port {port} cannot be used")

        # Denied in the browser.
        simulator.login(deny=True)
        await live.press("b")
        await live.reads("Waiting for the browser")
        await live.press("y")
        page = await asyncio.to_thread(browse_through, live.app.clipboard)
        assert "Not logged in" in page
        await live.reads("The login was refused")
        simulator.login(deny=False)
        assert DEFAULT_CLIENT_ID in settings_file.read_text()

        # The tab was closed.
        await live.press("b")
        await live.reads("Waiting for the browser")
        live.clock.gave_up.set()
        await live.reads("The browser did not come back")

        # Changed one's mind while waiting.
        await live.press("b")
        await live.reads("Waiting for the browser")
        await live.press("escape")
        await live.reads("No longer waiting")

        # An address of an earlier login, then the right one.
        await live.press("b")
        await live.reads("Waiting for the browser")
        await live.press("v")
        await live.paste(f"{workspace.settings.callback_url}?code=stale&state=old")
        await live.press("enter")
        await live.told("belongs to another login")
        await live.press("escape")
        address = await live.visit()
        await live.press("v")
        await live.paste(address)
        await live.press("enter")
        await live.told("Welcome, ")
        (corporation,) = simulator.world()
        greeting = live.app.notices[0].sentence
        assert corporation["name"] in greeting
        assert "Its first sync has begun" in greeting

        # The first sync starts by itself; all come in.
        assert isinstance(live.app.screen, SyncScreen)
        await live.until(lambda: live.state("members") in ("running", "current"))
        await live.press("a")
        await live.until(lambda: all(live.state(t) == "current" for t in entries()))
        assert corporation["name"] in live.read()
        rows = await workspace.store.read(
            lambda db: db.execute("SELECT COUNT(*) FROM member").fetchone()[0]
        )
        assert rows == len(simulator.truth("member"))


async def test_a_second_corporation_is_added_the_same_way(tmp_path: Path) -> None:
    async with open_app(tmp_path, processes=[MEMBERS], corporations=2) as live:
        await live.until(lambda: live.state("members") == "current")
        other = live.simulator.world()[1]
        live.simulator.login(character_id=other["characters"][0]["character_id"])
        await live.press("l")
        await live.until(lambda: isinstance(live.app.screen, LoginScreen))
        await live.press("b")
        await live.reads("Waiting for the browser")
        await live.press("y")
        page = await asyncio.to_thread(browse_through, live.app.clipboard)
        assert "is logged in" in page
        await live.told(f"of {other['name']}. Its first sync has begun")
        wanted = f"{other['corporation_id']}/members"
        await live.until(lambda: wanted in live.app.sync_state.process_ids())
        await live.until(lambda: live.app.sync_state.status(wanted).status == "success")
        await live.reads(other["name"])


async def test_leaving_the_login_shows_the_app_and_frees_the_port(tmp_path: Path) -> None:
    async with open_app(tmp_path, logged_in=False) as live:
        await live.until(lambda: isinstance(live.app.screen, LoginScreen))
        await enter_client_id(live, DEFAULT_CLIENT_ID)
        await live.reads("Waiting for the browser")
        await live.press("escape", "escape")
        await live.until(lambda: isinstance(live.app.screen, SyncScreen))
        assert live.read().count("Needs login") == len(ALL)
        port = urlsplit(live.workspace.settings.callback_url).port

        def is_free() -> bool:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                return probe.connect_ex(("127.0.0.1", port)) != 0

        await live.until(is_free)
