"""Help, version, and one line for whatever is wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from corpsync_tui import __version__
from corpsync_tui.cli.commands import COMMANDS
from corpsync_tui.cli.parser import build
from tests.cli.conftest import Run

NAMES = [command.name for command in COMMANDS]


def test_version(corpsync: Run) -> None:
    result = corpsync("--version")

    assert (result.returncode, result.stdout, result.stderr) == (
        0,
        f"corpsync {__version__}\n",
        "",
    )


def test_help_lists_every_command(corpsync: Run, home: Path) -> None:
    result = corpsync("--help")

    assert (result.returncode, result.stderr) == (0, "")
    assert all(f"\n    {name} " in result.stdout for name in NAMES)
    assert not home.exists()


@pytest.mark.parametrize("name", NAMES)
def test_help_of_each_command_has_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        build().parse_args([name, "--help"])

    out = capsys.readouterr().out
    assert ended.value.code == 0
    assert f"usage: corpsync {name}" in out
    assert f"  corpsync {name}" in out or name in ("paths", "completion")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["sing"], "'sing'"),
        (["--loud"], "--loud"),
        (["status", "--loud"], "--loud"),
        (["status", "extra"], "extra"),
        (["sync", "memberz"], "'memberz'"),
        (["sync", "x/members"], "'x/members'"),
        (["history", "--process", "memberz"], "'memberz'"),
        (["history", "--limit", "0"], "'0'"),
        (["history", "--limit", "-5"], "-5"),
        (["history", "--limit"], "--limit"),
        (["history", "--limit", "3000000000"], "no whole number from 1 to 2,147,483,647"),
        (["every", "members", "525601"], "whole minutes, 1 to 525,600"),
        (["export"], "TABLE"),
        (["export", "assets"], "unknown table 'assets'. Did you mean the tables of Assets: asset?"),
        (["export", "Container logs"], "the tables of Container logs: container_log?"),
        (
            ["export", "wallet_jurnal"],
            "unknown table 'wallet_jurnal'. Did you mean 'wallet_journal'?",
        ),
        (["statsu"], "unknown command 'statsu'. Did you mean 'status'?"),
        (["sync", "memberz"], "unknown process 'memberz'. Did you mean 'members'?"),
        (["board", "walet"], "unknown board 'walet'. Did you mean 'wallet'?"),
        (["changes", "--table", "killmails"], "the tables of Killmails: killmail?"),
        (
            ["diff", "mining", "--from", "1d"],
            "the tables of Mining: mining_observer, mining_ledger",
        ),
        (["export", "asset; DROP TABLE asset"], "'asset; DROP TABLE asset'"),
        (["export", "asset", "--format", "xml"], "'xml'"),
        (["completion", "tcsh"], "'tcsh'"),
        (["report", "foo"], "unknown report 'foo': there is only month"),
        (["board", "--format", "csv"], "NAME is missing"),
        (["board", "--json", "-o", "boards.json"], "NAME is missing"),
        (["board", "--missing"], "NAME is missing"),
        (["board", "--by", "place", "--miners"], "NAME is missing"),
        (["board", "--corporation", "5"], "NAME is missing"),
        (["alert", "list", "discord"], "`alert list` takes no NAME"),
        (["alert", "test", "discord", "https://discord.com/x"], "`alert test` takes no URL"),
        (["alert", "remove", "discord", "x"], "`alert remove` takes no URL"),
        (["--no-watch", "status"], "--no-watch"),
        (["export", "member", "-o", ""], "'' names no file"),
        (["board", "wallet", "-o", "."], "'.' names no file"),
        (["calendar", "-o", "/"], "'/' names no file"),
        (["backup", ""], "'' names no file"),
        (["reference", "update", "--file", ""], "'' names no file"),
        (["stock", ""], "'' names no file"),
        (["stat"], "'stat'"),
        (["status", "--js"], "--js"),
        (["status", "\x1b]0;x\x07"], "␛]0;x␇"),
    ],
)
def test_wrong_usage_is_one_line_that_names_it(
    corpsync: Run, arguments: list[str], named: str
) -> None:
    result = corpsync(*arguments)

    assert result.returncode == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert named in result.stderr
    assert result.stderr.startswith("corpsync: ")


@pytest.mark.parametrize(
    "arguments",
    [["history", "--limit"], ["board", "wallet", "--corporation"], ["every", "members"]],
)
def test_a_number_without_an_end_is_not_repeated(corpsync: Run, arguments: list[str]) -> None:
    result = corpsync(*arguments, "9" * 5_000)

    assert (result.returncode, result.stdout) == (2, "")
    assert "'9999" in result.stderr
    assert len(result.stderr) < 200


def test_a_setting_in_the_environment_without_an_end(corpsync: Run) -> None:
    result = corpsync("status", CORPSYNC_MAX_RUNNING="9" * 5_000)

    assert (result.returncode, result.stdout) == (2, "")
    assert "CORPSYNC_MAX_RUNNING" in result.stderr
    assert "a whole number from 1 to 8" in result.stderr


def test_a_broken_settings_file_is_one_sentence(corpsync: Run, home: Path) -> None:
    (home / "config").mkdir(parents=True)
    (home / "config/settings.toml").write_text("max_running = 99\n")
    for command in ("status", "paths", "doctor", "sync", "run"):
        result = corpsync(command)

        assert result.returncode == 2
        assert result.stderr.count("\n") == 1
        assert all(w in result.stderr for w in (str(home), "max_running", "99", "from 1 to 8"))
    assert (home / "config/settings.toml").read_text() == "max_running = 99\n"


def test_the_list_of_boards_is_a_document_too(corpsync: Run) -> None:
    boards = json.loads(corpsync("board", "--json").stdout)["boards"]

    assert boards["wallet"].startswith("What did we earn")
    assert list(boards) == [line.split()[0] for line in corpsync("board").stdout.splitlines()[1:]]


def test_paths(corpsync: Run, home: Path) -> None:
    result = corpsync("paths", "--json")

    assert json.loads(result.stdout) == {
        "home": str(home),
        "data_dir": str(home / "data"),
        "config_file": str(home / "config/settings.toml"),
        "log_dir": str(home / "logs"),
        "cache_dir": str(home / "cache"),
        "database": str(home / "data/corpsync.db"),
    }
    assert not home.exists()
    assert str(home / "data/corpsync.db") in corpsync("paths").stdout


def run_python(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program that must end well."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


def test_the_start_is_cheap(environment: dict[str, str]) -> None:
    heavy = {
        "textual",
        "httpx",
        "keyring",
        "peewee",
        "rich",
        "msgspec",
        "joserfc",
        "asyncio",
        "logging",
    }
    for call in ("", "main(['--help'])", "main(['status'])", "main(['paths'])"):
        code = (
            "import sys\nfrom corpsync_tui.cli import main\n"
            f"{call}\nprint(*sys.modules, file=sys.stderr)"
        )
        loaded = run_python(code, environment).stderr.split()
        assert heavy & set(loaded) == set(), call


def test_httpx_comes_without_a_command_line_of_its_own(environment: dict[str, str]) -> None:
    code = "import sys, corpsync_tui.cli, httpx\nprint(httpx.__version__, *sys.modules)"
    loaded = run_python(code, environment).stdout.split()
    assert {"click", "pygments", "rich"} & set(loaded) == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_command(corpsync: Run, shell: str) -> None:
    result = corpsync("completion", shell)

    assert result.returncode == 0
    assert all(name in result.stdout for name in NAMES)


def test_completion_is_valid_bash(corpsync: Run) -> None:
    script = corpsync("completion", "bash").stdout
    typed = 'COMP_WORDS=(corpsync hi); COMP_CWORD=1; _corpsync; echo "${COMPREPLY[@]}"'
    words = subprocess.run(
        ["bash", "-c", f"{script}\n{typed}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    ).stdout.split()

    assert words == ["history"]
