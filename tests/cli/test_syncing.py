"""`sync` and `run` against a simulator, as processes of their own."""

import json
import os
import signal
import sqlite3
import subprocess
from contextlib import closing
from typing import Any

import pytest

from corpsync_tui.catalog_index import entries
from tests.cli.logins import Cli, Program, until
from tests.cli.terminal import Terminal

CORPORATION = 98000001


@pytest.fixture
def cli(cli: Cli) -> Cli:
    """One whose director is logged in."""
    cli.welcome()
    return cli


def runs(out: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(out)["runs"]
    return found


def wait_for(process: Program, words: str) -> None:
    """Read what a process tells until it tells this."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"it ended before it told {words!r}")


def test_runs_stand_in_the_order_asked_for(cli: Cli) -> None:
    result = cli.run("sync", "wallet", f"{CORPORATION}/members", "wallet", "--json")

    assert result.returncode == 0
    assert [run["process_type"] for run in runs(result.stdout)] == ["wallet", "members"]
    assert {run["result"] for run in runs(result.stdout)} == {"success"}
    assert {run["trigger"] for run in runs(result.stdout)} == {"manual"}
    assert f"{CORPORATION}/members: Fetching members from ESI…" in result.stderr
    history = runs(cli.run("history", "--json").stdout)
    assert {run["id"]: run for run in history} == {run["id"]: run for run in runs(result.stdout)}


def test_all_of_them_run_in_the_order_of_the_screen(cli: Cli) -> None:
    with closing(sqlite3.connect(cli.database)) as db, db:
        db.execute(
            "INSERT OR REPLACE INTO sync_schedule SELECT * FROM sync_schedule"
            " WHERE process_type IN ('members', 'wallet')"
        )
    result = cli.run("sync", "--json")

    assert [run["process_type"] for run in runs(result.stdout)] == list(entries())


def test_everything_that_is_on(cli: Cli) -> None:
    """With its names; the doctor finds all well then."""
    result = cli.run("sync", "--quiet")

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count("✓") == len(entries())
    assert "31 rows, +31 ~0 −0" in result.stdout  # thirty members, and how many there may be

    members = cli.run("export", "member_named", "--format", "json")
    assert all(row["character_name"] for row in json.loads(members.stdout))

    looked = cli.run("doctor", "--json")
    document = json.loads(looked.stdout)
    assert [c for c in document["checks"] if not c["ok"]] == []
    assert (looked.returncode, document["ok"]) == (0, True)
    names = {check["name"] for check in document["checks"]}
    assert names >= {"settings", "data folder", "disk", "database", "keyring", "clock", "ESI"}
    assert "✓" in cli.run("doctor").stdout


def test_inside_the_cache_time_nothing_is_asked(cli: Cli) -> None:
    cli.run("sync", "members")
    cli.sim.clear_log()
    result = cli.run("sync", "members", "--json")
    (run,) = runs(result.stdout)

    assert result.returncode == 0
    assert (run["result"], run["id"], run["requests_sent"]) == ("current", None, 0)
    assert run["current_until"] > run["start_time"]
    assert cli.sim.requests() == []
    assert "current until" in cli.run("sync", "members").stdout
    assert len(runs(cli.run("history", "--json").stdout)) == 1


def test_one_that_fails(cli: Cli) -> None:
    cli.sim.fault("/corporations/{corporation_id}/membertracking", status=404)
    result = cli.run("sync", "members", "wallet", "--json")
    members, wallet = runs(result.stdout)

    assert result.returncode == 1
    assert (members["result"], members["error_kind"]) == ("error", "esi")
    assert members["error_message"]
    assert wallet["result"] == "success"
    assert "Traceback" not in result.stderr
    assert cli.run("status", "--check").returncode == 1


def test_a_corporation_that_is_not_known(cli: Cli) -> None:
    result = cli.run("sync", "7/members")

    assert (result.returncode, result.stdout) == (2, "")
    assert "'7/members'" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_process_that_nobody_serves(cli: Cli) -> None:
    """As long as ESI has not said of which corporation a character is."""
    with closing(sqlite3.connect(cli.database)) as db, db:
        db.execute("UPDATE character SET corporation_id = NULL, corporation_until = 9e9")
    for command in (["sync", "members"], ["sync", "members", "--json"], ["sync"]):
        result = cli.run(*command)

        assert (result.returncode, result.stdout) == (1, "")
        assert "no corporation that is known" in result.stderr
        assert result.stderr.count("\n") == 1


def test_no_process_is_on(cli: Cli) -> None:
    with closing(sqlite3.connect(cli.database)) as db, db:
        db.execute("UPDATE sync_schedule SET enabled = 0")
    result = cli.run("sync")

    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "No process is on.\n"
    assert runs(cli.run("sync", "--json").stdout) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels(cli: Cli, number: signal.Signals) -> None:
    cli.run("sync", "members")
    cli.sim.fault("/corporations/{corporation_id}/assets", delay=30)
    process = cli.start("sync", "assets", "--json")
    wait_for(process, "Fetching assets")
    process.send_signal(number)
    out, err = process.communicate(timeout=15)

    assert process.returncode == 1
    assert "Traceback" not in err
    assert [run["result"] for run in runs(out)] == ["cancelled"]
    assert runs(cli.run("history", "--json").stdout)[0]["result"] == "cancelled"
    assert json.loads(cli.run("status", "--json").stdout)["processes"][1]["status"] == "idle"


def test_a_killed_run_is_told_from_the_next_command_on(cli: Cli) -> None:
    cli.sim.fault("/corporations/{corporation_id}/assets", delay=30)
    process = cli.start("sync", "assets")
    wait_for(process, "Fetching assets")
    process.kill()
    process.communicate(timeout=15)
    (run,) = runs(cli.run("history", "--json").stdout)
    status = json.loads(cli.run("status", "--json").stdout)["processes"][1]

    assert (run["result"], run["duration"]) == ("interrupted", None)
    assert status["status"] == "idle"
    cli.sim.clear_faults()
    assert cli.run("sync", "assets").returncode == 0
    assert [r["result"] for r in runs(cli.run("history", "--json").stdout)] == [
        "success",
        "interrupted",
    ]


def test_a_sync_waits_for_another_sync(cli: Cli) -> None:
    cli.sim.fault("/corporations/{corporation_id}/membertracking", delay=2, count=1)
    first = cli.start("sync", "members")
    wait_for(first, "Fetching members")
    second = cli.run("sync", "wallet")
    out, _ = first.communicate(timeout=15)

    assert (first.returncode, second.returncode) == (0, 0)
    assert "members: success" in out


def test_syncs_that_begin_at_once_wait_for_each_other(cli: Cli) -> None:
    cli.sim.fault("/corporations/{corporation_id}/membertracking", delay=1.5, count=1)
    syncs = [cli.start("sync", "members") for _ in range(4)]
    said = [sync.communicate(timeout=30)[1] for sync in syncs]

    assert [sync.returncode for sync in syncs] == [0] * 4, said


def test_run_follows_the_schedule_until_it_is_told_to_end(cli: Cli) -> None:
    process = cli.start("run")
    wait_for(process, "members: success")
    beside = cli.run("status", "--json")
    refused = cli.run("run")
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=15)

    assert (process.returncode, out) == (0, "")
    assert "ending" in err
    assert json.loads(beside.stdout)["processes"]
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "already" in refused.stderr
    assert str(process.pid) in refused.stderr


def test_run_that_is_quiet(cli: Cli) -> None:
    process = cli.start("run", "--quiet")
    until((cli.home / "data/corpsync.holder").exists)
    waiting = cli.run("status", "--json")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=15)

    assert waiting.returncode == 0
    assert (out, err) == ("", "")


def heeding_hang_ups(cli: Cli) -> subprocess.Popen[str]:
    """`corpsync run` as a service manager starts it: SIGHUP is not ignored, as under nohup."""
    return subprocess.Popen(
        [*cli.command, "run"],
        env=cli.environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    )


def test_run_reads_its_settings_anew(cli: Cli) -> None:
    process = heeding_hang_ups(cli)
    wait_for(process, "following the schedule")
    (cli.home / "config/settings.toml").write_text("max_running = 99\n")
    process.send_signal(signal.SIGHUP)
    wait_for(process, "max_running is 99")
    wait_for(process, "following the schedule")
    os.kill(process.pid, signal.SIGTERM)
    process.communicate(timeout=15)

    assert process.returncode == 0


def contacts(cli: Cli) -> set[str]:
    """Whom the requests name as the one to write to."""
    return {request["user_agent"].partition("+")[2] for request in cli.sim.requests()}


def test_run_takes_up_what_was_set_meanwhile(cli: Cli) -> None:
    process = heeding_hang_ups(cli)
    wait_for(process, "following the schedule")
    text = 'contact = "new@corporation.example"\nlog_level = "debug"\n'
    (cli.home / "config/settings.toml").write_text(text)
    process.send_signal(signal.SIGHUP)
    wait_for(process, "reading the settings anew")
    wait_for(process, "following the schedule")
    until(lambda: "new@corporation.example)" in contacts(cli))
    cli.sim.clear_log()  # with what was on its way when it read its settings
    until(lambda: bool(cli.sim.requests()))
    os.kill(process.pid, signal.SIGTERM)
    _, err = process.communicate(timeout=15)

    assert process.returncode == 0
    assert " DEBUG " in err
    assert contacts(cli) == {"new@corporation.example)"}
    assert (cli.home / "config/settings.toml").read_text() == text


def test_settings_are_made_with_comments_and_then_left_alone(cli: Cli) -> None:
    file = cli.home / "config/settings.toml"
    made = file.read_text()
    cli.run("sync", "members")
    cli.run("doctor")

    assert {line[0] for line in made.splitlines() if line} == {"#", "["}
    assert "#concurrency = 4" in made
    assert file.read_text() == made


def test_nobody_is_logged_in(cli: Cli) -> None:
    cli.run("logout")
    for command in ("sync", "run"):
        result = cli.run(command)

        assert result.returncode == 1
        assert "corpsync login" in result.stderr


def test_the_app_needs_a_terminal(cli: Cli) -> None:
    result = cli.run()

    assert (result.returncode, result.stdout) == (2, "")
    assert "corpsync run" in result.stderr
    assert result.stderr.count("\n") == 1


def test_doctor_finds_what_is_wrong(cli: Cli) -> None:
    cli.sim.roles(cli.sim.character_id, ["Trader"])
    cli.home.joinpath("data").chmod(0o755)
    result = cli.run("doctor", "--json", CORPSYNC_ESI_URL="http://127.0.0.1:9")
    ill = {c["name"]: c["detail"] for c in json.loads(result.stdout)["checks"] if not c["ok"]}

    assert result.returncode == 1
    assert set(ill) == {"data folder", "ESI"}
    assert "chmod 700" in ill["data folder"]
    assert "refuses" in ill["ESI"]


def _refuse_once(cli: Cli) -> None:
    headers = {"Retry-After": "2"}
    cli.sim.fault(
        "/corporations/{corporation_id}/membertracking", status=429, nth=1, headers=headers
    )


def test_a_wait_for_a_limit_and_its_end_are_told_in_a_pipe(cli: Cli) -> None:
    _refuse_once(cli)
    result = cli.run("sync", "members")

    assert result.returncode == 0
    lines = [line for line in result.stderr.splitlines() if "limit" in line or "goes on" in line]
    assert lines == [
        f"{CORPORATION}/members: waiting for ESI's limit, 2 s",
        f"{CORPORATION}/members: goes on",
    ]


def test_a_wait_for_a_limit_and_its_end_are_told_on_a_terminal(cli: Cli) -> None:
    _refuse_once(cli)
    terminal = Terminal([*cli.command, "sync", "members"], cli.environment)
    terminal.wait_for(f"{CORPORATION}/members: waiting for ESI's limit, 2 s")
    terminal.wait_for(f"{CORPORATION}/members: goes on")
    assert terminal.end() == 0
