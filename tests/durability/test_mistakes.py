"""An exception in a handler, a worker, a listener or upkeep: logged, told, and all goes on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual import events

from corpsync_tui.tui.screens.sync.process_table import ProcessTable
from corpsync_tui.tui.screens.sync.screen import SyncScreen
from tests.support.virtual import virtual_house
from tests.tui.stage import StageApp, corporation

pytestmark = pytest.mark.anyio

SECRET = "never-to-be-seen"


class OwnMistakeError(RuntimeError):
    """A mistake of corpsync's own."""


async def boom(*_: object, **__: object) -> None:
    hidden = SECRET
    raise OwnMistakeError(f"a mistake beside {len(hidden)} letters")


def boom_now(*_: object) -> None:
    raise OwnMistakeError("a mistake")


def by_action(app: StageApp, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(type(app), "action_notices", boom)
    app.simulate_key("n")


def by_screen_handler(app: StageApp, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SyncScreen, "on_key", boom, raising=False)
    app.screen.post_message(events.Key("z", "z"))


def by_widget_handler(app: StageApp, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ProcessTable, "on_key", boom, raising=False)
    app.screen.query_one(ProcessTable).post_message(events.Key("z", "z"))


def by_worker(app: StageApp, patch: pytest.MonkeyPatch) -> None:
    app.run_worker(boom(), exit_on_error=False)


def by_worker_of_a_screen(app: StageApp, patch: pytest.MonkeyPatch) -> None:
    app.screen.run_worker(boom())


def by_timer(app: StageApp, patch: pytest.MonkeyPatch) -> None:
    app.set_interval(0.01, boom)


def by_callback(app: StageApp, patch: pytest.MonkeyPatch) -> None:
    app.screen.call_after_refresh(boom)


WAYS = [
    by_action,
    by_screen_handler,
    by_widget_handler,
    by_worker,
    by_worker_of_a_screen,
    by_timer,
    by_callback,
]


@pytest.fixture(autouse=True)
def full_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.INFO):
        yield


@pytest.mark.parametrize("mistake", WAYS)
async def test_the_app_bears_a_mistake(
    mistake: Callable[[StageApp, pytest.MonkeyPatch], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = StageApp(corporation())
    async with app.run_test(size=(100, 30)) as pilot:
        await app.settle(pilot)
        with monkeypatch.context() as patch:
            mistake(app, patch)
            await told(app)
        assert app.is_running
        await pilot.press("question_mark")
        assert type(app.screen).__name__ == "HelpDialog"
        await pilot.press("escape")
        assert any("made a mistake (OwnMistakeError)" in str(n) for n in app.notices)
    assert app.return_code in (0, None)
    (record,) = [r for r in caplog.records if r.exc_info and "mistake" in r.getMessage()]
    assert record.exc_info is not None
    assert record.exc_info[0] is OwnMistakeError
    assert SECRET not in caplog.text


async def told(app: StageApp) -> None:
    """Wait until the mistake was told; then forget it, for tests of the screens stop at one."""
    async with asyncio.timeout(10):
        await app._exception_event.wait()
    assert isinstance(app._exception, OwnMistakeError)
    app._exception = None
    app._exception_event.clear()


async def test_a_listener_harms_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with virtual_house(tmp_path) as house:
        house.workspace.state.subscribe(boom_now)
        await house.workspace.start()
        await house.live(120)
        statuses = house.workspace.state.get_statuses()
        assert {status.status for status in statuses} == {"success"}
    assert "OwnMistakeError" in caplog.text


async def test_upkeep_and_names_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with virtual_house(tmp_path) as house:
        with monkeypatch.context() as patch:
            patch.setattr(house.workspace.roster, "refresh", boom)
            patch.setattr(house.workspace.names._resolver, "resolve", boom)
            await house.workspace.start()
            await house.live(120)
        assert caplog.text.count("OwnMistakeError: a mistake") >= 2
        assert {s.status for s in house.workspace.state.get_statuses()} == {"success"}
        asked: list[float] = []
        real = house.workspace.connection.tokens.keep_alive

        async def counted(characters: object) -> None:
            asked.append(house.clock.time())
            await real(characters)  # type: ignore[arg-type]

        monkeypatch.setattr(house.workspace.connection.tokens, "keep_alive", counted)
        house.simulator.tick(50)
        await house.live(2 * 3_600)
        assert len(asked) == 2
        names = await house.workspace.store.read(
            lambda db: db.execute("SELECT COUNT(*) FROM eve_name").fetchone()
        )
        assert names > (20,)


async def test_a_run_that_crashes_is_an_error_of_its_process_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with virtual_house(tmp_path) as house:
        assets = house.workspace.processes["assets"].datasets[0]
        monkeypatch.setattr(assets, "parse", boom_now)
        await house.workspace.start()
        await house.live(60)
        statuses = {s.process_type: s for s in house.workspace.state.get_statuses()}
        assert (statuses["assets"].status, statuses["assets"].error_kind) == ("error", "internal")
        assert "log" in str(statuses["assets"].error_message)
        others = {s.status for kind, s in statuses.items() if kind != "assets"}
        assert others == {"success"}
        monkeypatch.undo()
        await house.live(3_700)
        assert house.status("assets").status == "success"
    assert "OwnMistakeError" in caplog.text
    assert SECRET not in caplog.text
