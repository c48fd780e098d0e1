"""Every command as a process: into a pipe that closes, without an input, where nothing can be."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from corpsync_tui.cli.commands import COMMANDS
from tests.cli.streams import run_oddly
from tests.durability.homes import Home, logged_in
from tests.support.commands import run_command

CALLS: dict[str, tuple[tuple[str, ...], int]] = {
    "login": (("login", "--no-browser"), 1),
    "logout": (("logout", "Nobody"), 2),
    "sync": (("sync", "members"), 0),
    "status": (("status",), 0),
    "history": (("history",), 0),
    "changes": (("changes",), 0),
    "attention": (("attention",), 1),
    "alert": (("alert", "list"), 0),
    "board": (("board", "wallet"), 0),
    "stock": (("stock",), 2),
    "diff": (("diff", "member", "--from", "0m"), 0),
    "report": (("report", "month"), 0),
    "calendar": (("calendar",), 0),
    "export": (("export", "sync_schedule"), 0),
    "reference": (("reference",), 0),
    "backup": (("backup",), 0),
    "doctor": (("doctor",), 0),
    "paths": (("paths",), 0),
    "completion": (("completion", "bash"), 0),
}
"""Each command that ends by itself, as it is called here, and its exit code.

`attention` has something to tell: jobs that are ready.
"""
JSON = (
    "sync",
    "status",
    "history",
    "changes",
    "attention",
    "board",
    "diff",
    "doctor",
    "paths",
    "reference",
)
WORKING = ("login", "sync", "run", "backup")
"""Those that need a folder to write to."""
OBEYING = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Root may write everywhere, unless it gives that up."""


ELSEWHERE = """
import asyncio, filelock, json, os, signal, subprocess, sys
from corpsync_tui.cli import main

for name in ("O_NOCTTY", "fork", "geteuid", "getpgrp", "getsid", "getuid", "killpg"):
    delattr(os, name)
del signal.SIGHUP
sys.modules |= dict.fromkeys(("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"))
asyncio.SelectorEventLoop.add_signal_handler = asyncio.AbstractEventLoop.add_signal_handler
codes = {}
for name, arguments, variables in json.loads(sys.argv[1]):
    os.environ |= variables
    codes[name] = main(arguments)
print(json.dumps(codes), file=sys.stderr)
"""
"""Commands where what only POSIX has is missing; Python's own parts have taken theirs before."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home that has been synced, for commands that leave it as it is."""
    with logged_in(tmp_path_factory.mktemp("every") / "home") as opened:
        assert opened.run("sync", "--quiet").returncode == 0
        yield opened
        opened.kill_all()


