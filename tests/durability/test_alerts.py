"""Alerts on their way to Discord: nothing lost and nothing twice over many deaths of `run`."""

from __future__ import annotations

import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.logins import until
from tests.durability.homes import Home, logged_in
from tests.support.webhook import Webhook, serving

LATEST_KILL = 4.0
"""Seconds that a corpsync may live."""


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with serving() as found:
        yield found


@pytest.fixture
def home(tmp_path: Path, webhook: Webhook) -> Iterator[Home]:
    with logged_in(tmp_path / "home") as opened:
        assert opened.run("sync", "--quiet").returncode == 0
        settings = opened.home / "config/settings.toml"
        settings.write_text('[alerts]\ndiscord = "low"\ndigest = ""\nterminal = "off"\n')
        assert opened.run("alert", "add", "discord", webhook.url).returncode == 0
        yield opened
        opened.kill_all()


def happen(home: Home, number: int) -> None:
    """A member leaves: a fact that the next evaluation finds."""
    with closing(sqlite3.connect(home.database, timeout=30)) as db, db:
        db.execute(
            "INSERT INTO change (run_id, time, corporation_id, table_name, kind, row_key) "
            "VALUES (1, ?, ?, 'member', 'removed', ?)",
            (time.time(), home.sim.corporation_id, f'{{"character_id":{95_000_000 + number}}}'),
        )


def kill_again_and_again(home: Home, webhook: Webhook, times: int) -> None:
    rng = random.Random(1)
    first = home.start("run", "--quiet")
    until(lambda: bool(home.query("SELECT 1 FROM setting WHERE key = 'alerts/discord'")))
    first.kill()
    first.wait()
    for number in range(times):
        happen(home, number)
        process = home.start("run", "--quiet")
        time.sleep(rng.uniform(0.5, LATEST_KILL))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    last = home.start("run", "--quiet")
    waiting = "SELECT count(*) FROM alert_outbox WHERE state = 'waiting'"
    facts = "SELECT count(*) FROM alert WHERE rule = 'member' AND closed IS NULL"
    until(lambda: home.query(facts)[0][0] >= times and home.query(waiting) == [(0,)], 90)
    last.terminate()
    last.communicate()
    queued = home.query("SELECT fact, count(*) FROM alert_outbox GROUP BY fact")
    assert {count for _, count in queued} == {1}
    assert home.query("SELECT DISTINCT state FROM alert_outbox") == [("sent",)]
    sent = Counter(
        (embed.get("timestamp"), embed["title"]) for b in webhook.accepted for embed in b["embeds"]
    )
    assert sent.total() >= times or any("alerts" in title for _, title in sent)


def test_five_kills(home: Home, webhook: Webhook) -> None:
    kill_again_and_again(home, webhook, 5)


@pytest.mark.long
def test_two_hundred_kills(home: Home, webhook: Webhook) -> None:
    kill_again_and_again(home, webhook, 200)


def test_the_address_is_nowhere_but_in_its_file(home: Home, webhook: Webhook) -> None:
    told = [home.run("alert", command, "-v") for command in ("list", "test")]
    told.append(home.run("alert", "add", webhook.url, "discord"))
    told.append(home.run("doctor", "-v"))
    assert told[1].returncode == 0, told[1]
    assert len(webhook.accepted) == 1
    secret = webhook.url.rpartition("/")[2]
    assert [result.args for result in told if secret in result.stdout + result.stderr] == []
    files = [file for file in home.home.rglob("*") if file.is_file()]
    holding = [file.name for file in files if secret.encode() in file.read_bytes()]
    assert holding == ["webhook-discord.secret"]
    assert home.run("alert", "remove", "discord").returncode == 0
    assert home.run("alert", "test").returncode == 1
