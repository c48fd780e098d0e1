"""`pause`, `on`, `every` and the others, and `sync`, with a holder of the folder and without."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from corpsync_tui.catalog_index import entries
from tests.cli.logins import Cli, Program, until

CORPORATION = 98000001
ASSETS = "/corporations/{corporation_id}/assets"


@pytest.fixture
def cli(cli: Cli) -> Cli:
    """One whose director is logged in."""
    cli.welcome()
    return cli


def query(cli: Cli, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(cli.database)) as db:
        return db.execute(sql).fetchall()


def schedule(cli: Cli, process_type: str) -> tuple[Any, ...]:
    (row,) = query(
        cli,
        "SELECT enabled, interval_minutes, next_run_time IS NULL FROM sync_schedule"
        f" WHERE process_type = '{process_type}'",
    )
    return row


def is_paused(cli: Cli) -> bool:
    return query(cli, "SELECT value FROM setting WHERE key = 'schedule_paused'") == [("true",)]


def calm(cli: Cli) -> None:
    """Let nothing be due."""
    with closing(sqlite3.connect(cli.database)) as db, db:
        db.execute("UPDATE sync_schedule SET next_run_time = ?", (time.time() + 3600,))


@contextmanager
def holder(cli: Cli) -> Iterator[Program]:
    """`corpsync run`, which follows the schedule meanwhile."""
    process = cli.start("run")
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if "following the schedule" in line:
                break
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.communicate(timeout=20)


def steer(cli: Cli) -> None:
    """Every command, once; each answers with a sentence and comes true at once."""
    for command, said in (
        (("pause",), "paused"),
        (("off", "members"), "Members is off."),
        (("every", f"{CORPORATION}/wallet", "7"), "Wallet runs every 7 minutes."),
        (("cancel", "assets"), "Assets is not running."),
    ):
        result = cli.run(*command)
        assert (result.returncode, result.stderr) == (0, "")
        assert said in result.stdout
    assert is_paused(cli)
    assert schedule(cli, "members")[0] == 0
    assert schedule(cli, "wallet")[1] == 7
    assert cli.run("resume").returncode == cli.run("on", "members").returncode == 0
    assert not is_paused(cli)
    assert schedule(cli, "members")[0] == 1


def test_without_a_holder(cli: Cli) -> None:
    calm(cli)
    steer(cli)


def test_beside_a_holder_which_goes_on(cli: Cli) -> None:
    calm(cli)
    with holder(cli) as run:
        steer(cli)
        assert run.poll() is None
    answers = query(cli, "SELECT state FROM command")
    assert answers == [("done",)] * 6


def test_the_mode_of_the_database_stays_private(cli: Cli) -> None:
    calm(cli)
    with holder(cli):
        cli.run("pause")
        modes = {file.stat().st_mode & 0o777 for file in (cli.home / "data").glob("corpsync*")}
    assert modes == {0o600}


def test_what_is_paused_by_command_stays_so_in_the_next_holder(cli: Cli) -> None:
    cli.run("pause")
    with holder(cli):
        assert cli.run("status", "--check").returncode == 0
        assert query(cli, "SELECT * FROM sync_history") == []


def test_an_interval_that_cannot_be(cli: Cli) -> None:
    for minutes in ("0", "1.5", "525601", "soon"):
        result = cli.run("every", "members", minutes)
        assert (result.returncode, result.stdout) == (2, ""), minutes
        assert minutes in result.stderr


def test_an_interval_may_be_a_year_long(cli: Cli) -> None:
    assert cli.run("every", "members", "525600").returncode == 0
    assert query(
        cli, "SELECT interval_minutes FROM sync_schedule WHERE process_type = 'members'"
    ) == [(525_600,)]


def test_a_process_that_is_not_known_here(cli: Cli) -> None:
    result = cli.run("off", "7/members")
    assert result.returncode == 2
    assert "'7/members'" in result.stderr


def test_before_the_first_login(cli: Cli) -> None:
    cli.database.unlink()
    result = cli.run("pause")
    assert result.returncode == 1
    assert "corpsync login" in result.stderr


def test_a_holder_that_does_not_answer_never_does_it_later(cli: Cli) -> None:
    calm(cli)
    with holder(cli) as run:
        run.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        result = cli.run("pause")
        took = time.monotonic() - began
        run.send_signal(signal.SIGCONT)
        assert cli.run("off", "members").returncode == 0  # the holder answers again
    assert result.returncode == 1
    assert "does not answer" in result.stderr
    assert str(run.pid) in result.stderr
    assert took < 15
    assert not is_paused(cli)
    assert query(cli, "SELECT state FROM command ORDER BY id") == [("withdrawn",), ("done",)]


def test_what_was_meant_for_a_dead_holder_never_comes_true(cli: Cli) -> None:
    calm(cli)
    with closing(sqlite3.connect(cli.database)) as db, db:
        db.execute(
            "INSERT INTO command (made, valid_until, by_pid, verb, arguments, state)"
            " VALUES (?, ?, 1, 'pause', '{}', 'new')",
            (time.time(), time.time() + 3600),
        )
    with holder(cli):
        assert cli.run("off", "members").returncode == 0
    assert not is_paused(cli)


ASKING = (
    "INSERT INTO command (made, valid_until, by_pid, verb, arguments, state)"
    " VALUES (?, ?, 1, ?, ?, 'new')"
)


def answer(cli: Cli, made: float, valid_until: float, verb: str, arguments: str) -> tuple[Any, ...]:
    """What the holder makes of a command that was written by hand, its times from now."""
    newest = "SELECT state, answer FROM command ORDER BY id DESC LIMIT 1"
    with closing(sqlite3.connect(cli.database, timeout=10)) as db:
        with db:
            now = time.time()
            db.execute(ASKING, (now + made, now + valid_until, verb, arguments))
        until(lambda: query(cli, newest)[0][0] not in ("new", "taken"))
    return query(cli, newest)[0]


def test_a_command_of_another_time_is_refused(cli: Cli) -> None:
    calm(cli)
    with holder(cli):
        for made, valid_until in ((-100, -1), (3600, 3610)):
            assert answer(cli, made, valid_until, "pause", "{}")[0] == "refused", made
    assert not is_paused(cli)


def test_nonsense_is_refused_with_a_sentence(cli: Cli) -> None:
    calm(cli)
    with holder(cli):
        for verb, arguments in (
            ("format_disk", "{}"),
            ("toggle", "{}"),
            ("toggle", '{"process_id": "7/members"}'),
            ("set_interval", f'{{"process_id": "{CORPORATION}/members", "minutes": "7"}}'),
            ("set_interval", f'{{"process_id": "{CORPORATION}/members", "minutes": -1}}'),
            ("pause", "nonsense"),
        ):
            state, sentence = answer(cli, 0, 10, verb, arguments)
            assert state == "refused", (verb, arguments)
            assert sentence, (verb, arguments)
    assert schedule(cli, "members")[0] == 1
    assert not is_paused(cli)


def test_sync_beside_a_holder_shows_what_came_of_it(cli: Cli) -> None:
    calm(cli)
    with holder(cli):
        first = cli.run("sync", "members", "wallet", "--json")
        again = cli.run("sync", "members")
    runs = json.loads(first.stdout)["runs"]
    assert first.returncode == again.returncode == 0
    assert [(r["process_type"], r["result"], r["trigger"]) for r in runs] == [
        ("members", "success", "manual"),
        ("wallet", "success", "manual"),
    ]
    assert "current until" in again.stdout
    names = cli.run("export", "member_named", "--format", "json")
    assert all(row["character_name"] for row in json.loads(names.stdout))


def test_sync_of_all_beside_a_holder_keeps_the_order_of_the_screen(cli: Cli) -> None:
    calm(cli)
    with holder(cli):
        result = cli.run("sync", "--json")
    assert [run["process_type"] for run in json.loads(result.stdout)["runs"]] == list(entries())


def test_one_that_fails_at_the_holder(cli: Cli) -> None:
    calm(cli)
    cli.sim.fault(ASSETS, status=404)
    with holder(cli):
        result = cli.run("sync", "assets")
    assert result.returncode == 1
    assert "error" in result.stdout


def begun(cli: Cli, *words: str) -> Program:
    """A sync of the assets beside a holder that does not come to an end."""
    process = cli.start("sync", "assets", *words)
    until(lambda: bool(query(cli, "SELECT 1 FROM sync_history WHERE result = 'running'")))
    return process


def test_cancel_ends_a_sync_that_waits_for_the_holder(cli: Cli) -> None:
    calm(cli)
    cli.sim.fault(ASSETS, delay=30)
    with holder(cli):
        sync = begun(cli)
        cancelled = cli.run("cancel", "assets")
        out, _ = sync.communicate(timeout=15)
    assert (cancelled.returncode, cancelled.stdout) == (0, "Assets was cancelled.\n")
    assert sync.returncode == 1
    assert "cancelled" in out


def test_a_signal_ends_a_sync_beside_a_holder(cli: Cli) -> None:
    calm(cli)
    cli.sim.fault(ASSETS, delay=30)
    with holder(cli):
        sync = begun(cli, "--json")
        sync.send_signal(signal.SIGINT)
        out, _ = sync.communicate(timeout=15)
        assert query(cli, "SELECT result FROM sync_history") == [("cancelled",)]
    assert sync.returncode == 1
    assert [run["result"] for run in json.loads(out)["runs"]] == ["cancelled"]


def test_a_signal_ends_a_sync_whose_end_the_holder_cannot_tell(cli: Cli) -> None:
    calm(cli)
    cli.sim.fault(ASSETS, delay=30)
    with holder(cli):
        sync = begun(cli)
        with closing(sqlite3.connect(cli.database, timeout=10)) as db, db:
            db.execute(
                "CREATE TRIGGER full BEFORE UPDATE ON command"
                " WHEN new.state != 'taken' AND new.verb = 'run_to_end'"
                " BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
        sync.send_signal(signal.SIGINT)
        _, err = sync.communicate(timeout=20)
    assert sync.returncode == 1
    assert "corpsync history" in err
    assert "Traceback" not in err


def test_a_holder_that_is_killed_interrupts_the_sync(cli: Cli) -> None:
    calm(cli)
    cli.sim.fault(ASSETS, delay=30)
    with holder(cli) as run:
        sync = begun(cli)
        os.kill(run.pid, signal.SIGKILL)
        out, _ = sync.communicate(timeout=15)
    assert sync.returncode == 1
    assert "interrupted" in out


def test_a_sync_that_holds_the_folder_is_steered_too(cli: Cli) -> None:
    cli.sim.fault(ASSETS, delay=30)
    sync = begun(cli)
    assert cli.run("pause").returncode == 0
    assert cli.run("cancel", "assets").returncode == 0
    sync.communicate(timeout=15)
    assert sync.returncode == 1
    assert is_paused(cli)