def run_obeying(
    home: Home, arguments: Sequence[str], folder: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in another folder, whose modes it has to obey."""
    environment = home.environment | {"CORPSYNC_HOME": str(folder)} | variables
    return run_command(arguments, environment, under=OBEYING if os.geteuid() == 0 else ())


def test_no_command_is_forgotten() -> None:
    assert CALLS.keys() | {
        "demo",
        "mcp",
        "run",
        "pause",
        "resume",
        "on",
        "off",
        "every",
        "cancel",
    } == {command.name for command in COMMANDS}


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_help(home: Home, name: str) -> None:
    result = home.run(name, "--help")

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"usage: corpsync {name}")


@pytest.mark.parametrize("name", CALLS)
def test_into_a_pipe_that_closes_without_input_or_colour(home: Home, name: str) -> None:
    arguments, code = CALLS[name]
    unknown = {"CORPSYNC_CLIENT_ID": ""} if name == "login" else {}
    environment = home.environment | {"NO_COLOR": "1"} | unknown
    result = run_oddly(arguments, environment, closed=[0], leaves_after=5)

    assert result.returncode in (code, 0), result.stderr  # 0: the pipe was closed first
    assert "Traceback" not in result.stderr
    assert "\x1b" not in result.stderr
    if name in ("login", "logout"):
        assert result.stderr.startswith("corpsync: ")
        assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("name", JSON)
def test_one_document(home: Home, name: str) -> None:
    arguments, code = CALLS[name]
    result = home.run(*arguments, "--json", NO_COLOR="1")

    assert result.returncode == code
    assert isinstance(json.loads(result.stdout), dict)


def shut_copy(home: Home, tmp_path: Path) -> Path:
    """A copy of the home in which nothing may be written."""
    shut = tmp_path / "shut"
    (shut / "data").mkdir(parents=True)
    (shut / "data/corpsync.db").write_bytes(home.database.read_bytes())
    (shut / "data").chmod(0o500)
    shut.chmod(0o500)
    return shut


@pytest.mark.parametrize("name", WORKING)
def test_a_folder_that_may_not_be_written(home: Home, tmp_path: Path, name: str) -> None:
    shut = shut_copy(home, tmp_path)
    arguments = CALLS.get(name, ((name,), 1))[0]
    result = run_obeying(home, arguments, shut, CORPSYNC_CLIENT_ID="x")

    assert (result.returncode, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("corpsync: ")
    assert str(shut) in line


@pytest.mark.parametrize("name", ["status", "history", "export", "paths", "changes", "attention"])
def test_looking_needs_no_right_to_write(home: Home, tmp_path: Path, name: str) -> None:
    shut = shut_copy(home, tmp_path)
    result = run_obeying(home, CALLS[name][0], shut)

    assert result.returncode == CALLS[name][1]
    assert result.stdout or result.stderr == "Nothing changed.\n"
    assert [file.name for file in (shut / "data").iterdir()] == ["corpsync.db"]


def test_what_only_posix_has_is_not_needed(home: Home, tmp_path: Path) -> None:
    nobody = {"CORPSYNC_HOME": str(tmp_path / "nobody"), "CORPSYNC_CLIENT_ID": ""}
    calls: list[tuple[str, tuple[str, ...], dict[str, str]]] = [
        (name, arguments, {}) for name, (arguments, _) in CALLS.items() if name != "login"
    ]
    calls += [("login", CALLS["login"][0], nobody), ("run", ("run",), nobody)]
    result = subprocess.run(
        [home.command[0], "-c", ELSEWHERE, json.dumps(calls)],
        env=home.environment,
        capture_output=True,
        text=True,
        timeout=100,
    )

    told = result.stderr.splitlines()
    assert json.loads(told[-1]) == {name: code for name, (_, code) in CALLS.items()} | {"run": 1}
    assert "Traceback" not in result.stderr
    assert told[-2] == "corpsync: No character is logged in: corpsync login."


BARRED = ("status", "history", "attention", "sync", "backup", "export", "board", "logout", "doctor")


@pytest.mark.parametrize("barred", ["data", "data/corpsync.db"], ids=["folder", "file"])
def test_a_database_that_may_not_be_read(home: Home, tmp_path: Path, barred: str) -> None:
    copy = tmp_path / "copy"
    (copy / "data").mkdir(parents=True)
    (copy / "data/corpsync.db").write_bytes(home.database.read_bytes())
    (copy / barred).chmod(0)
    sentence = f"corpsync cannot read {copy / 'data/corpsync.db'}: Permission denied."
    for name in BARRED:
        result = run_obeying(home, CALLS[name][0], copy)

        assert result.returncode == 1
        if name in ("attention", "doctor"):
            assert sentence in " ".join(result.stdout.split())
        else:
            assert (result.stdout, result.stderr) == ("", f"corpsync: {sentence}\n")
    (copy / barred).chmod(0o700)


def test_a_folder_of_backups_that_may_not_be_entered(home: Home, tmp_path: Path) -> None:
    backups = tmp_path / "copy/data/backups"
    backups.mkdir(parents=True)
    (backups.parent / "corpsync.db").write_bytes(home.database.read_bytes())
    backups.chmod(0)
    result = run_obeying(home, ["backup"], tmp_path / "copy")
    backups.chmod(0o700)

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"corpsync: corpsync cannot write to {backups}: Permission denied.\n"
    assert [*backups.iterdir()] == []
