"""The Login screen: what it says, what it takes, and the way out at each moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from corpsync_tui.errors import AuthError
from corpsync_tui.tui.screens.login.screen import LoginScreen
from corpsync_tui.tui.screens.login.text import client_id_flaw
from corpsync_tui.tui.screens.sync.screen import SyncScreen
from tests.tui.pictures import Compare, look_as_ever
from tests.tui.scenes import HOSTILE, SCENES
from tests.tui.stage import StageApp

pytestmark = pytest.mark.anyio


def read(app: StageApp) -> str:
    return "\n".join(app.text())


async def pressed(app: StageApp, pilot: Pilot[str], *keys: str) -> None:
    await pilot.press(*keys)
    await app.rest(pilot)


def cancelled(app: StageApp) -> int:
    return app.stage.asked.count(("cancel_login",))


@pytest.mark.parametrize(
    ("typed", "flaw"),
    [
        ("", "missing"),
        ("https://developers.eveonline.com", "something else"),
        ("esi-assets.read_assets.v1", "something else"),
        ("two words", "no space"),
        ("\x1b[31mred", "letters and digits"),
        ("[/b]", "letters and digits"),
    ],
)
def test_what_cannot_be_a_client_id_is_refused_with_a_reason(typed: str, flaw: str) -> None:
    assert flaw in (client_id_flaw(typed) or "")


def test_a_client_id_of_ccp_is_taken() -> None:
    assert client_id_flaw("0a1b2c3d4e5f60718293a4b5c6d7e8f9") is None


async def test_all_that_is_to_be_registered_can_be_copied_with_a_key() -> None:
    app = StageApp(SCENES["empty"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await app.rest(pilot)
        for key, copied in (
            ("n", "corpsync"),
            ("u", "http://localhost:8635/callback"),
            ("s", "esi-a.read.v1\nesi-b.read.v1\nesi-c.read.v1\nesi-roles.read.v1"),
        ):
            await pressed(app, pilot, key)
            assert app.clipboard == copied


async def test_a_login_is_for_all_processes_and_any_can_be_left_out() -> None:
    app = StageApp(SCENES["empty"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        assert "What it is for: all 2 processes (4 scopes)" in read(app)
        await pressed(app, pilot, "c", "G")
        for said in ("✓ Members", "✓ Wallet", "esi-c.read.v1", "shareholders"):
            assert said in read(app)
        await pressed(app, pilot, "space")
        assert "· Wallet" in read(app)
        await pressed(app, pilot, "escape")
        assert "What it is for: Members (2 scopes)" in read(app)
        await pressed(app, pilot, "s")
        assert app.clipboard == "esi-a.read.v1\nesi-roles.read.v1"
        await pressed(app, pilot, "i", *"abc", "enter")
        assert ("begin_login", "abc", "members") in app.stage.asked


async def test_a_login_for_nothing_is_no_login() -> None:
    app = StageApp(SCENES["empty"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "c", "a", "escape", "i", *"abc", "enter")
        assert "The login is for nothing yet: c chooses processes" in read(app)
        assert not any(name == "begin_login" for name, *_ in app.stage.asked)


async def test_a_login_that_ends_below_a_box_leaves_the_screen_once_that_is_closed() -> None:
    app = StageApp(SCENES["empty"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "i", *"abc", "enter", "c")
        app.stage.callback.set()
        await app.rest(pilot)
        assert "✓ Members" in read(app)  # the box is still there
        await pressed(app, pilot, "escape")
        assert isinstance(app.screen, SyncScreen)
        assert app.notices[0].sentence.endswith("is logged in")


async def test_waiting_counts_down_and_escape_ends_it_before_the_screen() -> None:
    app = StageApp(SCENES["empty"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "i", *"abc", "enter")
        assert "Waiting for the browser, 5:00 left" in read(app)
        app.clock.moment += timedelta(seconds=61)
        app._tick()
        await pilot.pause()
        assert "Waiting for the browser, 3:59 left · esc stops waiting" in read(app)
        await pressed(app, pilot, "escape")
        assert isinstance(app.screen, LoginScreen)
        assert "No longer waiting" in read(app)
        assert cancelled(app) == 1
        await pressed(app, pilot, "escape")
        assert isinstance(app.screen, SyncScreen)


async def test_a_refusal_is_one_sentence_and_the_next_try_begins_anew() -> None:
    app = StageApp(SCENES["empty"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        app.stage.failure = AuthError(f"the login was refused: {HOSTILE}")
        await pressed(app, pilot, "i", *"abc", "enter")
        assert "The login was refused: [/b]" in read(app)
        assert "\x1b" not in read(app)
        app.stage.failure = None
        await pressed(app, pilot, "b")
        assert "Waiting for the browser" in read(app)


async def test_a_wrong_pasted_address_lets_the_waiting_go_on() -> None:
    app = StageApp(SCENES["empty"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "i", *"abc", "enter")
        app.stage.failure = AuthError("this answer belongs to another login: begin anew")
        await pressed(app, pilot, "v", *"http", "enter")
        assert app.notices[0].sentence.startswith("this answer belongs to another login")
        app._tick()
        await pilot.pause()
        assert "Waiting for the browser" in read(app)
        assert app.screen.query_one("#pasted", Input).value == ""


@pytest.mark.parametrize("scene", ["waiting", "refused", "no-client-id", "what-for"])
def test_picture(scene: str, snap_compare: Compare) -> None:
    app = StageApp(SCENES["empty"]())

    async def act(pilot: Pilot[str]) -> None:
        await app.settle(pilot)
        if scene == "no-client-id":
            await pressed(app, pilot, "b")
        elif scene == "what-for":
            await pressed(app, pilot, "c", "space", "j")
        else:
            if scene == "refused":
                app.stage.failure = AuthError("the login was refused: access_denied")
            await pressed(app, pilot, "i", *"abc", "enter")

    look_as_ever(app, snap_compare, act)


async def test_a_long_address_can_be_read_whole_at_80x24() -> None:
    app = StageApp(SCENES["empty"]())

    async def begin_login(client_id: str, process_types: object = None) -> str:
        return "https://login.eveonline.com/authorize?" + "scope%20" * 120 + " END"

    app.stage.begin_login = begin_login  # type: ignore[method-assign]
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "i", *"abc", "enter")
        assert "END" not in read(app)
        await pressed(app, pilot, *["j"] * 20)
        assert "END" in read(app)
        await pressed(app, pilot, *["k"] * 20)
        assert "Log in with an EVE character" in read(app)
