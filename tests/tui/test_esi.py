"""Screen 4: what the director reads of limits and logins, and what each key asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from corpsync_tui.esi.requestlog import SentRequest
from corpsync_tui.service.esi_status import (
    CharacterStatus,
    EsiStatus,
    ReferenceStatus,
    ScopeUse,
)
from corpsync_tui.tui.screens.esi.character_text import troubles
from corpsync_tui.tui.screens.esi.remove import RemoveDialog
from corpsync_tui.tui.screens.esi.screen import EsiScreen
from corpsync_tui.tui.screens.login.screen import LoginScreen
from corpsync_tui.tui.screens.sync.screen import SyncScreen
from tests.tui import esi_stage as stage
from tests.tui.pictures import Compare, look_as_ever
from tests.tui.scenes import HOSTILE, SCENES
from tests.tui.stage import HEDU, StageApp, StageService, ago

pytestmark = pytest.mark.anyio

Opened = tuple[StageApp, StageService, Pilot[str]]


@asynccontextmanager
async def opened(
    *people: CharacterStatus, size: tuple[int, int] = (80, 24), state: EsiStatus | None = None
) -> AsyncIterator[Opened]:
    """The ESI screen over these characters."""
    app = on_stage(people or [stage.well()], state)
    async with app.run_test(size=size, notifications=True) as pilot:
        await app.settle(pilot)
        await pilot.press("4")
        await app.rest(pilot)
        assert isinstance(app.screen, EsiScreen)
        app.stage.asked.clear()
        yield app, app.stage, pilot


def on_stage(people: Sequence[CharacterStatus], state: EsiStatus | None = None) -> StageApp:
    app = StageApp(SCENES["idle"]())
    app.stage.esi = replace(state or stage.esi(), characters=tuple(people))
    return app


async def pressed(app: StageApp, pilot: Pilot[str], *keys: str) -> None:
    await pilot.press(*keys)
    await app.rest(pilot)


def read(app: StageApp) -> str:
    return "\n".join(app.text())


async def test_every_limit_shows_what_is_left_and_who_wants_it() -> None:
    async with opened() as (app, _, pilot):
        text = read(app)
        assert "1,790/1,800" in text
        assert "Assets 10" in text
        assert "Wallet 30" in text
        assert "97/100" in text
        assert "stopped for 3m by ESI" in text
        assert "cluster ● up, 23,412 at 11:05" in text
        assert "412 requests, 180 unchanged" in text
        await pressed(app, pilot, *["tab"] * 4)
        assert "/corporations/98000001/assets?page=2" in read(app)


async def test_the_last_requests_tell_status_cost_and_time() -> None:
    async with opened(size=(140, 40)) as (app, _, _):
        (newest,) = [line for line in app.text() if "assets?page=2" in line]
        assert "14:04:54 304  1 tok   0.10s" in newest
        (refused,) = [line for line in app.text() if "POST /universe/names" in line]
        assert "404  1 error" in refused
        (lost,) = [line for line in app.text() if "/orders" in line]
        assert "none" in lost
        assert "limit reached, 3m" in read(app)


@pytest.mark.parametrize(
    ("character", "key", "sentence"),
    [
        (stage.revoked(), "L", "The login of Aldra Vex has ended"),
        (stage.sold(), "L", "Aldra Vex has a new owner"),
        (stage.scopeless(), "L", "1 scope not granted: blocks Wallet"),
        (stage.demoted(), "r", "Role Accountant is missing: blocks Wallet"),
        (stage.gone(), "l", "It left Hedion Freight Union"),
        (stage.orphan(), "l", "Nobody of it is logged in"),
    ],
    ids=["revoked", "sold", "scope", "role", "left", "nobody"],
)
async def test_each_trouble_names_the_one_key_that_mends_it(
    character: CharacterStatus, key: str, sentence: str
) -> None:
    (trouble,) = troubles(character)
    assert trouble.key == key
    async with opened(character, size=(140, 40)) as (app, service, pilot):
        assert sentence in read(app)
        await pressed(app, pilot, key)
        if key == "r":
            assert service.asked == [("check_access", HEDU)]
        else:
            assert isinstance(app.screen, LoginScreen)
            assert (f"Log {character.name} in again" in read(app)) == (key == "L")


async def test_what_others_serve_is_no_trouble() -> None:
    assert troubles(stage.helper()) == []
    async with opened(stage.well(), stage.helper(), size=(140, 40)) as (app, _, pilot):
        await pressed(app, pilot, "j")
        assert "Aldra Vex is used" in read(app)


async def test_a_character_is_removed_only_after_enter() -> None:
    async with opened() as (app, service, pilot):
        await pressed(app, pilot, "x")
        assert isinstance(app.screen, RemoveDialog)
        assert "All rows and the whole history stay" in read(app)
        await pressed(app, pilot, "escape")
        assert service.asked == []
        await pressed(app, pilot, "x", "enter")
        assert service.asked == [("log_out", 9001)]
        assert app.notices[0].sentence == "Aldra Vex is logged out; all data stays."


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1 process uses it; others"), (2, "2 processes use it; others")]
)
async def test_a_character_says_what_it_serves_before_it_is_removed(number: int, said: str) -> None:
    async with opened(stage.well(processes=stage.processes()[:number])) as (app, _, pilot):
        await pressed(app, pilot, "x")
        assert said in read(app)


async def test_the_director_chooses_who_serves_a_process() -> None:
    async with opened(stage.well(), stage.helper()) as (app, service, pilot):
        await pressed(app, pilot, "enter", *"jjjj", "enter")
        assert "Choose the character for Wallet" in read(app)
        await pressed(app, pilot, "j", "j", "enter")
        assert service.asked == [("choose_character", f"{HEDU}/wallet", 9002)]
        await pressed(app, pilot, "w", "enter")
        assert service.asked[-1] == ("choose_character", f"{HEDU}/wallet", None)


async def test_what_changes_meanwhile_is_seen() -> None:
    async with opened() as (app, service, pilot):
        service.move_esi(stage.esi(stage.revoked()))
        await pilot.pause()
        assert "The login of Aldra Vex has ended" in read(app)


async def test_without_a_character_the_keys_say_what_to_do() -> None:
    async with opened(stage.orphan()) as (app, service, pilot):
        for key in ("L", "x"):
            await pressed(app, pilot, key)
            assert app.notices[0].sentence == "No character is under the cursor: l logs one in"
        await pressed(app, pilot, "w")
        assert "No process is under the cursor" in app.notices[0].sentence
        assert service.asked == []


async def test_escape_leads_back_to_the_characters_then_to_sync() -> None:
    async with opened() as (app, _, pilot):
        await pressed(app, pilot, "tab", "tab", "escape")
        assert app.focused is not None
        assert app.focused.id == "characters"
        await pressed(app, pilot, "escape")
        assert isinstance(app.screen, SyncScreen)


async def test_copying_takes_the_pane_in_focus() -> None:
    async with opened(stage.demoted()) as (app, _, pilot):
        await pressed(app, pilot, "tab", "tab", "y")
        assert "Role Accountant is missing: blocks Wallet." in app.clipboard
        await pressed(app, pilot, "tab", "y")
        assert "corp-wallet" in app.clipboard


async def test_an_empty_pane_has_nothing_to_copy() -> None:
    app = on_stage([], replace(stage.esi(), requests=()))
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        await app.settle(pilot)
        await pressed(app, pilot, "4")
        assert "No character is logged in" in read(app)
        await pressed(app, pilot, "y", "tab", "y", "tab", "y", "tab", "tab", "y")
        assert [notice.sentence for notice in app.notices] == ["There is nothing to copy"] * 4
        assert app.clipboard == ""
        await pressed(app, pilot, "shift+tab", "y")
        assert "errors" in app.clipboard


def hostile() -> CharacterStatus:
    """A character all of whose texts come from a bad place."""
    access = replace(stage.blocked("wallet", f"role:{HOSTILE}"), server="")
    return stage.well(
        name=HOSTILE,
        corporation=HOSTILE,
        left=HOSTILE,
        roles=(HOSTILE,),
        missing_roles=(HOSTILE,),
        missing_scopes=(ScopeUse(HOSTILE, HOSTILE),),
        processes=stage.processes(wallet=access, members=replace(access, server=HOSTILE)),
    )


def hostile_esi() -> EsiStatus:
    bad = SentRequest(ago(1).timestamp(), HOSTILE, HOSTILE, 9001, HOSTILE, 200, 2, 0.1)
    bucket = replace(stage.esi().buckets[0], group=HOSTILE, whose=HOSTILE)
    return replace(stage.esi(), requests=(bad,), buckets=(bucket,))


async def test_hostile_texts_stay_texts() -> None:
    async with opened(hostile(), size=(140, 40), state=hostile_esi()) as (app, _, pilot):
        await pressed(app, pilot, "x")
        text = read(app)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "[/b]" in text
        await pressed(app, pilot, "escape", "L")
        assert "\x1b" not in read(app)


PICTURES: dict[str, tuple[Sequence[CharacterStatus], Sequence[str]]] = {
    "well": ([stage.well()], []),
    "role": ([stage.demoted()], ["tab"]),
    "scope": ([stage.scopeless()], ["tab", "tab"]),
    "revoked": ([stage.revoked(), stage.helper()], []),
    "left": ([stage.gone(), stage.orphan()], []),
    "two-characters": ([stage.well(), stage.helper()], ["j"]),
    "requests": ([stage.well()], ["tab", "tab", "tab", "tab"]),
    "remove": ([stage.well()], ["x"]),
    "choose": ([stage.well(), stage.helper()], ["enter", "j", "j", "j", "j", "w"]),
    "nobody": ([], []),
    "hostile": ([hostile()], []),
}


@pytest.mark.parametrize("name", PICTURES)
def test_picture(name: str, snap_compare: Compare) -> None:
    people, keys = PICTURES[name]
    app = on_stage(people, hostile_esi() if name == "hostile" else None)

    async def act(pilot: Pilot[str]) -> None:
        await app.settle(pilot)
        await pressed(app, pilot, "4")
        for key in keys:
            await pressed(app, pilot, key)

    look_as_ever(app, snap_compare, act)


@pytest.mark.parametrize(
    ("reference", "line"),
    [
        (ReferenceStatus(), "Reference data none yet  u: read them from CCP  prices none yet"),
        (
            ReferenceStatus(step="Reading mapMoons", progress=55.4),
            "Reference data ⟳ Reading mapMoons ━━━━━╸────  55%  u: stop",
        ),
        (
            ReferenceStatus(ago(60), 3_142_455, ago(4 * 1440), ago(180)),
            "Reference data ● build 3,142,455, 10 Mar  prices of 11:05",
        ),
    ],
    ids=["none", "reading", "there"],
)
async def test_static_data_and_prices_are_told_with_their_age(
    reference: ReferenceStatus, line: str
) -> None:
    async with opened(state=replace(stage.esi(), reference=reference)) as (app, service, pilot):
        assert line in read(app)
        await pressed(app, pilot, "u")
        assert service.asked == [("update_reference",)]
        assert "CCP's newest static data were read." in read(app)
