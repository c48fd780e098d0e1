"""A desktop notification, written to the terminal by whoever holds the folder, once."""

from __future__ import annotations

import json
import shlex
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Sequence
from contextlib import closing

import pytest

from tests.cli.logins import Cli
from tests.cli.terminal import Terminal
from tests.cli.test_steering import CORPORATION, calm, query

ITEM = {
    "level": "high",
    "rule": "fuel",
    "sentence": "Fuel\x1b]52;c;aGk=\x07 ends.",
    "corporation": "Hedion\x9b2J Freight",
    "corporation_id": CORPORATION,
}
SINK = {"since": 0.0, "digest_day": "9999-12-31", "off": ""}
SEQUENCE = "\x1b]9;corpsync: Hedion�2J Freight: Fuel␛]52;c;aGk=␇ ends.\a"


def wait_in_outbox(cli: Cli, sink: str = "terminal") -> None:
    """An alert waits for a sink: the corpsync before ended too early."""
    with closing(sqlite3.connect(cli.database)) as db, db:
        db.execute("INSERT INTO setting VALUES (?, ?)", (f"alerts/{sink}", json.dumps(SINK)))
        db.execute(
            "INSERT INTO alert_outbox (sink, fact, level, payload, made, tries, next_try, state) "
            "VALUES (?, 'fuel:1:1', 'high', ?, ?, 0, 0, 'waiting')",
            (sink, json.dumps(ITEM), time.time()),
        )


def let_one_wait(cli: Cli) -> None:
    cli.welcome()
    calm(cli)
    (cli.home / "config").mkdir(exist_ok=True)
    settings = '[alerts]\nterminal = "low"\nterminal_way = "osc9"\n'
    (cli.home / "config/settings.toml").write_text(settings)
    wait_in_outbox(cli)


@pytest.mark.parametrize("tmux", [False, True], ids=["plain", "tmux"])
@pytest.mark.parametrize("command", [[], ["run"]], ids=["app", "run"])
def test_whoever_holds_the_folder_writes_it_once(
    cli: Cli, command: Sequence[str], tmux: bool
) -> None:
    let_one_wait(cli)
    environment = cli.environment | ({"TMUX": "/tmp/tmux-1000/default,1,0"} if tmux else {})
    terminal = Terminal((*cli.command, *command), environment, (120, 40))
    doubled = SEQUENCE.replace("\x1b", "\x1b\x1b")
    terminal.wait_for(f"\x1bPtmux;{doubled}\x1b\\" if tmux else SEQUENCE)
    sql = "SELECT state FROM alert_outbox WHERE fact = 'fuel:1:1'"
    terminal.wait_until(lambda: query(cli, sql) == [("sent",)])
    if command:
        terminal.process.terminate()
    else:
        terminal.press("q")
    assert terminal.end() == 0
    assert terminal.painted.count(b"aGk=") == 1


@pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
def test_tmux_hands_it_on_to_the_terminal_around_it(cli: Cli) -> None:
    let_one_wait(cli)
    own = cli.home / "tmux.conf"
    own.write_text("set -g allow-passthrough on\n")
    tmux = ("tmux", "-S", str(cli.home / "tmux"), "-f", str(own))
    run = shlex.join((*cli.command, "run"))
    terminal = Terminal((*tmux, "new-session", run), cli.environment | {"LC_ALL": "C.UTF-8"})
    terminal.wait_for(SEQUENCE)
    subprocess.run((*tmux, "kill-server"), check=True)
    terminal.end()
    assert terminal.painted.count(b"aGk=") == 1
