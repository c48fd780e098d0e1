"""A sink that a command forgets while corpsync is open: it is removed, or has a new address."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from corpsync_tui.alerts.addresses import entry_of
from corpsync_tui.alerts.queue import forget_sink, read_sinks
from corpsync_tui.alerts.sinks.message import Answer, Message
from corpsync_tui.esi.secret import Secret
from corpsync_tui.esi.vault import open_vault
from corpsync_tui.queries.alerts import OpenAlert
from corpsync_tui.settings import load_settings
from tests.alerts.outbox_house import NIGHT, House, alert, opened
from tests.support.webhook import Webhook, serving

pytestmark = pytest.mark.anyio


async def send_and_forget(
    house: House, monkeypatch: pytest.MonkeyPatch, *found: Sequence[OpenAlert]
) -> None:
    """Send what waits; the sink is forgotten as its answer comes, and then these are found."""
    send = house.outbox.delivery.send

    async def send_slowly(sink: str, message: Message) -> Answer:
        answer: Answer = await send(sink, message)
        await house.store.write(lambda db: forget_sink(db, sink))
        for alerts in found:
            await house.find(*alerts)
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(house.outbox.delivery, "send", send_slowly)
        await house.pass_time(20)


async def test_a_webhook_that_is_added_anew_while_the_former_is_refused_stays_on(
    tmp_path: Path, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook.answers = [(404, {})]
    async with opened(tmp_path, webhook) as house:
        await house.find(alert("1"))
        await send_and_forget(house, monkeypatch)
        await house.find()
        await house.find(alert("2", "Back."))
        await house.pass_time(25)
    assert webhook.titles == ["Back."]


async def test_what_came_of_a_message_says_nothing_of_a_later_one_with_its_number(
    tmp_path: Path, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, webhook) as house:
        await house.find(alert("1"))
        await send_and_forget(house, monkeypatch, (), [alert("2", "Urgent.")])
        await house.pass_time(25)
    assert webhook.titles[-1] == "Urgent."


@pytest.mark.parametrize("at_writing", [False, True])
async def test_nothing_goes_to_the_former_address_of_a_webhook_that_was_added_again(
    tmp_path: Path, webhook: Webhook, monkeypatch: pytest.MonkeyPatch, at_writing: bool
) -> None:
    vault = open_vault(load_settings({"CORPSYNC_HOME": str(tmp_path), "CORPSYNC_KEYRING": "file"}))
    with serving() as newer:
        async with opened(tmp_path, webhook) as house:
            await house.find(alert("1", "Before."))
            await house.pass_time(25)
            vault.write(entry_of("discord"), Secret(newer.url))
            await house.store.write(lambda db: forget_sink(db, "discord"))
            if at_writing:  # it is forgotten between the look and the write
                with monkeypatch.context() as patched:
                    patched.setattr(house.outbox, "look", house.states)
                    await house.find()
            await house.find(alert("2", "Still silent."))
            await house.find(alert("3", "Since."))
            await house.pass_time(25)
        assert (webhook.titles, newer.titles) == (["Before."], ["Since."])


async def test_nothing_goes_to_a_webhook_that_was_removed(tmp_path: Path, webhook: Webhook) -> None:
    vault = open_vault(load_settings({"CORPSYNC_HOME": str(tmp_path), "CORPSYNC_KEYRING": "file"}))
    async with opened(tmp_path, webhook) as house:
        vault.erase(entry_of("discord"))
        await house.store.write(lambda db: forget_sink(db, "discord"))
        await house.find(alert("1"))
        await house.find(alert("2"))
        await house.pass_time(25)
    assert webhook.bodies == []


async def test_a_sink_that_is_forgotten_as_its_digest_is_due_stays_forgotten(
    tmp_path: Path, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, webhook, NIGHT + 11 * 3_600, digest="12:00") as house:
        await house.find(alert("1"))
        await house.pass_time(25)
        house.clock.jump(2 * 3_600)

        def forget(sink: str) -> bool:
            with closing(sqlite3.connect(tmp_path / "data/corpsync.db")) as db, db:
                forget_sink(db, sink)
            return True

        with monkeypatch.context() as patched:
            patched.setattr(house.outbox, "_has_digest", forget)
            await house.outbox.send_next("discord")
        assert await house.store.read(read_sinks) == {}
        assert await house.states() == []
