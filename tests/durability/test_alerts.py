"""Alerts on their way to Discord and a webhook: none lost or twice over many deaths of `run`."""

from __future__ import annotations

import json
import os
import random
import re
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
from tests.support.forge import RUN, Forge, forge
from tests.support.long import Tally
from tests.support.webhook import Webhook, serving

FIRST = 95_000_000
LATEST_KILL = 2.5
"""Seconds that a corpsync may live that is killed at any moment."""
AIMED = 0.05
"""Seconds after a message was heard within which a corpsync is killed that was waited for."""
MANY = 8
"""Waiting messages above which a corpsync lives until it sends: more would become a digest."""
SETTINGS = """\
[alerts]
discord = "low"
webhook = "low"
digest = ""
terminal = "off"
"""
FAULTS = [(500, {}), (0, {}), (429, {"retry_after": 1.5})]

Sinks = dict[str, Webhook]


@pytest.fixture
def sinks() -> Iterator[Sinks]:
    with serving() as discord, serving() as webhook:
        yield {"discord": discord, "webhook": webhook}


@pytest.fixture
def home(tmp_path: Path, sinks: Sinks) -> Iterator[Home]:
    with logged_in(tmp_path / "home") as opened:
        assert opened.run("sync", "--quiet").returncode == 0
        (opened.home / "config/settings.toml").write_text(SETTINGS)
        for name, sink in sinks.items():
            assert opened.run("alert", "add", name, sink.url).returncode == 0
        yield opened
        opened.kill_all()


def happen(home: Home, number: int) -> None:
    """A member leaves: a fact that the next evaluation finds."""
    with closing(sqlite3.connect(home.database, timeout=30)) as db, db:
        db.execute(
            "INSERT INTO change (run_id, time, corporation_id, table_name, kind, row_key) "
            "VALUES (1, ?, ?, 'member', 'removed', ?)",
            (time.time(), home.sim.corporation_id, f'{{"character_id":{FIRST + number}}}'),
        )


def members_in(text: str) -> list[int]:
    """The numbers of those who left, as a text names them."""
    return [int(number) - FIRST for number in re.findall(r"Character (\d+) left", text)]


def accepted(sink: Webhook) -> Counter[int]:
    """How often a sink took each fact."""
    return Counter(n for body in sink.accepted for n in members_in(json.dumps(body)))


def stored(home: Home, sink: str, state: str) -> set[int]:
    rows = home.query("SELECT payload FROM alert_outbox WHERE sink = ? AND state = ?", sink, state)
    return {n for (payload,) in rows for n in members_in(payload)}


def live_and_die(home: Home, started: Forge, sinks: Sinks, dice: random.Random) -> None:
    """Run until a moment that is chosen by chance, or just after a message was heard."""
    pid = started.start(["run", "--quiet"], 0.0)
    waiting = max(len(stored(home, name, "waiting")) for name in sinks)
    if waiting > MANY or dice.random() < 0.5:
        before = sum(len(sink.bodies) for sink in sinks.values())
        deadline = time.monotonic() + (60.0 if waiting > MANY else 2 * LATEST_KILL)
        while before == sum(len(s.bodies) for s in sinks.values()) and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(dice.uniform(0.0, AIMED))
    else:
        time.sleep(dice.uniform(0.1, LATEST_KILL))
    os.kill(pid, signal.SIGKILL)
    assert started.end(pid) == -signal.SIGKILL


@pytest.mark.parametrize(
    "times", [pytest.param(3, id="few"), pytest.param(600, id="many", marks=pytest.mark.long)]
)
def test_killed_again_and_again_nothing_is_lost_or_sent_twice(
    home: Home, sinks: Sinks, tally: Tally, tmp_path: Path, times: int
) -> None:
    """What a sink had taken when its 2xx was not written down yet may come a second time."""
    dice = random.Random(tally.seed)
    excused: dict[str, set[int]] = {name: set() for name in sinks}
    with forge(home.environment, tmp_path / "said", RUN) as started:
        pid = started.start(["run", "--quiet"], 0.0)
        known = "SELECT 1 FROM setting WHERE key GLOB 'alerts/*'"
        until(lambda: len(home.query(known)) == len(sinks))
        os.kill(pid, signal.SIGKILL)
        started.end(pid)
        for number in tally.rounds("kills", times):
            happen(home, number)
            for sink in sinks.values():
                if dice.random() < 0.2:
                    sink.answers = [dice.choice(FAULTS)]
            live_and_die(home, started, sinks, dice)
            for name, sink in sinks.items():
                excused[name] |= {*accepted(sink)} - stored(home, name, "sent")
        times = int(tally.figures["kills"])
        pid = started.start(["run", "--quiet"], 0.0)
        until(lambda: all(len(stored(home, name, "sent")) == times for name in sinks), 120)
        os.kill(pid, signal.SIGTERM)
        assert started.end(pid) == 0
    for name, sink in sinks.items():
        taken = accepted(sink)
        assert {*taken} == {*range(times)}
        assert {number for number, count in taken.items() if count > 1} <= excused[name]
    facts = "SELECT fact, sink FROM alert_outbox GROUP BY fact, sink HAVING count(*) > 1"
    assert home.query(facts) == []
    assert home.query("SELECT DISTINCT state FROM alert_outbox") == [("sent",)]
    deaths = sum(len(numbers) for numbers in excused.values())
    tally.count("facts between 2xx and its commit at a death", deaths)


def test_the_address_is_nowhere_but_in_its_file(home: Home, sinks: Sinks) -> None:
    url = sinks["discord"].url
    said = [home.run("alert", command, "-v") for command in ("list", "test")]
    said.append(home.run("alert", "add", url, "discord"))
    said.append(home.run("doctor", "-v"))
    assert said[1].returncode == 0, said[1]
    assert [len(sink.accepted) for sink in sinks.values()] == [1, 1]
    secret = url.rpartition("/")[2]
    assert [result.args for result in said if secret in result.stdout + result.stderr] == []
    files = [file for file in home.home.rglob("*") if file.is_file()]
    holding = [file for file in files if secret.encode() in file.read_bytes()]
    assert {file.name for file in holding} == {f"webhook-{name}.secret" for name in sinks}
    assert {file.stat().st_mode & 0o777 for file in holding} == {0o600}
    for name in sinks:
        assert home.run("alert", "remove", name).returncode == 0
    assert home.run("alert", "test").returncode == 1
