"""What a Discord webhook is sent: each fact once, within its limits, until it was accepted."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pytest

from corpsync_tui.alerts import kept
from corpsync_tui.alerts.queue import forget_sink, read_sinks
from corpsync_tui.alerts.rules import sinks_gone
from corpsync_tui.alerts.sink_report import report_sinks
from corpsync_tui.alerts.sinks import post
from corpsync_tui.catalog.kit.rules import RuleContext
from corpsync_tui.errors import DatabaseError
from corpsync_tui.esi.secret import Entry, Secret
from corpsync_tui.esi.vault import AsyncVault, FileVault
from corpsync_tui.queries.alerts import OpenAlert
from tests.alerts.outbox_house import NIGHT, alert, opened
from tests.support.database import CORPORATION
from tests.support.webhook import Webhook, serving

pytestmark = pytest.mark.anyio


def files_with(folder: Path, text: bytes) -> list[Path]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return [file for file in files if text in file.read_bytes()]


async def test_a_message_is_exactly_what_discord_wants(tmp_path: Path, webhook: Webhook) -> None:
    async with opened(tmp_path, webhook, discord_mention="4711") as house:
        await house.find(alert("1", "Low *fuel* in <@99> [x](https://evil)\x1b[2J"))
        await house.pass_time(25)
    (body,) = webhook.accepted
    assert body["username"] == "corpsync"
    assert body["allowed_mentions"] == {"parse": [], "roles": ["4711"]}
    assert body["content"] == "<@&4711>"
    (embed,) = body["embeds"]
    assert embed["title"] == ("Low \\*fuel\\* in \\<\\@99\\> \\[x\\]\\(https\\://evil\\)␛\\[2J")
    assert embed["footer"] == {"text": "Hedion Freight Union · high · floor"}


async def test_a_new_sink_starts_silent_and_a_fact_is_sent_once(
    tmp_path: Path, webhook: Webhook
) -> None:
    async with opened(tmp_path, webhook) as house:
        await house.store.write(lambda db: forget_sink(db, "discord"))
        await house.find(alert("before"))
        await house.find(alert("1"))
        await house.find(alert("1"))
        await house.pass_time(25)
    async with opened(tmp_path, webhook) as house:
        await house.find(alert("1"))
        await house.pass_time(25)
    assert len(webhook.titles) == 1


async def test_only_what_reaches_the_level_is_sent(tmp_path: Path, webhook: Webhook) -> None:
    async with opened(tmp_path, webhook) as house:
        await house.find(alert("1", "Rises.", "medium"), alert("2", "Stays.", "medium"))
        await house.find(alert("1", "Rises.", "high"))
        await house.find(alert("1", "Rises.", "high"))
        await house.pass_time(25)
    assert webhook.titles == ["Rises."]


async def test_what_is_muted_is_not_sent(tmp_path: Path, webhook: Webhook) -> None:
    async with opened(tmp_path, webhook, mute=("floor:1",)) as house:
        await house.store.write(lambda db: kept.mute(db, alert("2"), "alert", None))
        await house.find(alert("1", "One."), alert("2", "Two."), alert("3", "Three."))
        await house.pass_time(25)
    assert webhook.titles == ["Three."]


async def test_limits_hold_for_the_longest_texts(tmp_path: Path, webhook: Webhook) -> None:
    async with opened(tmp_path, webhook) as house:
        await house.find(*(alert(str(n), f"{n} " + "*😀" * 2_000) for n in range(20)))
        await house.pass_time(120)
    assert len(webhook.titles) == 20
    for body in webhook.accepted:
        assert len(body["embeds"]) <= 10
        text = 0
        for embed in body["embeds"]:
            assert len(embed["title"]) <= 256
            assert len(embed.get("description", "")) <= 4_096
            assert not embed["title"].rstrip("…").endswith("\\")
            text += len(embed["title"] + embed.get("description", "") + embed["footer"]["text"])
        assert text <= 6_000


async def test_messages_keep_their_pace(tmp_path: Path, webhook: Webhook) -> None:
    async with opened(tmp_path, webhook) as house:
        await house.find(*(alert(str(n)) for n in range(20)))
        await house.pass_time(20)
        assert len(webhook.bodies) == 1
        await house.pass_time(2)
        assert len(webhook.bodies) == 1
        await house.pass_time(1)
        assert len(webhook.bodies) == 2


async def test_a_flood_is_one_digest(tmp_path: Path, webhook: Webhook) -> None:
    async with opened(tmp_path, webhook) as house:
        await house.find(*(alert(str(n), f"Fact {n}.") for n in range(300)))
        await house.pass_time(60)
        assert set(await house.states()) == {"sent"}
    (body,) = webhook.accepted
    (embed,) = body["embeds"]
    assert embed["title"] == "corpsync: 300 alerts"
    assert "280 more \\(floor 280\\)" in embed["description"]


async def test_a_429_is_obeyed(tmp_path: Path, webhook: Webhook) -> None:
    webhook.answers = [(429, {"retry_after": 42.5, "global": False})]
    async with opened(tmp_path, webhook) as house:
        await house.find(alert("1"))
        await house.pass_time(20)
        assert len(webhook.bodies) == 1
        await house.find(alert("2"))
        await house.pass_time(42)
        assert len(webhook.bodies) == 1
        await house.pass_time(2)
        assert len(webhook.titles) == 2


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ({"headers": {"Retry-After": "30"}}, 30),
        ({}, 5),
        ({"retry_after": "soon"}, 5),
        ({"retry_after": -1}, 5),
        ({"retry_after": 1e9}, 3_600),
        ({"retry_after": float("nan")}, 5),
    ],
    ids=str,
)
async def test_a_429_of_any_form_is_obeyed(
    tmp_path: Path, webhook: Webhook, said: dict[str, Any], wait: int
) -> None:
    webhook.answers = [(429, said)]
    async with opened(tmp_path, webhook, digest="") as house:
        await house.find(alert("1"))
        await house.pass_time(21)
        await house.pass_time(wait - 3, looks=min(wait - 3, 109))
        assert len(webhook.bodies) == 1
        await house.pass_time(4)
    assert len(webhook.titles) == 1


async def test_a_bucket_that_is_empty_is_left_alone_until_it_is_full(
    tmp_path: Path, webhook: Webhook
) -> None:
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "17.5"}
    webhook.answers = [(200, {"headers": spent})]
    async with opened(tmp_path, webhook) as house:
        await house.find(*(alert(str(n)) for n in range(12)))
        await house.pass_time(36)
        assert len(webhook.accepted) == 1
        await house.pass_time(4)
    assert [len(body["embeds"]) for body in webhook.accepted] == [10, 2]


async def test_a_slow_answer_holds_up_its_sink_alone(
    tmp_path: Path, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "BOUNDS", replace(post.BOUNDS, read=0.2))
    with serving() as other:
        async with opened(tmp_path, webhook, webhook="high") as house:
            house.outbox.delivery._urls["webhook"] = Secret(other.url)
            await house.find(alert("1"))
            webhook.answering.clear()
            await house.pass_time(20)
            await house.pass_time(3, "webhook")
            assert (len(webhook.bodies), len(other.accepted)) == (1, 1)
            assert "waiting" in await house.states()
            webhook.answering.set()
            await house.pass_time(6)
            assert len(webhook.titles) == 2  # it had heard the first, too
            assert set(await house.states()) == {"sent"}


async def test_a_webhook_is_sent_the_items_as_they_are_listed(
    tmp_path: Path, webhook: Webhook
) -> None:
    async with opened(tmp_path, webhook, discord="off", webhook="low") as house:
        found = [alert("1", "*Fuel* ends @everyone."), alert("2", "Low.", "low")]
        await house.find(*found)
        await house.pass_time(25, "webhook")
        expected = [a.item() | {"corporation": "Hedion Freight Union"} for a in found]
        assert webhook.accepted == [{"items": expected}]
        await house.find(*(alert(f"more {n}", f"{n}") for n in range(30)))
        await house.pass_time(25, "webhook")
    assert webhook.accepted[1]["digest"] == "corpsync: 30 alerts"
    assert len(webhook.accepted[1]["items"]) == 30


async def test_alerts_of_two_corporations_are_told_apart(tmp_path: Path, webhook: Webhook) -> None:
    async with opened(tmp_path, webhook) as house:
        other = CORPORATION + 1
        sql = (
            "INSERT INTO corporation (corporation_id, name, ticker) VALUES (?, 'Other *Corp*', 'O')"
        )
        await house.store.write(lambda db: db.execute(sql, (other,)))
        await house.find(alert("1"), alert("1", corporation_id=other))
        await house.pass_time(25)
    (body,) = webhook.accepted
    assert [embed["footer"]["text"] for embed in body["embeds"]] == [
        "Hedion Freight Union · high · floor",
        "Other \\*Corp\\* · high · floor",
    ]


@pytest.mark.parametrize("status", [0, 500, 503])
async def test_failures_are_tried_again_at_doubled_waits(
    tmp_path: Path, webhook: Webhook, status: int
) -> None:
    webhook.answers = [(status, {})] * 3
    async with opened(tmp_path, webhook) as house:
        await house.find(alert("1"))
        seen = []
        for second in range(70):
            before = len(webhook.bodies)
            await house.pass_time(1)
            seen += [second] * (len(webhook.bodies) - before)
    assert [b - a for a, b in pairwise(seen)] == [5, 10, 20]
    assert len(webhook.titles) == 1


async def test_after_a_day_a_message_is_stale(tmp_path: Path, webhook: Webhook) -> None:
    webhook.answers = [(500, {})] * 1_000
    async with opened(tmp_path, webhook, digest="") as house:
        await house.find(alert("1"))
        house.clock.jump(86_401)
        await house.outbox.send_next("discord")
        assert await house.states() == ["stale"]
    assert webhook.bodies == []


async def test_a_message_is_not_sent_again_while_the_database_takes_no_writes(
    tmp_path: Path, webhook: Webhook
) -> None:
    body = "BEGIN SELECT RAISE(ABORT, 'full'); END"
    async with opened(tmp_path, webhook) as house:
        await house.find(alert("1", "Fuel ends."))
        await house.store.write(
            lambda db: db.execute(f"CREATE TRIGGER full BEFORE UPDATE ON alert_outbox {body}")
        )
        with pytest.raises(DatabaseError):
            await house.pass_time(25)
        await house.find(alert("2", "Gas ends."))
        for _ in range(5):
            await house.clock.advance(60)
            with pytest.raises(DatabaseError):
                await house.outbox.send_next("discord")
        assert webhook.titles == ["Fuel ends."]
        await house.store.write(lambda db: db.execute("DROP TRIGGER full"))
        await house.pass_time(25)
        assert set(await house.states()) == {"sent"}
    assert webhook.titles == ["Fuel ends.", "Gas ends."]


async def test_what_discord_refuses_is_given_up_and_holds_up_nothing(
    tmp_path: Path, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    webhook.dislikes = "Evil"
    async with opened(tmp_path, webhook) as house:
        evil = alert("2", "Evil ends.")
        await house.find(alert("1", "One."), evil, alert("3", "Three."))
        await house.pass_time(32)
        await house.find(alert("4", "Four."))
        await house.pass_time(25)
        assert await house.states() == ["sent", "refused", "sent", "sent"]
        reports = await report_sinks(house.store, house.outbox.delivery, evil, house.clock.time())
        await house.pass_time(1_000)
    assert webhook.titles == ["One.", "Three.", "Four."]
    assert len(webhook.bodies) == 5  # all three, each alone, and the next
    assert reports[0].fate == "given up: it was refused"
    assert f"discord refuses an alert (HTTP 400), which is given up: {evil.fact}" in caplog.text


async def test_a_clock_set_back_delays_nothing_for_long(tmp_path: Path, webhook: Webhook) -> None:
    async with opened(tmp_path, webhook) as house:
        await house.find(alert("1"))
        house.clock.jump(-10 * 86_400)
        await house.pass_time(3)
    assert len(webhook.titles) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_webhook_that_is_gone_is_switched_off_and_needs_attention(
    tmp_path: Path, webhook: Webhook, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    webhook.answers = [(status, {})]
    async with opened(tmp_path, webhook) as house:
        await house.find(alert("1"))
        await house.pass_time(60)
        await house.find(alert("2"))
        await house.pass_time(60)
        assert len(webhook.bodies) == 1
        found = await house.store.read(
            lambda db: list(sinks_gone(RuleContext(db, CORPORATION, 0.0)))
        )
        assert "corpsync alert add discord" in found[0].sentence
        await house.store.write(lambda db: forget_sink(db, "discord"))
        await house.find()
        await house.find(alert("3", "Back."))
        await house.pass_time(25)
    assert webhook.titles == ["Back."]
    assert "kept-from-everybody" not in caplog.text


async def test_quiet_hours_let_only_the_highest_level_through(
    tmp_path: Path, webhook: Webhook
) -> None:
    hours = {"quiet": "23:00-07:00", "quiet_zone": "eve", "digest": "", "discord": "low"}
    async with opened(tmp_path, webhook, NIGHT, **hours) as house:
        await house.find(alert("1", "Loud."), alert("2", "Soft.", "low"))
        await house.find(alert("3", "Softer.", "medium"))
        await house.pass_time(30)
        assert webhook.titles == ["Loud."]
        house.clock.jump(7 * 3_600)
        await house.pass_time(60)
    digest = webhook.accepted[-1]["embeds"]
    assert [embed["title"] for embed in digest] == ["corpsync: 2 alerts of the quiet hours"]
    assert digest[0]["description"] == "Softer.\nSoft."
    assert len(webhook.accepted) == 2


async def test_the_daily_digest_comes_once_a_day(tmp_path: Path, webhook: Webhook) -> None:
    async with opened(tmp_path, webhook, NIGHT + 11 * 3_600, discord="high") as house:
        await house.find(alert("1", "Low.", "low"))
        await house.pass_time(30)
        assert webhook.titles == []
        house.clock.jump(3_600)
        await house.pass_time(60)
        house.clock.jump(7_200)
        await house.pass_time(60)
        assert len(webhook.titles) == 1
        house.clock.jump(86_400)
        await house.pass_time(60)
    assert len(webhook.titles) == 2
    assert "1 open on" in webhook.titles[0]


async def test_no_leap_of_the_clock_sends_a_digest_twice(tmp_path: Path, webhook: Webhook) -> None:
    hours = {"quiet": "23:00-07:00", "quiet_zone": "eve", "discord": "low"}
    async with opened(tmp_path, webhook, NIGHT - 60, **hours) as house:
        await house.find(alert("1", "Soft.", "low"))
        await house.pass_time(30)
        assert webhook.titles == []
        for leap in (-86_400, 2 * 86_400, 7 * 3_600, -86_400, 86_400):
            house.clock.jump(leap)
            await house.pass_time(60)
    titles = [title.partition(":")[2] for title in webhook.titles]
    assert len({*titles}) == len(titles)
    assert any("of the quiet hours" in title for title in titles)


async def test_no_log_names_the_address_whatever_it_answers(
    tmp_path: Path, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    elsewhere = {"headers": {"Location": webhook.url}, "message": webhook.url}
    webhook.answers = [(0, {}), (307, elsewhere), (429, elsewhere), (400, elsewhere)]
    async with opened(tmp_path, webhook) as house:
        await house.find(alert("1"))
        await house.pass_time(90)
        assert await house.states() == ["refused"]
        webhook.answers = [(404, elsewhere)]
        await house.find(alert("2"))
        await house.pass_time(40)
    assert "takes no alerts any more (HTTP 404)" in caplog.text
    assert "kept-from-everybody" not in caplog.text


async def test_the_address_is_in_its_secret_file_alone(tmp_path: Path, webhook: Webhook) -> None:
    async with opened(tmp_path, webhook) as house:
        await house.find(alert("1"))
        await house.pass_time(25)
        assert "discord" in await house.store.read(read_sinks)
    holding = files_with(tmp_path, b"kept-from-everybody")
    assert [file.name for file in holding] == ["webhook-discord.secret"]
    assert holding[0].stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(tmp_path / "data/corpsync.db")) as db:
        assert db.execute("SELECT state FROM alert_outbox").fetchall() == [("sent",)]


async def test_a_report_says_what_became_of_an_alert_at_each_sink(
    tmp_path: Path, webhook: Webhook
) -> None:
    async with opened(tmp_path / "home", webhook, command=("true",), terminal="off") as house:

        async def fates(about: OpenAlert | None) -> dict[str, tuple[str, str, str]]:
            delivery, now = house.outbox.delivery, house.clock.time()
            reports = await report_sinks(house.store, delivery, about, now)
            return {r.name: (r.level, r.place, r.fate) for r in reports}

        urgent, small = alert("1"), alert("2", level="low")
        await house.find(urgent, small)
        assert await fates(None) == {
            "discord": ("high", "127.0.0.1", ""),
            "webhook": ("off", "no address", ""),
            "terminal": ("off", "auto", ""),
            "command": ("high", "true", ""),
        }
        assert (await fates(urgent))["discord"][2] == "waits to be sent"
        assert (await fates(small))["command"][2] == "not sent: low is below high"
        await house.pass_time(40)
        assert (await fates(urgent))["discord"][2] == "sent, found 12:01"
        webhook.answers.append((404, {}))
        await house.find(alert("3"))
        await house.pass_time(40)
        reports = await report_sinks(house.store, house.outbox.delivery, None, house.clock.time())
        assert reports[0].fault == "HTTP 404"


async def test_a_report_asks_the_keyring_for_each_address_once(
    tmp_path: Path, webhook: Webhook
) -> None:
    class Asked(FileVault):
        entries: ClassVar[list[Entry]] = []

        def read(self, entry: Entry) -> Secret | None:
            self.entries.append(entry)
            return super().read(entry)

    async with opened(tmp_path, webhook, webhook="high") as house:
        delivery = house.outbox.delivery
        delivery._vault = AsyncVault(Asked(tmp_path / "data"))
        places = [r.place for r in await report_sinks(house.store, delivery, None, 0.0)]
    assert places[:2] == ["127.0.0.1"] * 2
    assert sorted(map(str, Asked.entries)) == ["webhook/discord", "webhook/webhook"]
