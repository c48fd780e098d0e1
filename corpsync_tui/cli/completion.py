"""`corpsync completion`: a script that teaches a shell the commands and their options."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from corpsync_tui.catalog_index import entries
from corpsync_tui.cli import output
from corpsync_tui.settings import Settings

BASH = """\
_corpsync() {{
    local word=${{COMP_WORDS[COMP_CWORD]}}
    case ${{COMP_WORDS[1]}} in
{cases}
        *) COMPREPLY=($(compgen -W "{commands}" -- "$word")) ;;
    esac
}}
complete -o default -F _corpsync corpsync
"""
ZSH = """\
autoload -U +X bashcompinit && bashcompinit
{bash}"""
FISH = """\
complete -c corpsync -f -n __fish_use_subcommand -a "{commands}"
{cases}
"""


def run(options: Namespace, _: Settings) -> int:
    """Print the script for the shell."""
    words = vocabulary()
    commands = " ".join(words)
    if options.shell == "fish":
        cases = "\n".join(
            f'complete -c corpsync -n "__fish_seen_subcommand_from {name}" -a "{" ".join(further)}"'
            for name, further in words.items()
        )
        output.lines(FISH.format(commands=commands, cases=cases).splitlines())
        return 0
    cases = "\n".join(
        f'        {name}) COMPREPLY=($(compgen -W "{" ".join(further)}" -- "$word")) ;;'
        for name, further in words.items()
    )
    script = BASH.format(commands=commands, cases=cases)
    output.lines((ZSH.format(bash=script) if options.shell == "zsh" else script).splitlines())
    return 0


def vocabulary() -> dict[str, list[str]]:
    """Each command and the words that may follow it."""
    from corpsync_tui.cli.commands import COMMANDS
    from corpsync_tui.upkeep.export import sources

    words = {}
    for command in COMMANDS:
        parser = ArgumentParser(prog=command.name)
        command.arguments(parser)
        words[command.name] = [name for a in parser._actions for name in a.option_strings]
    words["login"] += entries()
    words["sync"] += entries()
    words["history"] += entries()
    words["export"] += sources()
    words["completion"] += ("bash", "zsh", "fish")
    return words
