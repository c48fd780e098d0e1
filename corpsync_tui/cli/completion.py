"""`corpsync completion`: a script that teaches a shell the commands and what follows them.

Everything that is known when the script is printed stands in it; only the characters' names are
asked for while somebody types, since they come and go.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from corpsync_tui.boards import all_boards, board_names
from corpsync_tui.catalog_index import entries
from corpsync_tui.cli import output
from corpsync_tui.settings import Settings
from corpsync_tui.settings.alerts import SINKS
from corpsync_tui.upkeep.export import sources

CHARACTERS = "@characters"
"""Stands for the ids of the characters that are logged in."""
ASK_CHARACTERS = (
    "corpsync status --json 2>/dev/null | sed -n 's/^ *\"character_id\": \\([0-9]*\\).*/\\1/p'"
)
BASH = """\
_corpsync() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command="" words="" i
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} != -* ]] && { command=${COMP_WORDS[i]}; break; }
    done
    case "$command $before" in
@values@
        *) case "$command" in
@words@
        esac ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _corpsync corpsync
"""
ZSH = f"""\
(( $+functions[compdef] )) || {{ autoload -U compinit && compinit; }}
autoload -U +X bashcompinit && bashcompinit
{BASH}"""
"""A shell without a start-up file of its own has not begun its completion."""


@dataclass
class Vocabulary:
    """What may follow a command."""

    options: list[str]
    words: list[str] = field(default_factory=list)
    """In the place of an argument."""
    values: dict[str, list[str]] = field(default_factory=dict)
    """After an option that takes one; where none is known, the shell offers files."""


def run(options: Namespace, _: Settings) -> int:
    """Print the script for the shell."""
    known = vocabulary()
    if options.shell == "fish":
        output.lines(_fish(known))
        return 0
    values = [
        f"{_pattern(command, option)}) words={_quoted(words)} ;;"
        for command, its in known.items()
        for option, words in its.values.items()
    ]
    words = [
        f"{command or repr('')}) words={_quoted([*its.words, *its.options])} ;;"
        for command, its in known.items()
    ]
    script = ZSH if options.shell == "zsh" else BASH
    script = script.replace("@values@", "\n".join(f"        {line}" for line in values))
    output.lines(
        script.replace("@words@", "\n".join(f"            {w}" for w in words)).splitlines()
    )
    return 0


def _pattern(command: str, option: str) -> str:
    return f'"{command} {option}"'


def _quoted(words: list[str]) -> str:
    """The words as bash reads them when the line is completed."""
    return '"' + " ".join(f"$({ASK_CHARACTERS})" if w == CHARACTERS else w for w in words) + '"'


def _fish(known: Mapping[str, Vocabulary]) -> Iterator[str]:
    yield "complete -c corpsync -f"
    for command, its in known.items():
        where = f"__fish_seen_subcommand_from {command}" if command else "__fish_use_subcommand"
        for word in its.words:
            shown = f"({ASK_CHARACTERS})" if word == CHARACTERS else word
            yield f'complete -c corpsync -n "{where}" -a {_fish_quoted(shown)}'
        for option in its.options:
            kind = f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}"
            if words := its.values.get(option):
                kind += f" -x -a {_fish_quoted(' '.join(words))}"
            elif option in its.values:
                kind += " -r -F"
            yield f'complete -c corpsync -n "{where}" {kind}'


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def vocabulary() -> dict[str, Vocabulary]:
    """What may follow each command; under the empty word, what may follow `corpsync` itself."""
    from corpsync_tui.cli.commands import COMMANDS
    from corpsync_tui.cli.parser import build

    known = {"": Vocabulary(_options(build()), [command.name for command in COMMANDS])}
    for command in COMMANDS:
        parser = ArgumentParser(prog=command.name)
        command.arguments(parser)
        its = known[command.name] = Vocabulary([*_options(parser), "--quiet", "--verbose"])
        for action in parser._actions:
            words = [str(c) for c in action.choices or _named(command.name, action.metavar)]
            if action.option_strings:
                takes = action.nargs != 0
                its.values |= {option: words for option in action.option_strings if takes}
            else:
                its.words += words
    return known


def _sums() -> list[str]:
    """What the rows of any board can be summed by, each once."""
    variants = [variant for board in all_boards() for variant in board.variants]
    return list(dict.fromkeys(v.name for v in variants if v.option == "by"))


def _options(parser: ArgumentParser) -> list[str]:
    return [name for action in parser._actions for name in action.option_strings]


def _named(command: str, metavar: object) -> list[str]:
    """What an argument of this name takes."""
    match command, metavar:
        case _, "PROCESS" | "PROCESS[,PROCESS…]":
            return list(entries())
        case _, "TABLE":
            return list(sources())
        case "board", "NAME":
            return list(board_names())
        case "alert", "NAME":
            return list(SINKS)
        case "board", "WHAT":
            return _sums()
        case _, "CHARACTER":
            return [CHARACTERS]
    return []
