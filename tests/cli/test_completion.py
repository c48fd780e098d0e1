"""What a shell offers while a command is typed."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import pytest

from tests.cli.conftest import Run
from tests.cli.logins import Cli


def offered(script: str, *typed: str, before: str = "") -> list[str]:
    """The words that bash offers for the last of those typed."""
    words = " ".join(map(shlex.quote, typed))
    asked = (
        f'COMP_WORDS=({words}); COMP_CWORD={len(typed) - 1}; _corpsync; echo "${{COMPREPLY[@]}}"'
    )
    done = subprocess.run(
        ["bash", "-c", f"{script}\n{before}\n{asked}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.fixture
def script(corpsync: Run) -> str:
    return corpsync("completion", "bash").stdout


def test_bash_offers_what_may_follow(script: str) -> None:
    for typed, words in {
        "ex": ["export"],
        "--vers": ["--version"],
        "export asset": ["asset", "asset_named"],
        "--quiet export member_l": ["member_limit", "member_limit_named"],
        "export asset --format ''": ["csv", "json", "ndjson"],
        "export --f": ["--format"],
        "sync wal": ["wallet"],
        "sync members ma": ["manufacturing", "market"],
        "login --for mem": ["members"],
        "history --process mem": ["members"],
        "changes --table wallet_b": ["wallet_balance", "wallet_balance_named"],
        "board moo": ["moons"],
        "board stock --by g": ["group"],
        "board wallet --by ref": ["ref_type"],
        "board projects --by c": ["contributor"],
        "board moons --format n": ["ndjson"],
        "alert add di": ["discord"],
        "completion f": ["fish"],
    }.items():
        assert offered(script, "corpsync", *shlex.split(typed)) == words, typed


def test_bash_leaves_files_to_itself(script: str) -> None:
    assert offered(script, "corpsync", "export", "asset", "-o", "") == []
    assert "complete -o default -F _corpsync corpsync" in script


def test_characters_are_asked_for_as_they_are(script: str, cli: Cli) -> None:
    cli.welcome()
    (character,) = json.loads(cli.run("status", "--json").stdout)["characters"]
    variables = " ".join(f"{k}={shlex.quote(v)}" for k, v in cli.environment.items())
    run = f'corpsync() {{ env {variables} {sys.executable} -m corpsync_tui "$@"; }}'
    found = offered(script, "corpsync", "logout", "", before=run)
    assert str(character["character_id"]) in found


def test_fish_offers_tables_formats_and_files(corpsync: Run) -> None:
    lines = corpsync("completion", "fish").stdout.splitlines()
    export = 'complete -c corpsync -n "__fish_seen_subcommand_from export"'
    assert f"{export} -a 'asset_named'" in lines
    assert f"{export} -l format -x -a 'csv json ndjson'" in lines
    assert f"{export} -l output -r -F" in lines
    assert 'complete -c corpsync -n "__fish_use_subcommand" -l version' in lines


def test_zsh_begins_its_own_completion_where_no_start_up_file_has(corpsync: Run) -> None:
    begun, borrowed, *rest = corpsync("completion", "zsh").stdout.splitlines()
    assert "functions[compdef]" in begun
    assert begun.endswith("{ autoload -U compinit && compinit; }")
    assert borrowed == "autoload -U +X bashcompinit && bashcompinit"  # asks for the other first
    assert rest == corpsync("completion", "bash").stdout.splitlines()
